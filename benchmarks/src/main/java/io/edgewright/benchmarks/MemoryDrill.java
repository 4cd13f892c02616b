// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import java.nio.file.Path;
import java.util.Map;

/** Swaps a model of 36 MB again and again, removes it, and looks what is left of it in memory. */
final class MemoryDrill {

    private static final String NAME = "large";
    private static final int SWAPS = 50;

    private MemoryDrill() {}

    /**
     * Drills and writes {@code memory.json}.
     *
     * @param arguments the build folder
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        Platform platform = Platform.start(target, false, false, Map.of());
        platform.store(Workload.MICRO.file(target.resolve("models")), "small", "1.0.0");
        platform.deploy("small", "small", "1.0.0", Map.of()); // all code has run once
        for (int version = 1; version <= 2; version++) {
            platform.store(Models.large(target, version), NAME, version + ".0.0");
        }
        run(platform, target);
        platform.stop();
        System.exit(0);
    }

    private static void run(Platform platform, Path target) throws Exception {
        double start = settled();
        Predictor predictor = platform.deploy(NAME, NAME, "1.0.0", Map.of());
        ask(predictor);
        double loaded = Rss.mib();
        double most = loaded;
        double mostAnonymous = 0;
        long begin = System.nanoTime();
        for (int i = 0; i < SWAPS; i++) {
            String version = i % 2 == 0 ? "2.0.0" : "1.0.0";
            platform.change(NAME, Map.of("version", version));
            platform.awaitServing(NAME, version);
            ask(predictor);
            most = Math.max(most, Rss.mib());
            mostAnonymous = Math.max(mostAnonymous, Rss.anonymousMib());
        }
        double seconds = (System.nanoTime() - begin) / 1e9;
        double swapped = settled();
        platform.remove(NAME);
        double closed = settled();
        var report = new Report("memory");
        report.row(
                "swaps", SWAPS,
                "ms per swap", seconds * 1000 / SWAPS,
                "MiB at start", start,
                "MiB loaded", loaded,
                "MiB most", most,
                "thereof anonymous", mostAnonymous,
                "MiB after swaps", swapped,
                "MiB removed", closed,
                "MiB left", closed - start);
        report.write(target);
    }

    private static void ask(Predictor predictor) throws Exception {
        predictor.predict(
                inputs -> inputs.input("input").floatBuffer().put(0, 1f),
                outputs -> outputs.output("output").floatBuffer().get(0),
                RequestOptions.DEFAULT);
    }

    /** {@return memory once collections change it no more} */
    private static double settled() throws Exception {
        double last = Double.MAX_VALUE;
        for (int i = 0; i < 10; i++) {
            System.gc();
            Thread.sleep(300);
            double now = Rss.mib();
            if (last - now < 1) {
                return now;
            }
            last = now;
        }
        return last;
    }
}
