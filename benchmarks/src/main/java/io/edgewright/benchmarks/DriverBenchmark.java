// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.config.Settings;
import io.edgewright.testkit.FileModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.osgi.framework.ServiceReference;

/** One run of a real model on OpenVINO's plug-in against the driver for the processor, in turns. */
final class DriverBenchmark {

    private static final String PLUGIN = "io.edgewright.accelerator.plugin";
    private static final List<String> MODELS = List.of(
            "classification/squeezenet-fp16.onnx", "detection/fastestdet-coco.onnx", "drone/pulp_dronet_v2.onnx");
    private static final int ROUNDS = 15;
    private static final long ROUND_NANOS = 200_000_000;

    private DriverBenchmark() {}

    /**
     * @param args the build folder, the folder of test data, and OpenVINO's plug-in
     */
    public static void main(String[] args) throws Exception {
        Path target = Path.of(args[0]);
        Path data = Path.of(args[1]);
        if (!Files.isDirectory(data) || !Files.isRegularFile(Path.of(args[2]))) {
            System.out.println("skipped: this takes test data in " + data + " and OpenVINO's plug-in at '" + args[2]
                    + "' (EDGEWRIGHT_TEST_DATA, tools/fetch-providers.sh openvino)");
            return;
        }
        Platform platform = Platform.start(target, false, false, Map.of());
        platform.service(Settings.class, "")
                .create(PLUGIN, "openvino", Map.of("preset", "openvino", "library", args[2]));
        Platform.await("OpenVINO's device", () -> driver(platform, "openvino").isPresent());
        var report = new Report("drivers");
        for (String model : MODELS) {
            compare(report, platform, data.resolve(model), new LoadOptions(Goal.THROUGHPUT, 1, true, Map.of()));
            compare(report, platform, data.resolve(model), new LoadOptions(Goal.LATENCY, 0, true, Map.of()));
        }
        report.write(target);
        platform.stop();
        System.exit(0); // OpenVINO's threads are no daemons
    }

    private static void compare(Report report, Platform platform, Path file, LoadOptions options) throws Exception {
        FileModel model = FileModel.of(file, "onnx");
        AcceleratorDriver plugin = driver(platform, "openvino").orElseThrow();
        AcceleratorDriver cpu = driver(platform, "cpu").orElseThrow();
        try (ModelSession first = cpu.load(model, device(cpu), options);
                ModelSession second = plugin.load(model, device(plugin), options);
                Slot a = first.openSlot(Map.of());
                Slot b = second.openSlot(Map.of())) {
            List<Double> times = new ArrayList<>();
            List<Double> others = new ArrayList<>();
            List<Double> ratios = new ArrayList<>();
            round(a);
            round(b);
            for (int i = 0; i < ROUNDS; i++) {
                double time = round(a);
                double other = round(b);
                times.add(time);
                others.add(other);
                ratios.add(other / time);
            }
            report.row(
                    "model", model.manifest().id().name(),
                    "threads", options.threads() == 0 ? "all" : Integer.toString(options.threads()),
                    "cpu ms", median(times),
                    "openvino ms", median(others),
                    "openvino/cpu", median(ratios));
        }
    }

    /** {@return the median run of a while, in milliseconds} */
    private static double round(Slot slot) throws Exception {
        List<Double> millis = new ArrayList<>();
        long end = System.nanoTime() + ROUND_NANOS;
        while (millis.size() < 3 || System.nanoTime() - end < 0) {
            long start = System.nanoTime();
            slot.run(Deadline.NONE);
            millis.add((System.nanoTime() - start) / 1e6);
        }
        return median(millis);
    }

    private static Accelerator device(AcceleratorDriver driver) {
        return driver.accelerators().get(0);
    }

    private static Optional<AcceleratorDriver> driver(Platform platform, String name) throws Exception {
        for (ServiceReference<AcceleratorDriver> reference :
                platform.context().getServiceReferences(AcceleratorDriver.class, null)) {
            AcceleratorDriver driver = platform.context().getService(reference);
            if (driver != null
                    && driver.name().equals(name)
                    && !driver.accelerators().isEmpty()) {
                return Optional.of(driver);
            }
        }
        return Optional.empty();
    }

    private static double median(List<Double> values) {
        List<Double> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return sorted.get(sorted.size() / 2);
    }
}
