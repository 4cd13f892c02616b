// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.tensor.TensorSpec;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** What {@link ModelSession#openSlot} asks of shapes, for drivers. */
public final class InputShapes {

    private InputShapes() {}

    /**
     * Checks the shapes that a slot is opened with, and fills in 1 for open dimensions of inputs that are not named.
     *
     * @param where begins the errors, such as {@code model shelf:1.0.0}
     * @param inputs of the session, in graph order
     * @param shapes as given to {@link ModelSession#openSlot}
     * @return the shape of each input, in graph order, without open dimensions; immutable
     * @throws InferenceException with {@code INPUT_MISMATCH} if there is no such input or its shape does not fit
     */
    public static Map<String, List<Long>> resolve(String where, List<TensorSpec> inputs, Map<String, List<Long>> shapes)
            throws InferenceException {
        Map<String, List<Long>> resolved = new LinkedHashMap<>();
        for (TensorSpec input : inputs) {
            List<Long> shape = shapes.getOrDefault(input.name(), input.concreteShape(1));
            if (!input.accepts(shape) || shape.stream().anyMatch(d -> d < 0)) {
                throw mismatch("%s: input '%s' has shape %s, expected %s (-1 is any size, [-2] any shape)"
                        .formatted(where, input.name(), shape, input.shape()));
            }
            resolved.put(input.name(), List.copyOf(shape));
        }
        for (String name : shapes.keySet()) {
            if (!resolved.containsKey(name)) {
                throw mismatch("%s has no input '%s', expected one of %s".formatted(where, name, resolved.keySet()));
            }
        }
        return Collections.unmodifiableMap(resolved);
    }

    private static InferenceException mismatch(String message) {
        return new InferenceException(Reason.INPUT_MISMATCH, message, null);
    }
}
