// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway in front of another one that serves as its cluster. The other is killed and started again while clients ask;
 * the property {@code remote.rounds} of the build says how often.
 */
@Timeout(value = 1500, unit = TimeUnit.SECONDS)
class RemoteDrillIT {

    private static final int ROUNDS = Integer.getInteger("edgewright.remote.rounds", 3);
    private static final int CLIENTS = 8;
    private static final long PAUSE_NANOS = 5_000_000; // the clients must not keep the cluster from starting
    private static final String REMOTE = "remote:cluster";

    @TempDir
    static Path folder;

    private static int port;
    private static GatewayProcess cluster;
    private static GatewayProcess edge;

    @BeforeAll
    static void start() throws IOException {
        port = GatewayProcess.freePort();
        cluster = startCluster();
        edge = GatewayProcess.start(folder.resolve("edge"), GatewayProcess.freePort(), "core,http,remote");
        String token = answer(
                        cluster, "POST", "/api/v1/tokens", "{\"name\":\"edge\",\"role\":\"viewer\",\"expiresDays\":1}")
                .get("token")
                .getAsString();
        configure(
                "io.edgewright.runtime",
                "{\"recover.seconds\":0,\"backoff.start.seconds\":1,\"backoff.max.seconds\":1}");
        configure(
                "io.edgewright.accelerator.remote/cluster",
                "{\"name\":\"cluster\",\"url\":\"http://127.0.0.1:" + port + "\",\"token\":\"" + token
                        + "\",\"check\":\"live\",\"check.millis\":200,\"check.max.millis\":500,\"check.failures\":1}");
    }

    @AfterAll
    static void stop() {
        edge.close();
        cluster.close();
    }

    @Test
    void noRequestFailsWhileTheClusterIsKilledAndStartedAgain() throws Exception {
        byte[] model = TestModels.add(1, List.of(1L, 4L));
        serve(cluster, "adder", model, "\"cpu\"");
        awaitTrusted("adder");
        serve(edge, "adder", model, "\"" + REMOTE + "\",\"cpu\"");
        awaitOn(REMOTE);
        Queue<String> failures = new ConcurrentLinkedQueue<>();
        var answers = new AtomicLong();
        var running = new AtomicBoolean(true);
        List<Thread> clients = IntStream.range(0, CLIENTS)
                .mapToObj(c -> new Thread(() -> ask(running, answers, failures), "client-" + c))
                .toList();
        clients.forEach(Thread::start);
        try {
            for (int round = 0; round < ROUNDS && failures.isEmpty(); round++) {
                awaitMore(answers, failures);
                cluster.kill();
                awaitOn("cpu");
                awaitMore(answers, failures);
                cluster = startCluster();
                awaitOn(REMOTE);
            }
            awaitMore(answers, failures);
        } finally {
            running.set(false);
            for (Thread client : clients) {
                client.join(60_000);
            }
        }
        assertThat(failures).isEmpty();
        assertThat(answers.get()).isGreaterThan(100L * ROUNDS);
        System.out.println(answers + " requests answered, 0 failed, while the cluster was killed " + ROUNDS + " times");
    }

    @Test
    void theClusterAnswersAsTheGatewayItself() throws Exception {
        compare("mnist", "classification/mnist-8.onnx", 1, 1, 28, 28);
        compare("squeezenet", "classification/squeezenet-fp16.onnx", 1, 3, 224, 224);
    }

    private static void compare(String name, String file, int... shape) throws IOException {
        byte[] model = Files.readAllBytes(TestData.require(file));
        serve(cluster, name, model, "\"cpu\"");
        serve(edge, name, model, "\"cpu\"");
        JsonObject input = input(name);
        var random = new Random(3);
        var data = new JsonArray();
        IntStream.range(0, IntStream.of(shape).reduce(1, (a, b) -> a * b))
                .forEach(i -> data.add(random.nextFloat() * 255));
        String request = "{\"inputs\":[{\"name\":" + input.get("name") + ",\"datatype\":" + input.get("datatype")
                + ",\"shape\":" + java.util.Arrays.toString(shape) + ",\"data\":" + data + "}]}";
        JsonArray here = output(name, request);
        edge.deploy(name, "{\"model\":\"" + name + "\",\"trusted\":true,\"accelerators\":[\"" + REMOTE + "\"]}");
        awaitOn(edge, name, REMOTE);
        JsonArray there = output(name, request);
        assertThat(there)
                .as("%s on the cluster and on the gateway's own processor", name)
                .isEqualTo(here);
        assertThat(here.size()).isGreaterThan(9);
    }

