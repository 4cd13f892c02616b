// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Several requests in one run: rows of a tensor, as data is row-major. */
final class Batches {

    private Batches() {}

    /** {@return true if all tensors have an open first dimension and are fixed elsewhere} */
    static boolean areBatchable(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return !inputs.isEmpty()
                && inputs.stream().allMatch(Batches::isBatchable)
                && outputs.stream().allMatch(Batches::isBatchable);
    }

    /** {@return true if the request is one row of each input} */
    static boolean isOneItem(Map<String, Tensor> inputs) {
        return inputs.values().stream()
                .allMatch(t -> t.type() != ElementType.STRING
                        && !t.shape().isEmpty()
                        && t.shape().get(0) == 1);
    }

    /** {@return true if names, types and shapes are equal} */
    static boolean areAlike(Map<String, Tensor> a, Map<String, Tensor> b) {
        return a.keySet().equals(b.keySet())
                && a.entrySet().stream().allMatch(e -> {
                    Tensor other = b.get(e.getKey());
                    return other != null
                            && other.type() == e.getValue().type()
                            && other.shape().equals(e.getValue().shape());
                });
    }

    /** {@return a writer of all items, one row each} */
    static InputWriter writer(List<Map<String, Tensor>> items) {
        Map<String, Tensor> first = items.get(0);
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        first.forEach((name, value) -> shapes.put(name, withRows(value.shape(), items.size())));
        return new CheckedWriter() {
            @Override
            public void check(LoadedVersion version) throws InferenceException {
                TensorMaps.check(first, version.inputs()); // the others are alike
            }

            @Override
            public void write(InputTensors inputs) throws InferenceException {
                for (Map.Entry<String, Tensor> one : first.entrySet()) {
                    writeRows(inputs.input(one.getKey()), one.getKey(), one.getValue());
                }
            }

            @Override
            public Map<String, List<Long>> shapes() {
                return shapes;
            }

            private void writeRows(Tensor target, String name, Tensor like) throws InferenceException {
                int row = like.data().limit();
                if (target.type() != like.type() || target.data().limit() != row * items.size()) {
                    throw TensorMaps.mismatch(
                            "input '%s' is %s, %d times that expected %s".formatted(name, like, items.size(), target));
                }
                for (int i = 0; i < items.size(); i++) {
                    Tensor value = items.get(i).getOrDefault(name, like);
                    target.data().put(i * row, value.data(), 0, row);
                }
            }
        };
    }

    /** {@return the answer of each item, copied} */
    static List<Map<String, Tensor>> split(OutputTensors outputs, LoadedVersion version, int items) {
        List<Map<String, Tensor>> answers = new ArrayList<>();
        for (int i = 0; i < items; i++) {
            Map<String, Tensor> answer = new LinkedHashMap<>();
            for (TensorSpec spec : version.outputs()) {
                answer.put(spec.name(), row(outputs.output(spec.name()), spec, i, items));
            }
            answers.add(answer);
        }
        return answers;
    }

    /** {@return the shapes of a batch of that many items} */
    static Map<String, List<Long>> shapes(List<TensorSpec> inputs, int items) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        inputs.forEach(input -> shapes.put(input.name(), input.concreteShape(items)));
        return shapes;
    }

    private static boolean isBatchable(TensorSpec spec) {
        return spec.type() != ElementType.STRING
                && !spec.shape().equals(TensorSpec.ANY_SHAPE)
                && !spec.shape().isEmpty()
                && spec.shape().get(0) == TensorSpec.DYNAMIC
                && spec.shape().lastIndexOf(TensorSpec.DYNAMIC) == 0;
    }

    private static Tensor row(Tensor all, TensorSpec spec, int index, int items) {
        if (all.shape().isEmpty() || all.shape().get(0) != items) {
            throw new IllegalStateException(
                    "output '%s' has shape %s, expected %d rows".formatted(spec.name(), all.shape(), items));
        }
        int bytes = all.data().limit() / items;
        ByteBuffer row = ByteBuffer.allocateDirect(bytes);
        row.put(0, all.data(), index * bytes, bytes);
        return new Tensor(all.type(), withRows(all.shape(), 1), row);
    }

    private static List<Long> withRows(List<Long> shape, long rows) {
        List<Long> changed = new ArrayList<>(shape);
        changed.set(0, rows);
        return List.copyOf(changed);
    }
}
