// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import io.edgewright.it.kura.KapuaClient.Message;
import io.edgewright.testkit.TestModels;
import io.moquette.broker.Server;
import io.moquette.broker.config.MemoryConfig;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Properties;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** A gateway is managed over a real MQTT broker, with Kapua's topics and payloads, by a client of another make. */
class CloudIT {

    private static final Path[] BUNDLES = Stream.of(
                    "io.edgewright.api",
                    "io.edgewright.kura.bridge",
                    "io.edgewright.onnx",
                    "io.edgewright.onnxruntime",
                    "io.edgewright.isolation",
                    "io.edgewright.accelerator.cpu",
                    "io.edgewright.store.local",
                    "io.edgewright.runtime",
                    "io.edgewright.rest",
                    "io.edgewright.update",
                    "io.edgewright.kura.cloud")
            .map(Gateway::bundle)
            .toArray(Path[]::new);

    @TempDir
    Path folder;

    private Server broker;
    private HttpServer files;
    private String url;
    private byte[] model;
    private String digest;

    @BeforeEach
    void start() throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        var settings = new Properties();
        settings.setProperty("host", "127.0.0.1");
        settings.setProperty("port", Integer.toString(port));
        settings.setProperty("allow_anonymous", "true");
        settings.setProperty("persistence_enabled", "false");
        settings.setProperty("telemetry_enabled", "false");
        broker = new Server();
        broker.startServer(new MemoryConfig(settings));
        url = "tcp://127.0.0.1:" + port;
        System.setProperty("kura.broker", url);