    private static JsonObject input(String model) throws IOException {
        return edge.get("/v2/models/" + model).getAsJsonArray("inputs").get(0).getAsJsonObject();
    }

    private static JsonArray output(String model, String request) throws IOException {
        return answer(edge, "POST", "/v2/models/" + model + "/infer", request)
                .getAsJsonArray("outputs")
                .get(0)
                .getAsJsonObject()
                .getAsJsonArray("data");
    }

    private static void ask(AtomicBoolean running, AtomicLong answers, Queue<String> failures) {
        String body = "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}";
        while (running.get() && failures.isEmpty()) {
            try {
                HttpResponse<String> response =
                        edge.send("POST", "/v2/models/adder/infer", BodyPublishers.ofString(body));
                if (response.statusCode() != 200 || !response.body().contains("[2.0,3.0,4.0,5.0]")) {
                    failures.add(response.statusCode() + " " + response.body());
                }
                answers.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            } catch (IOException e) {
                failures.add(e.toString());
            }
        }
    }

    private static void awaitMore(AtomicLong answers, Queue<String> failures) throws InterruptedException {
        long goal = answers.get() + 50;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(60);
        while (answers.get() < goal && failures.isEmpty()) {
            assertThat(System.nanoTime() - end).as("50 more answers in 60 s").isNegative();
            TimeUnit.MILLISECONDS.sleep(5);
        }
    }

    /** A version that is new when its gateway dies three times is left out there, so it must have served for a while. */
    private static void awaitTrusted(String deployment) throws IOException, InterruptedException {
        Path trial = folder.resolve("cluster/deployments/" + deployment + ".trial");
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(120);
        while (!Files.exists(trial)
                || JsonParser.parseString(Files.readString(trial))
                        .getAsJsonObject()
                        .getAsJsonArray("trusted")
                        .isEmpty()) {
            assertThat(System.nanoTime() - end)
                    .as("%s to name a trusted version", trial)
                    .isNegative();
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private static GatewayProcess startCluster() throws IOException {
        return GatewayProcess.start(folder.resolve("cluster"), port, "core,http");
    }

    private static void serve(GatewayProcess gateway, String name, byte[] model, String accelerators)
            throws IOException {
        gateway.add(name, "1.0.0", model);
        gateway.deploy(name, "{\"model\":\"" + name + "\",\"trusted\":true,\"accelerators\":[" + accelerators + "]}");
        gateway.await("/api/v1/deployments/" + name, s -> List.of("SERVING", "DEGRADED")
                .contains(s.get("state").getAsString()));
    }

    private static void awaitOn(String device) throws IOException {
        awaitOn(edge, "adder", device);
    }

    private static void awaitOn(GatewayProcess gateway, String deployment, String device) throws IOException {
        gateway.await("/api/v1/deployments/" + deployment, s -> s.getAsJsonArray("served").asList().stream()
                .map(v -> v.getAsJsonObject())
                .anyMatch(v -> device.equals(v.get("accelerator").getAsString())));
    }

    private static void configure(String pid, String values) throws IOException {
        answer(edge, "PUT", "/api/v1/settings/" + pid, values);
    }

    private static JsonObject answer(GatewayProcess gateway, String method, String path, String body)
            throws IOException {
        HttpResponse<String> response = gateway.send(method, path, BodyPublishers.ofString(body));
        assertThat(response.statusCode())
                .as("%s %s: %s", method, path, response.body())
                .isBetween(200, 299);
        return response.body().isBlank()
                ? new JsonObject()
                : JsonParser.parseString(response.body()).getAsJsonObject();
    }
}
