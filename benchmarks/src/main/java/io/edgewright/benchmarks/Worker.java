// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.google.gson.Gson;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A process that measures on command: one line with workload, contender, clients and milliseconds in, one line of JSON
 * out. DJL must have a process of its own, as it cannot start where ONNX Runtime runs already; with commands the parent
 * can still let both take turns.
 */
final class Worker {

    /** Ways to run a model. */
    enum Kind {
        /** Edgewright's predictor. */
        EDGEWRIGHT,
        /** ONNX Runtime, tensors made once: the limit. */
        PINNED,
        /** ONNX Runtime as its documentation shows it. */
        NAIVE,
        /** DJL as it comes. */
        DJL,
        /** DJL, told to use one thread in a run. */
        DJL_ONE_THREAD,
        /** DJL, told to do without the arena as well: all that Edgewright finds out by itself. */
        DJL_TUNED;

        boolean isDjl() {
            return this == DJL || this == DJL_ONE_THREAD || this == DJL_TUNED;
        }
    }

    private final Path models;
    private final Optional<Platform> platform;
    private final Map<String, Contender> open = new HashMap<>();

    private Worker(Path models, Optional<Platform> platform) {
        this.models = models;
        this.platform = platform;
    }

    /**
     * Runs until its input ends.
     *
     * @param arguments the build folder, and {@code ort} or {@code djl}
     */
    public static void main(String[] arguments) throws Exception {
        PrintStream out = System.out;
        System.setOut(System.err); // what a library prints must not look like an answer
        Path target = Path.of(arguments[0]);
        Optional<Platform> platform = arguments[1].equals("ort")
                ? Optional.of(Platform.start(target, true, false, Map.of()))
                : Optional.empty();
        var worker = new Worker(target.resolve("models"), platform);
        var in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split(" ");
            Slice slice = worker.measure(
                    Workload.valueOf(words[0]),
                    Kind.valueOf(words[1]),
                    Integer.parseInt(words[2]),
                    Long.parseLong(words[3]));
            out.println(new Gson().toJson(slice));
            out.flush();
        }
        System.exit(0); // libraries leave threads behind
    }

    private Slice measure(Workload workload, Kind kind, int clients, long millis) throws Exception {
        Contender contender = open.get(workload + " " + kind);
        if (contender == null) {
            contender = open(workload, kind, workload.file(models));
            open.put(workload + " " + kind, contender);
        }
        List<Contender.Client> all = new ArrayList<>();
        for (int i = 0; i < clients; i++) {
            all.add(contender.client(workload.request(), new float[workload.outputElements()]));
        }
        return Slice.measure(all, millis);
    }

    private Contender open(Workload workload, Kind kind, Path file) throws Exception {
        return switch (kind) {
            case EDGEWRIGHT -> new EdgewrightContender(platform.orElseThrow(), workload, file);
            case PINNED -> new OrtContender(OrtRuntime.environment(), workload, file, true);
            case NAIVE -> new OrtContender(OrtRuntime.environment(), workload, file, false);
            case DJL -> new DjlContender(workload, file, Map.of());
            case DJL_ONE_THREAD -> new DjlContender(workload, file, Map.of("intraOpNumThreads", "1"));
            case DJL_TUNED ->
                new DjlContender(workload, file, Map.of("intraOpNumThreads", "1", "cpuArenaAllocator", "false"));
        };
    }
}
