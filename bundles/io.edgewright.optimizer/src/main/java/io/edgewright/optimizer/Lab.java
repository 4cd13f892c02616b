// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The device that a request is for, and the means to run models there. One thread. */
final class Lab implements Evaluator {

    private static final Duration JUDGING = Duration.ofSeconds(20);

    private final AcceleratorDriver driver;
    private final Accelerator device;
    private final ModelFile original; // in its ONNX form
    private final Samples calibration;
    private final Services.Watch watch;
    private final Stopwatch.Pause wanted;
    private final Stopwatch.Pause quiet;
    private BooleanSupplier needed = () -> true; // false once the pass that works with this was taken away
    private @Nullable Judge judge; // for passes, made when one asks

    /**
     * @param original in its ONNX form
     * @param calibration the samples that passes see
     * @param watch how models are timed together
     * @param wanted throws once the work is no longer wanted
     * @param quiet waits for a quiet moment, and checks
     */
    Lab(
            AcceleratorDriver driver,
            Accelerator device,
            ModelFile original,
            Samples calibration,
            Services.Watch watch,
            Stopwatch.Pause wanted,
            Stopwatch.Pause quiet) {
        this.driver = driver;
        this.device = device;
        this.original = original;
        this.calibration = calibration;
        this.watch = watch;
        this.wanted = wanted;
        this.quiet = quiet;
    }

    /** Breaks off what is done for a pass once it is gone. */
    void workWhile(BooleanSupplier there) {
        needed = there;
    }

    private void check() throws OptimizationException {
        wanted.await();
        if (!needed.getAsBoolean()) {
            throw new OptimizationException(Reason.CANCELLED, "the pass was taken away");
        }
    }

    private void awaitQuiet() throws OptimizationException {
        check();
        quiet.await();
    }

    Accelerator device() {
        return device;
    }

    /** {@return the original as the driver loads it by itself} */
    Bench loadOriginal() throws OptimizationException {
        check();
        return Bench.load(driver, device, original, Map.of(), watch.nanos());
    }

    @Override
    public Bench load(Candidate candidate) throws OptimizationException {
        check();
        return Bench.load(driver, device, file(original.manifest(), candidate.file()), candidate.load(), watch.nanos());
    }

    @Override
    public List<Latency> latencies(List<Candidate> candidates) throws OptimizationException {
        List<Bench> loaded = new ArrayList<>();
        try {
            for (Candidate candidate : candidates) {
                Bench bench = load(candidate);
                loaded.add(bench);
                bench.fill(firstSample());
            }
            return Stopwatch.measure(loaded, watch.time(), this::awaitQuiet).stream()
                    .map(Stopwatch.Timing::latency)
                    .toList();
        } finally {
            loaded.forEach(Bench::close);
        }
    }

    @Override
    public Agreement agreement(Candidate candidate, int mostSamples) throws OptimizationException {
        try (Bench bench = load(candidate)) {
            return judge().judge(bench, mostSamples, this::check).agreement();
        }
    }

    private Judge judge() throws OptimizationException {
        Judge made = judge;
        if (made == null) {
            try (Bench bench = loadOriginal()) {
                made = Judge.of(original.manifest(), calibration, bench, JUDGING, this::check);
            }
            judge = made;
        }
        return made;
    }

    /** {@return the inputs that models are timed with} */
    Map<String, Tensor> firstSample() throws OptimizationException {
        try (Stream<Map<String, Tensor>> samples = calibration.stream()) {
            return samples.findFirst()
                    .orElseThrow(() -> new OptimizationException(Reason.NO_CALIBRATION, "there is no sample"));
        } catch (Samples.UnreadableSample e) {
            throw e.toOptimizationException();
        }
    }

    private static ModelFile file(ModelManifest original, Path file) throws OptimizationException {
        try {
            return StepFile.of(original, file);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " cannot be read: " + e.getMessage(), e);
        }
    }
}
