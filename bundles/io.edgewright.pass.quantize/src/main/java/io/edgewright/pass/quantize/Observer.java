// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** Runs a model over calibration data and looks at values in it. */
final class Observer {

    /** Fewer samples say too little about a value. */
    static final int LEAST_SAMPLES = 16;

    private final OnnxModel model;
    private final PassContext context;
    private final int mostSamples;

    Observer(OnnxModel model, PassContext context, int mostSamples) {
        this.model = model;
        this.context = context;
        this.mostSamples = mostSamples;
    }

    /**
     * {@return what the values were like}
     *
     * @param values FLOAT32 tensors of the main graph
     * @param channelAxes see {@link Observation}
     * @throws OptimizationException with {@code NO_CALIBRATION} if the samples are too few, do not fit or are not finite
     */
    Observation observe(Collection<String> values, Map<String, Integer> channelAxes) throws OptimizationException {
        int size = context.calibrationSize();
        if (size < LEAST_SAMPLES) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "there are %d calibration samples, expected %d or more; 100 are good"
                            .formatted(size, LEAST_SAMPLES));
        }
        var observation = new Observation(channelAxes);
        List<String> inner =
                values.stream().filter(v -> !model.graph().isInput(v)).toList();
        List<String> inputs = values.stream().filter(model.graph()::isInput).toList();
        try (OnnxModel copy = model.copy()) {
            if (!inner.isEmpty()) { // else it runs as it is, so that samples that do not fit are found all the same
                copy.graph().setOutputs(inner.stream().map(ValueInfo::untyped).toList());
                copy.graph().removeUnused();
            }
            runAll(copy, inputs, observation, size);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "the model could not be closed: " + e.getMessage(), e);
        }
        return observation;
    }

    private void runAll(OnnxModel copy, List<String> inputs, Observation observation, int size)
            throws OptimizationException {
        try (OrtModel opened = OrtModel.open(copy, context.workFolder());
                Stream<Map<String, Tensor>> samples = spread(context, size, mostSamples)) {
            int done = 0;
            for (Iterator<Map<String, Tensor>> it = samples.iterator(); it.hasNext(); ) {
                Map<String, Tensor> sample = it.next();
                check(sample, done);
                for (String input : inputs) {
                    Tensor tensor = sample.get(input);
                    if (tensor != null && tensor.type() == ElementType.FLOAT32) {
                        observation.add(input, tensor.floatBuffer().duplicate(), dims(tensor));
                    }
                }
                opened.run(sample, observation::add);
                context.checkCancelled();
                done++;
                context.progress(0.5 * done / Math.min(size, mostSamples), "calibration, sample " + done);
            }
        }
    }

    /** {@return at most so many samples, spread over all} */
    static Stream<Map<String, Tensor>> spread(PassContext context, int size, int most) {
        int[] index = {0};
        return context.calibration().filter(sample -> {
            long i = index[0]++;
            return i * most / size != (i - 1) * most / size || size <= most || i == 0;
        });
    }

    private static long[] dims(Tensor tensor) {
        return tensor.shape().stream().mapToLong(Long::longValue).toArray();
    }

    private void check(Map<String, Tensor> sample, int index) throws OptimizationException {
        List<String> problems = new ArrayList<>();
        for (ValueInfo input : model.graph().inputs()) {
            Tensor tensor = sample.get(input.name());
            if (tensor == null) {
                if (model.graph().initializers().get(input.name()) == null) {
                    problems.add("it lacks the input " + input + ", it has " + sample.keySet());
                }
            } else if (!fits(input, tensor)) {
                problems.add("'%s' is %s, expected %s".formatted(input.name(), tensor, input));
            } else if (tensor.type() == ElementType.FLOAT32 && hasNotFinite(tensor.floatBuffer())) {
                problems.add("'" + input.name() + "' has infinite values, or some that are no number");
            }
        }
        if (!problems.isEmpty()) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION, "calibration sample " + (index + 1) + ": " + String.join("; ", problems));
        }
    }

    private static boolean fits(ValueInfo input, Tensor tensor) {
        boolean type = input.type()
                .map(t -> t.elementType().equals(Optional.of(tensor.type())))
                .orElse(true);
        if (!type || input.shape().isEmpty()) {
            return type;
        }
        List<Dim> dims = input.shape().get();
        if (dims.size() != tensor.shape().size()) {
            return false;
        }
        for (int i = 0; i < dims.size(); i++) {
            if (dims.get(i).isFixed() && dims.get(i).size() != tensor.shape().get(i)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasNotFinite(FloatBuffer values) {
        for (int i = 0; i < values.limit(); i++) {
            if (!(Math.abs(values.get(i)) <= Float.MAX_VALUE)) {
                return true;
            }
        }
        return false;
    }
}
