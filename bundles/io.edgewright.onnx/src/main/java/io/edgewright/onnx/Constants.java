// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/** What a Constant node says (Constant-13 of ONNX). */
final class Constants {

    private Constants() {}

    static Optional<Weights> of(Node node) {
        if (!node.is("Constant") || node.attributes().size() != 1) {
            return Optional.empty();
        }
        Attribute value = node.attributes().values().iterator().next();
        if (value instanceof Attribute.TensorValue tensor) {
            return Optional.of(tensor.value());
        }
        if (value instanceof Attribute.Int one) {
            return Optional.of(Weights.ofLongs(List.of(), one.value()));
        }
        if (value instanceof Attribute.Real one) {
            return Optional.of(Weights.ofFloats(List.of(), one.value()));
        }
        if (value instanceof Attribute.Text one) {
            return Optional.of(Weights.of(Tensor.ofStrings(List.of(), List.of(one.value()))));
        }
        return vector(value);
    }

    private static Optional<Weights> vector(Attribute value) {
        if (value instanceof Attribute.Ints all) {
            long[] values = all.values().stream().mapToLong(Long::longValue).toArray();
            return Optional.of(Weights.ofLongs(List.of((long) values.length), values));
        }
        if (value instanceof Attribute.Floats all) {
            float[] values = new float[all.values().size()];
            for (int i = 0; i < values.length; i++) {
                values[i] = all.values().get(i);
            }
            return Optional.of(Weights.ofFloats(List.of((long) values.length), values));
        }
        if (value instanceof Attribute.Texts all) {
            return Optional.of(
                    Weights.of(Tensor.ofStrings(List.of((long) all.values().size()), all.values())));
        }
        return Optional.empty();
    }
}