        model = TestModels.add(10, List.of(1L, 4L));
        digest = HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(model));
        files = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        files.createContext("/adder.onnx", exchange -> {
            try (exchange) {
                exchange.sendResponseHeaders(200, model.length);
                exchange.getResponseBody().write(model);
            }
        });
        files.start();
    }

    @AfterEach
    void stop() {
        System.clearProperty("kura.broker");
        files.stop(0);
        broker.stopServer();
    }

    @Test
    void aModelIsFetchedServedAndRemovedFromTheCloud() throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES);
                KapuaClient cloud = new KapuaClient(url)) {
            assertThat(gateway.find("io.edgewright.kura.cloud").getState()).isEqualTo(Bundle.ACTIVE);
            await(
                    cloud,
                    "GET accelerators",
                    m -> m.code() == 200
                            && m.json().getAsJsonArray("accelerators").size() > 0);
            assertThat(cloud.ask("EXEC accelerators/rescan", "").metrics()).containsEntry("accelerators.count", 1L);
            assertThat(cloud.ask("GET status", "").json().get("name").getAsString())
                    .isEqualTo("edgewright");
            assertThat(cloud.ask("GET health", "").code()).isEqualTo(200);
            assertThat(cloud.ask("GET updates", "").metrics()).containsEntry("updates.count", 0L);

            install(cloud);
            assertThat(cloud.ask("GET models", "").metrics()).containsEntry("models.count", 1L);
            assertThat(cloud.ask("GET models/adder/1.0.0", "")
                            .json()
                            .get("digest")
                            .getAsString())
                    .isEqualTo(digest);
            ok(cloud, "PUT deployments/sums", "{\"model\":\"adder\",\"trusted\":true,\"version.floor\":\"1.0.0\"}");
            Message serving = await(cloud, "GET deployments/sums", m -> m.body().contains("\"state\":\"SERVING\""));
            assertThat(serving.metrics())
                    .containsEntry("served.primary.percent", 100L)
                    .containsEntry("served.primary.statistics.failed", 0L);
            ok(cloud, "PUT deployments/sums", "{\"queue.length\":7}");
            assertThat(cloud.ask("GET deployments", "").json().getAsJsonArray("deployments"))
                    .hasSize(1);
            assertThat(cloud.ask("GET deployments/sums/history", "").code()).isEqualTo(200);

            refusesWhatDoesNotGoNow(cloud);
            ok(cloud, "DEL deployments/sums", "");
            await(cloud, "GET deployments/sums", m -> m.code() == 404);
            await(cloud, "DEL models/adder/1.0.0", m -> m.code() == 200);
            assertThat(cloud.ask("GET models", "").metrics()).containsEntry("models.count", 0L);
        }
    }

    @Test
    void whatIsWrongGetsAClearAnswerAndChangesNothing() throws Exception {
        try (Gateway gateway = Gateway.start(folder, BUNDLES);
                KapuaClient cloud = new KapuaClient(url)) {
            assertThat(gateway.find("io.edgewright.kura.cloud").getState()).isEqualTo(Bundle.ACTIVE);
            await(cloud, "GET deployments", m -> m.code() == 200);
            refused(cloud, "GET nowhere", "", 404, "NOT_FOUND");
            refused(cloud, "GET users", "", 404, "NOT_FOUND");
            refused(cloud, "GET deployments/../users", "", 400, "BAD_REQUEST");
            refused(cloud, "PUT deployments/a/b", "{\"model\":\"adder\"}", 404, "NOT_FOUND");
            refused(cloud, "PUT deployments/sums", "{\"model\":\"a/b\"}", 400, "BAD_REQUEST");
            refused(cloud, "PUT deployments/sums", "{\"model\":", 400, "BAD_REQUEST");
            refused(cloud, "PUT deployments/sums", "[]", 400, "BAD_REQUEST");
            refused(cloud, "PUT deployments/sums", "{\"model\":\"adder\",\"odd\":1}", 400, "BAD_REQUEST");
            refused(cloud, "PUT deployments/sums", "{\"model\":\"adder\",\"instances\":-1}", 400, "BAD_REQUEST");
            refused(cloud, "DEL deployments/sums", "", 404, "NOT_FOUND");
            refused(cloud, "DEL models/adder/x", "", 400, "BAD_REQUEST");
            refused(cloud, "EXEC health", "", 400, "METHOD_NOT_ALLOWED");
            refused(cloud, "PUT updates/add-1", "{\"url\":\"file:///etc/passwd\"}", 400, "BAD_REQUEST");
            refused(cloud, "PUT updates/add-1", update("file:///etc/passwd", digest), 400, "BAD_REQUEST");
            refused(cloud, "PUT updates/add-1", update(address(), "abc"), 400, "BAD_REQUEST");
            assertThat(cloud.ask("WHAT health", "").code()).isEqualTo(400);

            ok(cloud, "PUT updates/add-1", update(address(), "0".repeat(64)));
            Message last = end(cloud);
            assertThat(last.metrics()).containsEntry("dp.download.status", "FAILED");
            assertThat(String.valueOf(last.metrics().get("dp.download.error.message")))
                    .contains(digest);
            assertThat(cloud.ask("GET models", "").metrics()).containsEntry("models.count", 0L);
            assertThat(cloud.ask("GET deployments", "").metrics()).containsEntry("deployments.count", 0L);
        }
    }

    private void refusesWhatDoesNotGoNow(KapuaClient cloud) throws Exception {
        refused(cloud, "PUT deployments/sums", "{\"version\":\"0.9.0\"}", 400, "BAD_REQUEST");
        String older = update(address(), digest).replace("1.0.0", "0.9.0");
        refused(cloud, "PUT updates/add-0", older, 400, "BELOW_FLOOR");
        assertThat(cloud.ask("GET updates/add-0", "").code()).isEqualTo(404);
        refused(cloud, "DEL models/adder/1.0.0", "", 400, "IN_USE");
        refused(cloud, "EXEC deployments/sums/rollback", "", 400, "WRONG_STATE");
        refused(cloud, "EXEC deployments/sums/promote", "", 400, "WRONG_STATE");
        refused(cloud, "EXEC updates/add-1/cancel", "", 400, "WRONG_STATE");
    }

    private void install(KapuaClient cloud) throws Exception {
        ok(cloud, "PUT updates/add-1", update(address(), digest));
        Message last = end(cloud);
        assertThat(last.topic()).isEqualTo("$EDC/acme/platform-7/EDGEWRIGHT-V1/NOTIFY/gateway-1/updates");
        assertThat(last.metrics())
                .containsEntry("client.id", "gateway-1")
                .containsEntry("job.id", "add-1")
                .containsEntry("dp.download.status", "COMPLETED")
                .containsEntry("dp.download.progress", 100)
                .containsEntry("dp.download.size", (long) model.length);
        assertThat(cloud.ask("GET updates/add-1", "").json().get("state").getAsString())
                .isEqualTo("SUCCEEDED");
    }

    /** {@return the last notification of an update} */
    private static Message end(KapuaClient cloud) throws InterruptedException {
        for (; ; ) {
            Message next = cloud.notifications.poll(60, TimeUnit.SECONDS);
            assertThat(next).as("a notification").isNotNull();
            if (!"IN_PROGRESS".equals(next.metrics().get("dp.download.status"))) {
                return next;
            }
        }
    }

    private String address() {
        return "http://127.0.0.1:" + files.getAddress().getPort() + "/adder.onnx";
    }

    private static String update(String address, String sha256) {
        return "{\"url\":\"%s\",\"sha256\":\"%s\",\"name\":\"adder\",\"version\":\"1.0.0\"}".formatted(address, sha256);
    }

    private static void ok(KapuaClient cloud, String request, String body) throws Exception {
        Message reply = cloud.ask(request, body);
        assertThat(reply.code()).as("%s: %s", request, reply.body()).isEqualTo(200);
    }

    private static void refused(KapuaClient cloud, String request, String body, int code, String reason)
            throws Exception {
        Message reply = cloud.ask(request, body);
        assertThat(reply.code()).as("%s: %s", request, reply.body()).isEqualTo(code);
        assertThat(reply.metrics().get("reason"))
                .as("%s: %s", request, reply.body())
                .isEqualTo(reason);
        assertThat(String.valueOf(reply.metrics().get("response.exception.message")))
                .isNotBlank();
        assertThat(reply.json().get("error").getAsString()).isNotBlank();
    }

    private static Message await(KapuaClient cloud, String request, Predicate<Message> wanted) throws Exception {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        for (; ; ) {
            Message reply = cloud.ask(request, "");
            if (wanted.test(reply)) {
                return reply;
            }
            assertThat(System.nanoTime() - end)
                    .as("%s: %s", request, reply.body())
                    .isNegative();
        }
    }
}
