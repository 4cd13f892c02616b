// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.google.gson.Gson;
import io.edgewright.benchmarks.Worker.Kind;
import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.File;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;

/**
 * Compares Edgewright with ONNX Runtime and DJL. All take turns, so that a busy machine is busy for all; what is
 * reported are medians over the rounds, and medians of the ratios within each round.
 */
final class Compare {

    private static final int[] CLIENTS = {1, 2, 8};

    private final Path target;
    private final Report report;
    private final int rounds;

    private Compare(Path target, int rounds) {
        this.target = target;
        this.report = new Report("predict");
        this.rounds = rounds;
    }

    /**
     * Compares and writes {@code predict.json}.
     *
     * @param arguments the build folder, and how many rounds
     */
    public static void main(String[] arguments) throws Exception {
        new Compare(Path.of(arguments[0]), Integer.parseInt(arguments[1])).run();
    }

    private void run() throws Exception {
        List<String> jars = Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
                .toList();
        // the plain jar of ONNX Runtime would shadow the bundle's, and the other way round
        String ort =
                jars.stream().filter(j -> !j.matches(".*/onnxruntime-\\d.*")).collect(joined());
        String djl = jars.stream()
                .filter(j -> !j.contains("io.edgewright.onnxruntime"))
                .collect(joined());
        try (Process ours = start(ort, "ort");
                Process theirs = start(djl, "djl")) {
            for (Workload workload : Workload.values()) {
                for (int clients : CLIENTS) {
                    compare(ours, theirs, workload, clients);
                }
            }
        }
        report.write(target);
    }

    private void compare(Process ours, Process theirs, Workload workload, int clients) throws IOException {
        Map<Kind, List<Slice>> slices = new EnumMap<>(Kind.class);
        long millis = workload == Workload.VISION ? 600 : 250;
        for (int round = -2; round < rounds; round++) {
            for (Kind kind : Kind.values()) {
                Process process = kind.isDjl() ? theirs : ours;
                // in the first rounds the compiler is at work
                Slice slice = process.measure(workload, kind, clients, round < 0 ? 2 * millis : millis);
                if (round >= 0) {
                    slices.computeIfAbsent(kind, k -> new ArrayList<>()).add(slice);
                }
            }
        }
        print(workload, clients, slices);
    }

    private void print(Workload workload, int clients, Map<Kind, List<Slice>> slices) {
        List<Slice> ours = slices.getOrDefault(Kind.EDGEWRIGHT, List.of());
        for (Map.Entry<Kind, List<Slice>> entry : slices.entrySet()) {
            List<Slice> found = entry.getValue();
            report.row(
                    "model", workload.label(),
                    "clients", clients,
                    "path", entry.getKey().toString(),
                    "calls/s", median(found, Slice::callsPerSecond),
                    "p50 us", median(found, Slice::p50Micros),
                    "p99 us", median(found, Slice::p99Micros),
                    "cpu us/call", median(found, Slice::cpuMicrosPerCall),
                    "bytes/call", median(found, Slice::bytesPerCall),
                    "our/its time", ratio(ours, found, Slice::p50Micros),
                    "our/its cpu", ratio(ours, found, Slice::cpuMicrosPerCall),
                    "our/its rate", ratio(ours, found, Slice::callsPerSecond));
        }
    }

    static double median(List<Slice> slices, ToDoubleFunction<Slice> value) {
        return middle(slices.stream().mapToDouble(value).toArray());
    }

    static double ratio(List<Slice> above, List<Slice> below, ToDoubleFunction<Slice> value) {
        double[] ratios = new double[above.size()];
        for (int i = 0; i < ratios.length; i++) {
            ratios[i] = value.applyAsDouble(above.get(i)) / value.applyAsDouble(below.get(i));
        }
        return middle(ratios);
    }

    static double middle(double[] values) {
        Arrays.sort(values);
        int half = values.length / 2;
        return values.length % 2 == 1 ? values[half] : (values[half - 1] + values[half]) / 2;
    }

    private static java.util.stream.Collector<CharSequence, ?, String> joined() {
        return Collectors.joining(File.pathSeparator);
    }

    private Process start(String classPath, String kind) throws IOException {
        var builder = new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx512m",
                "-XX:+UseSerialGC",
                "-Dorg.slf4j.simpleLogger.defaultLogLevel=error",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-cp",
                classPath,
                Worker.class.getName(),
                target.toString(),
                kind);
        return new Process(
                builder.redirectError(ProcessBuilder.Redirect.INHERIT).start());
    }

    /** A worker to which commands are sent. */
    private static final class Process implements AutoCloseable {

        private final java.lang.Process process;
        private final BufferedReader in;
        private final BufferedWriter out;

        Process(java.lang.Process process) {
            this.process = process;
            this.in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
            this.out = new BufferedWriter(new OutputStreamWriter(process.getOutputStream(), StandardCharsets.UTF_8));
        }

        Slice measure(Workload workload, Kind kind, int clients, long millis) throws IOException {
            out.write(String.join(" ", workload.name(), kind.name(), Integer.toString(clients), Long.toString(millis))
                    + "\n");
            out.flush();
            String line = in.readLine();
            if (line == null) {
                throw new IOException("the worker for " + kind + " ended; its error output says why");
            }
            return new Gson().fromJson(line, Slice.class);
        }

        @Override
        public void close() throws IOException {
            out.close();
            try {
                process.waitFor();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            } finally {
                process.destroy();
            }
        }
    }
}
