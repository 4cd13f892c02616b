// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;

/** Between the shapes of models and those of Kura's descriptors, which have neither scalars nor open ranks. */
final class InputShape {

    private InputShape() {}

    /** {@return the shape that stands in a descriptor: {@code [1]} for a scalar, {@code [-1]} for an open rank} */
    static List<Long> described(TensorSpec spec) {
        if (spec.shape().isEmpty()) {
            return List.of(1L);
        }
        return spec.shape().equals(TensorSpec.ANY_SHAPE) ? List.of(TensorSpec.DYNAMIC) : spec.shape();
    }

    /**
     * {@return the shape of one request}
     *
     * @param spec of the model's input
     * @param given the shape in the request's descriptor; open dimensions are found by the number of elements
     * @param elements in the request
     */
    static List<Long> resolve(TensorSpec spec, List<Long> given, long elements) throws InferenceException {
        try {
            List<Long> shape = given;
            if (given.equals(described(spec))) {
                shape = spec.shapeOf(elements);
            } else if (given.contains(TensorSpec.DYNAMIC)) {
                shape = new TensorSpec(spec.name(), spec.type(), given).shapeOf(elements);
            }
            if (spec.accepts(shape) && Tensor.elements(shape) == elements) {
                return shape;
            }
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
        }
        throw new InferenceException(
                Reason.INPUT_MISMATCH,
                "input '%s' has %d values of shape %s, expected %s %s"
                        .formatted(spec.name(), elements, given, spec.type(), spec.shape()),
                null);
    }
}
