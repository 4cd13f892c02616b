// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.config.Settings;
import io.edgewright.testkit.FileModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/**
 * Runs TensorFlow Lite models with XNNPACK and without, on one thread, in turns: how many times faster it is, and what a run of
 * the smallest model costs.
 */
final class LitertBenchmark {

    private static final String DRIVER = "io.edgewright.accelerator.litert";
    private static final List<String> MODELS = List.of(
            "hello_world_int8",
            "kws_ref_model",
            "kws_ref_model_float32",
            "pretrainedResnet_quant",
            "vww_96_int8",
            "vww_96_float",
            "mobilenet_v1_0.25_128_quant",
            "mobilenet_v1_0.25_224_quant",
            "mobilenet_v1_0.25_224_float");
    private static final LoadOptions ONE_THREAD = new LoadOptions(Goal.THROUGHPUT, 1, true, Map.of());
    private static final long TURN_NANOS = 100_000_000;

    private LitertBenchmark() {}

    /**
     * Measures and writes {@code litert.json}.
     *
     * @param arguments the build folder, the folder of the models, and the number of rounds
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        Path models = Path.of(arguments[1]);
        int rounds = Integer.parseInt(arguments[2]);
        if (!Files.isDirectory(models)) {
            System.out.println("skipped: no TensorFlow Lite models at " + models + " (set EDGEWRIGHT_TEST_DATA)");
            return;
        }
        Platform platform = Platform.start(target, false, false, Map.of());
        try (var jars = Files.newDirectoryStream(target.resolve("drivers"), "*.jar")) {
            for (Path jar : jars) {
                platform.context().installBundle(jar.toUri().toString()).start();
            }
        }
        String name = "(&(component.name=" + DRIVER + ")%s)";
        AcceleratorDriver fast = platform.service(AcceleratorDriver.class, name.formatted("(!(xnnpack=false))"));
        List<ModelSession> with = load(fast, models);
        platform.service(Settings.class, "").create(DRIVER, "", Map.of("xnnpack", false));
        AcceleratorDriver plain = platform.service(AcceleratorDriver.class, name.formatted("(xnnpack=false)"));
        List<ModelSession> without = load(plain, models);
        var report = new Report("litert");
        for (int i = 0; i < MODELS.size(); i++) {
            measure(report, MODELS.get(i), with.get(i), without.get(i), rounds);
        }
        report.write(target);
        platform.stop();
        System.exit(0);
    }

    private static List<ModelSession> load(AcceleratorDriver driver, Path models) throws Exception {
        List<ModelSession> sessions = new ArrayList<>();
        for (String model : MODELS) {
            FileModel file = FileModel.of(models.resolve(model + ".tflite"), "tflite");
            sessions.add(driver.load(file, driver.accelerators().get(0), ONE_THREAD));
        }
        return sessions;
    }

    private static void measure(Report report, String model, ModelSession with, ModelSession without, int rounds)
            throws InferenceException {
        double[] fast = new double[rounds];
        double[] slow = new double[rounds];
        double[] ratio = new double[rounds];
        try (Slot first = with.openSlot(Map.of());
                Slot second = without.openSlot(Map.of())) {
            turn(first);
            turn(second);
            for (int i = 0; i < rounds; i++) {
                fast[i] = turn(first);
                slow[i] = turn(second);
                ratio[i] = slow[i] / fast[i];
            }
        }
        report.row(
                "model", model,
                "us without XNNPACK", median(slow),
                "us with", median(fast),
                "times faster", median(ratio));
    }

    /** {@return the median time of a run within a tenth of a second, in microseconds} */
    private static double turn(Slot slot) throws InferenceException {
        var latencies = new Latencies();
        long end = System.nanoTime() + TURN_NANOS;
        long now = System.nanoTime();
        while (latencies.count() < 3 || end - now > 0) {
            slot.run(Deadline.NONE);
            long next = System.nanoTime();
            latencies.add(next - now);
            now = next;
        }
        return latencies.quantileMicros(0.5);
    }

    private static double median(double[] values) {
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }
}
