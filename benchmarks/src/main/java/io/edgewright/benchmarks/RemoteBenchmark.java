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
import java.util.function.ToDoubleFunction;

/**
 * Compares the remote accelerator with the official client in Python ({@code tritonclient}), and both with a socket that
 * sends a request made beforehand and does not look at the answer: what a client takes on top of that is its own cost.
 * All ask an identity model of the same MLServer and take turns.
 */
final class RemoteBenchmark {

    private static final List<Integer> FLOATS = List.of(256, 3 * 224 * 224);
    private static final int ROUNDS = 9;
    private static final int MILLIS = 1000;
    private static final int WARM_UP_CALLS = 3000; // code runs interpreted at first
    private static final int WARM_UP_BYTES = 60_000_000;

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
                BufferedReader said = triton.inputReader()) {
            float[] data = data(floats);
            byte[] content = json(data);
            byte[] head = HttpClient.head("/v2/models/echo/infer", content.length, "Content-Type: application/json");
            measure(
                    report,
                    floats,
                    port,
                    client -> client.post(head, content),
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

    /** The median time of a call, and the processor time of the client for one call, in microseconds. */
    private record Measured(double p50Micros, double cpuMicros) {}

    private interface Other {
        Measured measure() throws IOException;
    }

    private interface Bare {
        void post(HttpClient client) throws IOException;
    }

    private static void measure(Report report, int floats, int port, Bare bare, Contender.Client ours, Other triton)
            throws Exception {
        List<Slice> bares = new ArrayList<>();
        List<Slice> ourSlices = new ArrayList<>();
        List<Measured> tritons = new ArrayList<>();
        for (int call = 0; call < Math.min(WARM_UP_CALLS, WARM_UP_BYTES / floats / Float.BYTES); call++) {
            ours.call();
        }
        for (int round = -1; round < ROUNDS; round++) { // the first one warms up
            Slice one;
            try (var client = new HttpClient(port)) { // MLServer closes it while the others have their turn
                one = Slice.measure(List.of(() -> bare.post(client)), MILLIS);
            }
            Slice two = Slice.measure(List.of(ours), MILLIS);
            Measured three = triton.measure();
            if (round >= 0) {
                bares.add(one);
                ourSlices.add(two);
                tritons.add(three);
            }
        }
        double floor = Compare.median(bares, Slice::p50Micros);
        double mine = Compare.median(ourSlices, Slice::p50Micros);
        double theirs = median(tritons, Measured::p50Micros);
        double myCpu = Compare.median(ourSlices, Slice::cpuMicrosPerCall);
        double theirCpu = median(tritons, Measured::cpuMicros);
        report.row(
                "bytes", floats * Float.BYTES,
                "socket p50 us", floor,
                "remote p50 us", mine,
                "tritonclient p50 us", theirs,
                "ratio", mine / theirs,
                "remote cpu us", myCpu,
                "tritonclient cpu us", theirCpu,
                "cpu ratio", myCpu / theirCpu,
                "remote bytes/call", Compare.median(ourSlices, Slice::bytesPerCall));
    }

    private static double median(List<Measured> all, ToDoubleFunction<Measured> value) {
        return all.stream().mapToDouble(value).sorted().toArray()[all.size() / 2];
    }

    private static Measured ask(OutputStream to, BufferedReader from) throws IOException {
        to.write((MILLIS + "\n").getBytes(StandardCharsets.US_ASCII));
        to.flush();
        String line = from.readLine();
        if (line == null) {
            throw new IOException("tritonclient has ended");
        }
        String[] words = line.split(" ");
        return new Measured(Double.parseDouble(words[0]), Double.parseDouble(words[1]));
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
