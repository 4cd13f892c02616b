// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.accelerator.remote.RemoteDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;

/**
 * Compares the remote accelerator with the official client in Python ({@code tritonclient}), and both with a socket that
 * sends a request made beforehand and does not look at the answer: what a client takes on top of that is its own cost.
 * All ask an identity model of the same MLServer and take turns.
 */
final class RemoteBenchmark {

    private static final List<Integer> FLOATS = List.of(256, 3 * 224 * 224);
    private static final int ROUNDS = 9;
    private static final int MILLIS = 1000;

    private RemoteBenchmark() {}

    /**
     * Compares and writes {@code remote.json}.
     *
     * @param arguments the build folder, the project's root, and a Python with mlserver and tritonclient
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        Path root = Path.of(arguments[1]);
        String python = arguments[2];
        Path folder = Files.createTempDirectory(Files.createDirectories(target), "mlserver");
        int port = freePort();
        Process server = startServer(root, folder, python, port);
        var report = new Report("remote");
        try {
            for (int floats : FLOATS) {
                compare(root, folder, python, port, floats, report);
            }
        } finally {
            server.descendants().forEach(ProcessHandle::destroyForcibly);
            server.destroyForcibly();
        }
        report.write(target);
        System.exit(0);
    }

    private static void compare(Path root, Path folder, String python, int port, int floats, Report report)
            throws Exception {
        RemoteDriver driver = new RemoteDriver(
                Configs.of(
                        RemoteDriver.Config.class,
                        Map.of("name", "mlserver", "url", "http://127.0.0.1:" + port, "model.path", "{name}")),
                List.of());
        Platform.await("MLServer", () -> !driver.accelerators().isEmpty());
        Process triton = new ProcessBuilder(
                        python,
                        root.resolve("benchmarks/src/main/python/tritonclient_bench.py")
                                .toString(),
                        "127.0.0.1:" + port,
                        "echo",
                        Integer.toString(floats))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        var model = FileModel.write(folder, "echo.onnx", "onnx", new byte[] {1});
        try (var session = driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of("x", List.of(1L, (long) floats)));
                var bare = new HttpClient(port);
                BufferedReader said = triton.inputReader()) {
            float[] data = data(floats);
            byte[] content = json(data);
            byte[] head = HttpClient.head("/v2/models/echo/infer", content.length, "Content-Type: application/json");
            measure(
                    report,
                    floats,
                    () -> bare.post(head, content),
                    () -> {
                        slot.input("x").floatBuffer().put(0, data);
                        slot.run(Deadline.NONE);
                        if (slot.output("y").toFloats().length != floats) {
                            throw new IOException("the answer is short");
                        }
                    },
                    () -> ask(triton.getOutputStream(), said));
        } finally {
            triton.destroyForcibly();
            driver.stop();
        }
    }

    private interface Measured {
        double p50Micros() throws Exception;
    }

    private static void measure(
            Report report, int floats, Contender.Client bare, Contender.Client ours, Measured triton) throws Exception {
        List<Slice> bares = new ArrayList<>();
        List<Slice> ourSlices = new ArrayList<>();
        List<Double> tritons = new ArrayList<>();
        for (int round = -3; round < ROUNDS; round++) { // the first ones warm up
            Slice one = Slice.measure(List.of(bare), MILLIS);
            Slice two = Slice.measure(List.of(ours), MILLIS);
            double three = triton.p50Micros();
            if (round >= 0) {
                bares.add(one);
                ourSlices.add(two);
                tritons.add(three);
            }
        }
        double floor = Compare.median(bares, Slice::p50Micros);
        double mine = Compare.median(ourSlices, Slice::p50Micros);
        double theirs = tritons.stream().sorted().toList().get(tritons.size() / 2);
        report.row(
                "bytes",
                floats * Float.BYTES,
                "socket p50 us",
                floor,
                "remote p50 us",
                mine,
                "tritonclient p50 us",
                theirs,
                "ratio",
                mine / theirs,
                "added remote us",
                mine - floor,
                "added tritonclient us",
                theirs - floor,
                "ratio of added",
                (mine - floor) / (theirs - floor),
                "remote bytes/call",
                Compare.median(ourSlices, Slice::bytesPerCall));
    }

    private static double ask(OutputStream to, BufferedReader from) throws IOException {
        to.write((MILLIS + "\n").getBytes(StandardCharsets.US_ASCII));
        to.flush();
        String line = from.readLine();
        if (line == null) {
            throw new IOException("tritonclient has ended");
        }
        return Double.parseDouble(line);
    }

    private static float[] data(int floats) {
        var random = new Random(1);
        float[] data = new float[floats];
        for (int i = 0; i < floats; i++) {
            data[i] = random.nextFloat();
        }
        return data;
    }

    private static byte[] json(float[] data) {
        var json = new StringBuilder(
                "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP32\",\"shape\":[1," + data.length + "],\"data\":[");
        for (int i = 0; i < data.length; i++) {
            json.append(i == 0 ? "" : ",").append(data[i]);
        }
        return json.append("]}]}").toString().getBytes(StandardCharsets.US_ASCII);
    }

    private static Process startServer(Path root, Path folder, String python, int port)
            throws IOException, InterruptedException {
        Files.copy(
                root.resolve("integration-tests/mlserver/identity.py"),
                folder.resolve("identity.py"),
                StandardCopyOption.REPLACE_EXISTING);
        Files.writeString(
                folder.resolve("settings.json"),
                "{\"host\":\"127.0.0.1\",\"http_port\":%d,\"grpc_port\":%d,\"metrics_port\":%d,\"parallel_workers\":0,\"debug\":false}"
                        .formatted(port, freePort(), freePort()));
        String spec = "[{\"name\":\"%s\",\"datatype\":\"FP32\",\"shape\":[1,-1]}]";
        Files.writeString(
                Files.createDirectories(folder.resolve("echo")).resolve("model-settings.json"),
                "{\"name\":\"echo\",\"implementation\":\"identity.Identity\",\"inputs\":%s,\"outputs\":%s}"
                        .formatted(spec.formatted("x"), spec.formatted("y")));
        Process server = new ProcessBuilder(
                        python, "-c", "from mlserver.cli import main; main()", "start", folder.toString())
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve("mlserver.log").toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(server::destroyForcibly));
        if (server.waitFor(1, TimeUnit.SECONDS)) {
            throw new IOException("MLServer ended at once; its log is " + folder.resolve("mlserver.log"));
        }
        return server;
    }

    private static int freePort() throws IOException {
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
