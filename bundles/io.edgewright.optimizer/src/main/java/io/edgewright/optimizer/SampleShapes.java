// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Cuts arrays of many samples along the first dimension, and checks samples against what the model takes. */
final class SampleShapes {

    private SampleShapes() {}

    /**
     * {@return one map of all inputs for each sample}
     *
     * @throws IllegalArgumentException if type or shape do not fit; the message says what was expected
     */
    static List<Map<String, Tensor>> split(Map<String, Tensor> arrays, List<TensorSpec> inputs) {
        int count = 1;
        for (TensorSpec input : inputs) {
            int samples = count(tensor(arrays, input), input);
            if (samples != 1 && count != 1 && samples != count) {
                throw new IllegalArgumentException(
                        "input '%s' has %d samples, another one %d".formatted(input.name(), samples, count));
            }
            count = Math.max(count, samples);
        }
        List<Map<String, Tensor>> all = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            Map<String, Tensor> sample = new LinkedHashMap<>();
            for (TensorSpec input : inputs) {
                sample.put(input.name(), checked(one(tensor(arrays, input), input, i), input, i));
            }
            all.add(sample);
        }
        return all;
    }

    private static Tensor tensor(Map<String, Tensor> arrays, TensorSpec input) {
        Tensor tensor = arrays.get(input.name());
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "input '%s' is missing, found %s".formatted(input.name(), arrays.keySet()));
        }
        return tensor;
    }

    /** {@return how many samples the first dimension holds; 1 if the tensor is one sample} */
    private static int count(Tensor tensor, TensorSpec input) {
        List<Long> shape = tensor.shape();
        if (isOne(shape, input)) {
            return 1;
        }
        boolean many = !shape.isEmpty()
                && shape.size() == input.shape().size()
                && shape.get(0) <= Integer.MAX_VALUE
                && input.accepts(single(shape, 1));
        if (tensor.type() != input.type() || !many) {
            throw new IllegalArgumentException("found %s, but the input '%s' takes %s %s"
                    .formatted(tensor, input.name(), input.type(), input.shape()));
        }
        return shape.get(0).intValue();
    }

    private static boolean isOne(List<Long> shape, TensorSpec input) {
        boolean batch = !input.shape().isEmpty()
                && input.shape().get(0) == TensorSpec.DYNAMIC
                && !shape.isEmpty()
                && shape.get(0) != 1;
        return (input.accepts(shape) && !batch) || lacksBatch(shape, input);
    }

    private static boolean lacksBatch(List<Long> shape, TensorSpec input) {
        return shape.size() == input.shape().size() - 1 && input.accepts(single(shape, 0));
    }

    /** {@return the shape with a first dimension of 1 in the place of the first {@code from}} */
    private static List<Long> single(List<Long> shape, int from) {
        List<Long> single = new ArrayList<>(List.of(1L));
        single.addAll(shape.subList(from, shape.size()));
        return single;
    }

    private static Tensor one(Tensor tensor, TensorSpec input, int index) {
        if (isOne(tensor.shape(), input)) {
            return lacksBatch(tensor.shape(), input)
                    ? new Tensor(tensor.type(), single(tensor.shape(), 0), tensor.data())
                    : tensor;
        }
        if (tensor.type() == ElementType.STRING) {
            throw new IllegalArgumentException("STRING arrays of several samples cannot be cut");
        }
        List<Long> shape = single(tensor.shape(), 1);
        int bytes = Math.toIntExact(Tensor.elements(shape) * tensor.type().bytes());
        ByteBuffer data = tensor.data().slice(index * bytes, bytes).order(ByteOrder.nativeOrder());
        return new Tensor(tensor.type(), shape, data);
    }

    private static Tensor checked(Tensor tensor, TensorSpec input, int index) {
        if (tensor.type() != input.type()) {
            throw new IllegalArgumentException("found %s, but the input '%s' takes %s %s"
                    .formatted(tensor, input.name(), input.type(), input.shape()));
        }
        if (tensor.type().isFloatingPoint() && !Numbers.allFinite(tensor)) {
            throw new IllegalArgumentException(
                    "sample %d of input '%s' has NaN or infinite numbers, expected finite ones"
                            .formatted(index, input.name()));
        }
        return tensor;
    }
}
