// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import java.util.ArrayList;
import java.util.List;

/**
 * Name, element type and shape of one model input or output.
 *
 * @param name the graph input or output name, not blank
 * @param type the element type
 * @param shape the dimensions, outermost first, each 0 or more, or {@link #DYNAMIC}; empty for a scalar;
 *     {@link #ANY_SHAPE} where even the rank is open
 */
public record TensorSpec(String name, ElementType type, List<Long> shape) {

    /** A dimension fixed only when the model runs, such as the batch size. */
    public static final long DYNAMIC = -1;

    /** The shape of a tensor whose rank is fixed only when the model runs. */
    public static final List<Long> ANY_SHAPE = List.of(-2L);

    /** Checks and copies. */
    public TensorSpec {
        if (name.isBlank()) {
            throw new IllegalArgumentException("tensor name is blank");
        }
        shape = List.copyOf(shape);
        if (!shape.equals(ANY_SHAPE)) {
            for (long dim : shape) {
                if (dim < 0 && dim != DYNAMIC) {
                    throw new IllegalArgumentException(
                            "tensor '%s': dimension %d in %s is neither 0 or more nor DYNAMIC"
                                    .formatted(name, dim, shape));
                }
            }
        }
    }

    /** {@return true if the rank or a dimension is fixed only when the model runs} */
    public boolean isDynamic() {
        return shape.equals(ANY_SHAPE) || shape.contains(DYNAMIC);
    }

    /**
     * Tells whether a tensor of the given shape fits this spec.
     *
     * @param actual the dimensions of a concrete tensor
     * @return true if the ranks agree and every dimension that is not dynamic is equal
     */
    public boolean accepts(List<Long> actual) {
        if (shape.equals(ANY_SHAPE)) {
            return true;
        }
        if (actual.size() != shape.size()) {
            return false;
        }
        for (int i = 0; i < shape.size(); i++) {
            if (shape.get(i) != DYNAMIC && !shape.get(i).equals(actual.get(i))) {
                return false;
            }
        }
        return true;
    }

    /**
     * {@return the shape of so many elements: the one open dimension is found, of several the first is 1; a vector where the
     * rank is open}
     *
     * @param elements 0 or more
     * @throws IllegalArgumentException if no such shape fits, or several do; the message says which
     */
    public List<Long> shapeOf(long elements) {
        List<Long> found = new ArrayList<>(shape.equals(ANY_SHAPE) ? List.of(DYNAMIC) : shape);
        if (found.indexOf(DYNAMIC) == 0 && found.lastIndexOf(DYNAMIC) > 0) {
            found.set(0, 1L);
        }
        int open = found.indexOf(DYNAMIC);
        if (open != found.lastIndexOf(DYNAMIC)) {
            throw new IllegalArgumentException(
                    "tensor '%s': the shape of %d elements is open, as %s has several dimensions that are"
                            .formatted(name, elements, shape));
        }
        if (open >= 0) {
            found.set(open, 1L);
            long others = Tensor.elements(found);
            found.set(open, others == 0 ? 0 : elements / others);
        }
        if (Tensor.elements(found) != elements) {
            throw new IllegalArgumentException(
                    "tensor '%s': found %d elements, expected %s %s".formatted(name, elements, type, shape));
        }
        return List.copyOf(found);
    }

    /**
     * {@return this shape with every dynamic dimension set to {@code value}; a scalar where the rank is open}
     *
     * @param value the size to put in, 0 or more
     */
    public List<Long> concreteShape(long value) {
        if (shape.equals(ANY_SHAPE)) {
            return List.of();
        }
        return shape.stream().map(dim -> dim == DYNAMIC ? (Long) value : dim).toList();
    }
}
