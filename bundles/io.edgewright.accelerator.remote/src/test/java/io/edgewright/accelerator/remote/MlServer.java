// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** A real MLServer in a process of its own. */
final class MlServer implements AutoCloseable {

    private static final Path RUNTIME = Path.of("../../integration-tests/mlserver/identity.py");

    private final HttpClient client = HttpClient.newHttpClient();
    private final Path folder;
    private final int port;
    private final Process process;

    private MlServer(Path folder, int port, Process process) {
        this.folder = folder;
        this.port = port;
        this.process = process;
    }

    /** Starts it; the test is skipped, and says so, where MLServer is not installed. */
    static MlServer start(Path folder) throws IOException, InterruptedException {
        String python = System.getenv().getOrDefault("EDGEWRIGHT_MLSERVER_PYTHON", "");
        Assumptions.assumeTrue(
                !python.isBlank() && Files.isExecutable(Path.of(python)),
                "skipped: set EDGEWRIGHT_MLSERVER_PYTHON to a Python with mlserver (.ci/run installs it)");
        Files.copy(RUNTIME, folder.resolve("identity.py"));
        int port = freePort();
        Files.writeString(
                folder.resolve("settings.json"),
                "{\"host\":\"127.0.0.1\",\"http_port\":%d,\"grpc_port\":%d,\"metrics_port\":%d,\"parallel_workers\":0,\"debug\":false}"
                        .formatted(port, freePort(), freePort()));
        Process process = new ProcessBuilder(
                        python, "-c", "from mlserver.cli import main; main()", "start", folder.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlserver.log").toFile())
                .start();
        var server = new MlServer(folder, port, process);
        try {
            server.awaitReady();
        } catch (AssertionError | InterruptedException e) {
            server.close();
            throw e;
        }
        return server;
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** Serves a model {@code x -> y = x}, in place of one of the same name. */
    void serve(String name, TensorSpec x, boolean slow) throws IOException {
        String spec =
                "[{\"name\":\"%s\",\"datatype\":\"" + x.type().protocolName() + "\",\"shape\":" + x.shape() + "}]";
        Path model = Files.createDirectories(folder.resolve(name));
        Files.writeString(
                model.resolve("model-settings.json"),
                "{\"name\":\"%s\",\"implementation\":\"identity.Identity\",\"inputs\":%s,\"outputs\":%s,"
                                .formatted(name, spec.formatted("x"), spec.formatted("y"))
                        + "\"parameters\":{\"version\":\"1.0.0\",\"extra\":{\"seconds\":" + (slow ? 20 : 0) + "}}}");
        var request = HttpRequest.newBuilder(URI.create(url() + "/v2/repository/models/" + name + "/load"))
                .timeout(Duration.ofSeconds(60))
                .POST(BodyPublishers.ofString("{}"))
                .build();
        try {
            var response = client.send(request, BodyHandlers.ofString());
            if (response.statusCode() != 200) {
                throw new IOException("MLServer did not load " + name + ": " + response.body());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        try {
            process.waitFor(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void awaitReady() throws InterruptedException {
        long end = System.nanoTime() + Duration.ofSeconds(120).toNanos();
        while (!isReady()) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("MLServer did not start; its log is " + folder.resolve("mlserver.log"));
            }
            TimeUnit.MILLISECONDS.sleep(100);
        }
    }

    private boolean isReady() throws InterruptedException {
        var request = HttpRequest.newBuilder(URI.create(url() + "/v2/health/ready"))
                .timeout(Duration.ofSeconds(5))
                .build();
        try {
            return client.send(request, BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false; // not listening yet
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
