// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.Collections;
import java.util.List;

/** One input of a slot. One thread at a time. */
final class InputBuffer {

    private final TensorSpec spec;
    private final List<Long> shape;
    private Tensor tensor;

    InputBuffer(TensorSpec spec, List<Long> shape) {
        this.spec = spec;
        this.shape = shape;
        this.tensor = spec.type() == ElementType.STRING
                ? Tensor.ofStrings(shape, Collections.nCopies((int) Tensor.elements(shape), ""))
                : Tensor.zeros(spec.type(), shape);
    }

    TensorSpec spec() {
        return spec;
    }

    List<Long> shape() {
        return shape;
    }

    Tensor value() {
        return tensor;
    }

    /** {@return the buffer that callers fill} */
    Tensor fixed() {
        if (spec.type() == ElementType.STRING) {
            throw new IllegalArgumentException(
                    "input '" + spec.name() + "' is STRING, which has no fixed size: use write");
        }
        return tensor;
    }

    void write(Tensor value) {
        if (value.type() != spec.type() || !value.shape().equals(shape)) {
            throw new IllegalArgumentException(
                    "input '%s' is %s, expected %s %s".formatted(spec.name(), value, spec.type(), shape));
        }
        if (spec.type() != ElementType.STRING) {
            tensor.data().put(0, value.data(), 0, value.data().limit());
            return;
        }
        tensor = checked(value).copy();
    }

    private Tensor checked(Tensor value) {
        int elements;
        try {
            elements = value.toStrings().size();
        } catch (IllegalStateException e) {
            throw new IllegalArgumentException("input '" + spec.name() + "': " + e.getMessage(), e);
        }
        if (elements != value.elements()) {
            throw new IllegalArgumentException("input '%s' has %d strings, expected %d for the shape %s"
                    .formatted(spec.name(), elements, value.elements(), shape));
        }
        return value;
    }
}
