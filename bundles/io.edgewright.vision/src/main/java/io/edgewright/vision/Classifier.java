// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;

/** Makes named classes of the output of a classification model. One thread at a time. */
public final class Classifier {

    /** {@code SCALE/ZERO_POINT}, as inspectors write it. */
    private static final String QUANTIZATION = "[0-9.]+(E-?[0-9]+)?/-?[0-9]{1,9}";

    private final String output;
    private final List<String> labels;
    private final float scale; // of integer outputs: real = scale * (integer - zeroPoint)
    private final long zeroPoint;
    private float[] values = {};

    /**
     * @param signature of a model with one output of one number a class
     * @throws IllegalArgumentException if it has other outputs, or labels of another number; the message says which
     */
    public Classifier(Signature signature) {
        List<TensorSpec> outputs = signature.outputs();
        if (outputs.size() != 1 || !isScores(outputs.get(0), signature.manifest())) {
            throw new IllegalArgumentException(
                    "model %s has the outputs %s, expected one [1, classes] of FLOAT32, FLOAT16, or of INT8 or UINT8 with a property quantization.NAME"
                            .formatted(
                                    signature.manifest().id(),
                                    outputs.stream()
                                            .map(ImageSettings::describe)
                                            .toList()));
        }
        this.output = outputs.get(0).name();
        int classes = Math.toIntExact(Tensor.elements(outputs.get(0).concreteShape(1)));
        this.labels = Labels.of(signature.manifest(), classes);
        String[] units = quantization(signature.manifest(), output).split("/", 2);
        this.scale = units.length == 2 ? Float.parseFloat(units[0]) : 1;
        this.zeroPoint = units.length == 2 ? Long.parseLong(units[1]) : 0;
    }

    /**
     * {@return true if the constructor takes such a model}
     *
     * @param signature of any model
     */
    public static boolean recognises(Signature signature) {
        if (signature.outputs().size() != 1 || !isScores(signature.outputs().get(0), signature.manifest())) {
            return false;
        }
        int names = signature.manifest().labels().size();
        long classes = Tensor.elements(signature.outputs().get(0).concreteShape(1));
        return names == 0 || names == classes || names == classes + 1;
    }

    /**
     * {@return the most probable classes, the most probable first, equals by index}
     *
     * <p>Values that are no probabilities (outside 0..1 or not adding up to 1) go through a softmax first.
     *
     * @param outputs of one run
     * @param count how many, 1 or more
     */
    public List<Classification> top(OutputTensors outputs, int count) {
        Tensor tensor = outputs.output(output);
        if (tensor.elements() != labels.size()) {
            throw new IllegalArgumentException(
                    "output '%s' is %s, expected %d numbers".formatted(output, tensor, labels.size()));
        }
        values = values.length == labels.size() ? values : new float[labels.size()];
        read(tensor, values);
        double rounding = tensor.type().isFloatingPoint() ? 0.02 : 0.02 + 0.5 * scale * values.length;
        if (!areProbabilities(values, rounding)) {
            softmax(values);
        }
        return best(values, Math.min(count, values.length));
    }

    /**
     * Replaces values by their softmax: positive, adding up to 1, in the same order.
     *
     * @param values any finite numbers
     */
    public static void softmax(float[] values) {
        float most = Float.NEGATIVE_INFINITY;
        for (float value : values) {
            most = Math.max(most, value);
        }
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) Math.exp(values[i] - most);
            sum += values[i];
        }
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (values[i] / sum);
        }
    }

    private List<Classification> best(float[] probabilities, int count) {
        boolean[] taken = new boolean[probabilities.length];
        List<Classification> top = new ArrayList<>(count);
        for (int n = 0; n < count; n++) {
            int best = -1;
            for (int i = 0; i < probabilities.length; i++) {
                if (!taken[i] && (best < 0 || probabilities[i] > probabilities[best])) {
                    best = i;
                }
            }
            taken[best] = true;
            top.add(new Classification(best, labels.get(best), probabilities[best]));
        }
        return top;
    }

    private static boolean isScores(TensorSpec spec, ModelManifest manifest) {
        boolean numbers =
                switch (spec.type()) {
                    case FLOAT32, FLOAT16 -> true;
                    case INT8, UINT8 -> quantization(manifest, spec.name()).matches(QUANTIZATION);
                    default -> false;
                };
        List<Long> shape = spec.concreteShape(1);
        long most = shape.stream().mapToLong(Long::longValue).max().orElse(0);
        return numbers && most > 1 && most <= 1_000_000 && Tensor.elements(shape) == most; // one dimension, the rest 1
    }

    private static boolean areProbabilities(float[] values, double tolerance) {
        double sum = 0;
        for (float value : values) {
            if (value < 0 || value > 1.001f) {
                return false;
            }
            sum += value;
        }
        return Math.abs(sum - 1) < tolerance; // half precision adds up to 0.02
    }

    private static String quantization(ModelManifest manifest, String output) {
        return manifest.property("quantization." + output, "");
    }

    private void read(Tensor tensor, float[] into) {
        switch (tensor.type()) {
            case FLOAT32 -> tensor.floatBuffer().get(0, into);
            case FLOAT16 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = HalfFloats.toFloat(tensor.data().getShort(i * 2));
                }
            }
            case INT8 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = scale * (tensor.data().get(i) - zeroPoint);
                }
            }
            case UINT8 -> {
                for (int i = 0; i < into.length; i++) {
                    into[i] = scale * ((tensor.data().get(i) & 0xff) - zeroPoint);
                }
            }
            default ->
                throw new IllegalArgumentException(
                        "output is " + tensor + ", expected FLOAT32, FLOAT16, INT8 or UINT8");
        }
    }
}
