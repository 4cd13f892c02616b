// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;

/** A packaged gateway in a process of its own, on a free loopback port. */
final class GatewayProcess implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(120);

    private final Path home;
    private final Process process;
    private final URI url;
    private final HttpClient client =
            HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(10)).build();

    private GatewayProcess(Path home, Process process, URI url) {
        this.home = home;
        this.process = process;
        this.url = url;
    }

    /** Starts a gateway over a home and waits until it answers. */
    static GatewayProcess start(Path home) throws IOException {
        return start(home, freePort(), "core,http,retail");
    }

    /** Starts a gateway with some features on a port and waits until it answers. */
    static GatewayProcess start(Path home, int port, String features) throws IOException {
        Path script = Path.of(System.getProperty("edgewright.gateway"), "bin", "edgewright");
        Files.createDirectories(home);
        Process process = new ProcessBuilder(
                        script.toString(),
                        "start",
                        "--home",
                        home.toString(),
                        "--port",
                        Integer.toString(port),
                        "--features",
                        features)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        home.resolveSibling(home.getFileName() + ".log").toFile()))
                .start();
        var gateway = new GatewayProcess(home, process, URI.create("http://127.0.0.1:" + port));
        try {
            gateway.awaitReady();
        } catch (AssertionError e) {
            gateway.kill();
            throw e;
        }
        return gateway;
    }

    URI url() {
        return url;
    }

    String token() throws IOException {
        return Files.readString(home.resolve("run/local.token")).strip();
    }

    /** Sends a request as the local administrator. */
    HttpResponse<String> send(String method, String path, BodyPublisher body) throws IOException {
        var request = HttpRequest.newBuilder(url.resolve(path))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + token())
                .method(method, body)
                .build();
        try {
            return client.send(request, BodyHandlers.ofString());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    JsonObject get(String path) throws IOException {
        HttpResponse<String> response = send("GET", path, BodyPublishers.noBody());
        if (response.statusCode() != 200) {
            throw new IOException("GET " + path + ": " + response.statusCode() + " " + response.body());
        }
        return JsonParser.parseString(response.body()).getAsJsonObject();
    }

    /** Adds a model; fails unless it is stored or was already. */
    void add(String name, String version, byte[] model) throws IOException {
        HttpResponse<String> response = send(
                "POST",
                "/api/v1/models?file=m.onnx&name=" + name + "&version=" + version,
                BodyPublishers.ofByteArray(model));
        if (response.statusCode() != 201 && response.statusCode() != 409) {
            throw new AssertionError("add " + name + ": " + response.statusCode() + " " + response.body());
        }
    }

    /** Creates or changes a deployment. */
    void deploy(String name, String settings) throws IOException {
        HttpResponse<String> response = send("PUT", "/api/v1/deployments/" + name, BodyPublishers.ofString(settings));
        if (response.statusCode() / 100 != 2) {
            throw new AssertionError("deploy " + name + ": " + response.statusCode() + " " + response.body());
        }
    }

    /** Asks for a path until the answer is accepted; fails after two minutes with the last answer. */
    JsonObject await(String path, Predicate<JsonObject> accepted) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        JsonObject answer = get(path);
        while (!accepted.test(answer)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + LIMIT + " for " + path + ", last answer: " + answer);
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
            answer = get(path);
        }
        return answer;
    }

    /** Ends the process as a power cut would. */
    void kill() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                kill();
            }
        } catch (InterruptedException e) {
            kill();
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady() {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!answersLive()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("the gateway did not start"
                        + (process.isAlive() ? " within " + LIMIT : ", exit code " + process.exitValue())
                        + "; its log is beside " + home);
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    private boolean answersLive() {
        var request = HttpRequest.newBuilder(url.resolve("/v2/health/live"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return Files.exists(home.resolve("run/local.token"))
                    && client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted while the gateway started", e);
        }
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
