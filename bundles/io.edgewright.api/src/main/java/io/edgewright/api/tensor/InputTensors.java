// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import org.osgi.annotation.versioning.ConsumerType;

/** The inputs of one inference, to be filled. One thread at a time. */
@ConsumerType
public interface InputTensors {

    /**
     * {@return the buffer of this input; direct, native byte order, row-major; filled by the caller before the run; it
     * holds what the last run left in it}
     *
     * <p>An image model with input {@code images: FLOAT32 [1, 3, 640, 640]} takes RGB planes scaled to 0..1 unless its
     * manifest says otherwise; nothing is scaled here.
     *
     * @param name one of the model's inputs
     * @throws IllegalArgumentException if the model has no such input (the message lists those it has), or it is a
     *     STRING input, which has no fixed size: use {@link #write}
     */
    Tensor input(String name);

    /**
     * Copies a whole value into an input; the only way for STRING inputs.
     *
     * @param name one of the model's inputs
     * @param value of the input's type and of the shape these buffers were made for
     * @throws IllegalArgumentException if name, type or shape do not fit; the message says what was expected and found
     */
    default void write(String name, Tensor value) {
        Tensor target = input(name);
        if (target.type() != value.type() || !target.shape().equals(value.shape())) {
            throw new IllegalArgumentException("input '%s' is %s, expected %s".formatted(name, value, target));
        }
        target.data().put(0, value.data(), 0, value.data().limit());
    }
}
