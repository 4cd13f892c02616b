// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.sun.net.httpserver.HttpServer;
import io.edgewright.api.config.Settings;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.TestModels;
import jakarta.servlet.Servlet;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Hashtable;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;

/**
 * Compares an inference over HTTP, in the binary form of the Open Inference Protocol, with a servlet of the same server
 * that answers the bytes it got. The model answers its input, so both move the same data; they take turns.
 */
final class RestBenchmark {

    private static final List<Integer> FLOATS = List.of(256, 3 * 224 * 224);
    private static final int ROUNDS = 11;
    private static final int MILLIS = 500;
    private static final int WARM_UP_CALLS = 60_000;
    private static final int WARM_UP_BYTES = 2_000_000_000;

    private RestBenchmark() {}

    /**
     * Compares and writes {@code rest.json}.
     *
     * @param arguments the build folder
     */
    public static void main(String[] arguments) throws Exception {
        System.setProperty("sun.net.httpserver.nodelay", "true"); // else its small answers wait for an acknowledgement
        Path target = Path.of(arguments[0]);
        int port = freePort();
        Platform platform = Platform.start(
                target,
                false,
                true,
                Map.of(
                        "org.apache.felix.http.host",
                        "127.0.0.1",
                        "org.osgi.service.http.port",
                        Integer.toString(port)));
        var properties = new Hashtable<String, Object>();
        properties.put("osgi.http.whiteboard.servlet.pattern", "/echo");
        platform.context().registerService(Servlet.class, new Echo(), properties);
        platform.service(Settings.class, "")
                .create("io.edgewright.rest", "", Map.of("requests.per.second", 0, "anonymous.role", "none"));
        var report = new Report("rest");
        for (int floats : FLOATS) {
            compare(platform, target, port, floats, report);
        }
        report.write(target);
        platform.stop();
        System.exit(0);
    }

    private static void compare(Platform platform, Path target, int port, int floats, Report report) throws Exception {
        String name = "echo-" + floats;
        Path file = target.resolve("models").resolve(name + ".onnx");
        Files.createDirectories(file.getParent());
        Files.write(file, TestModels.identity(ElementType.FLOAT32, List.of(1L, (long) floats)));
        platform.store(file, name, "1.0.0");
        platform.deploy(name, name, "1.0.0", Map.of());

        byte[] data = new byte[floats * Float.BYTES];
        InferCall call =
                InferCall.binary(name, "x", new long[] {1, floats}, data).authorized(localToken());
        byte[] infer = call.content();
        byte[] echoHead = HttpClient.head("/echo", infer.length, "Content-Type: application/octet-stream");
        HttpServer plain = plainEcho();
        try (var client = new HttpClient(port);
                var plainClient = new HttpClient(plain.getAddress().getPort())) {
            awaitAnswer(port, echoHead, infer);
            awaitAnswer(port, call.head(), infer);
            Contender.Client plainEcho = () -> plainClient.post(echoHead, infer);
            measure(report, name, infer.length, plainEcho, () -> client.post(echoHead, infer), () -> {
                int length = client.post(call.head(), infer);
                if (length < data.length) {
                    throw new IOException("the answer has " + length + " bytes, expected at least " + data.length);
                }
            });
        } finally {
            plain.stop(0);
        }
    }

    /** The server of the JDK, with a thread for each connection, that answers the bytes it got. */
    private static HttpServer plainEcho() throws IOException {
        HttpServer server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            var thread = new Thread(task, "plain-echo");
            thread.setDaemon(true);
            return thread;
        }));
        server.createContext("/echo", exchange -> {
            try (exchange) {
                byte[] body = exchange.getRequestBody().readAllBytes();
                exchange.getResponseHeaders().set("Content-Type", "application/octet-stream");
                exchange.sendResponseHeaders(200, body.length);
                exchange.getResponseBody().write(body);
            }
        });
        server.start();
        return server;
    }

    private static void measure(
            Report report,
            String name,
            int bytes,
            Contender.Client plainEcho,
            Contender.Client echo,
            Contender.Client infer)
            throws Exception {
        List<Slice> plainEchoes = new ArrayList<>();
        List<Slice> echoes = new ArrayList<>();
        List<Slice> inferences = new ArrayList<>();
        int warmUp = Math.min(WARM_UP_CALLS, WARM_UP_BYTES / bytes); // code runs interpreted at first
        for (int call = 0; call < warmUp; call++) {
            plainEcho.call();
            echo.call();
            infer.call();
        }
        for (int round = 0; round < ROUNDS; round++) {
            plainEchoes.add(Slice.measure(List.of(plainEcho), MILLIS));
            echoes.add(Slice.measure(List.of(echo), MILLIS));
            inferences.add(Slice.measure(List.of(infer), MILLIS));
        }
        report.row(
                "model", name,
                "bytes", bytes,
                "JDK echo p50 us", Compare.median(plainEchoes, Slice::p50Micros),
                "Jetty echo p50 us", Compare.median(echoes, Slice::p50Micros),
                "infer p50 us", Compare.median(inferences, Slice::p50Micros),
                "vs JDK", Compare.ratio(inferences, plainEchoes, Slice::p50Micros),
                "vs Jetty", Compare.ratio(inferences, echoes, Slice::p50Micros),
                "JDK echo cpu us", Compare.median(plainEchoes, Slice::cpuMicrosPerCall),
                "Jetty echo cpu us", Compare.median(echoes, Slice::cpuMicrosPerCall),
                "infer cpu us", Compare.median(inferences, Slice::cpuMicrosPerCall),
                "JDK echo p99 us", Compare.median(plainEchoes, Slice::p99Micros),
                "Jetty echo p99 us", Compare.median(echoes, Slice::p99Micros),
                "infer p99 us", Compare.median(inferences, Slice::p99Micros));
    }

    /** Servlets come a little after their bundles. */
    private static void awaitAnswer(int port, byte[] head, byte[] content) throws Exception {
        Platform.await("an answer over HTTP", () -> {
            try (var client = new HttpClient(port)) {
                return client.post(head, content) > 0;
            } catch (IOException e) {
                return false;
            }
        });
    }

    private static String localToken() throws IOException {
        Path token =
                Path.of(System.getProperty("edgewright.home")).resolve("run").resolve("local.token");
        return Files.readString(token).strip();
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /** Answers the bytes it got. */
    private static final class Echo extends HttpServlet {

        private static final long serialVersionUID = 1L;

        @Override
        protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
            byte[] body = request.getInputStream().readNBytes(request.getContentLength());
            response.setContentType("application/octet-stream");
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        }
    }
}
