// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.tensor.Tensor;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;

/**
 * A context to run a pass in without an optimizer: samples in memory, no device.
 *
 * @param original the model before the first pass
 * @param parameters complete
 * @param samples the calibration data
 * @param workFolder for temporary files
 * @param stop asked whether the work is no longer wanted
 */
public record SampledPass(
        ModelFile original,
        Map<String, String> parameters,
        List<Map<String, Tensor>> samples,
        Path workFolder,
        BooleanSupplier stop)
        implements PassContext {

    /**
     * {@return a context that nobody cancels}
     *
     * @param pass whose parameters have their defaults, checked as an optimizer does
     * @param given other parameters, such as {@code keep=0.5,round=16}
     */
    public static SampledPass of(
            OptimizationPass pass,
            String given,
            ModelFile original,
            List<Map<String, Tensor>> samples,
            Path workFolder) {
        Map<String, String> parameters = new TreeMap<>();
        pass.parameters().forEach(p -> parameters.put(p.name(), p.defaultValue()));
        PassStep.parse(pass.name() + "(" + given + ")").parameters().forEach((name, value) -> {
            if (parameters.put(name, value) == null) {
                throw new IllegalArgumentException("pass " + pass.name() + " has no parameter " + name);
            }
        });
        for (PassParameter parameter : pass.parameters()) {
            parameter.check(parameters.getOrDefault(parameter.name(), ""));
        }
        return new SampledPass(original, parameters, samples, workFolder, () -> false);
    }

    /** {@return the same, but for when it is no longer wanted} */
    public SampledPass stoppedBy(BooleanSupplier other) {
        return new SampledPass(original, parameters, samples, workFolder, other);
    }

    @Override
    public Accelerator device() {
        throw new IllegalStateException("there is no device");
    }

    @Override
    public int calibrationSize() {
        return samples.size();
    }

    @Override
    public Stream<Map<String, Tensor>> calibration() {
        return samples.stream();
    }

    @Override
    public Evaluator evaluator() {
        throw new IllegalStateException("there is no device to run on");
    }

    @Override
    public void progress(double fraction, String message) {
        if (!(fraction >= 0 && fraction <= 1)) {
            throw new IllegalArgumentException("fraction is " + fraction + ", expected 0..1");
        }
    }

    @Override
    public boolean cancelled() {
        return stop.getAsBoolean();
    }
}
