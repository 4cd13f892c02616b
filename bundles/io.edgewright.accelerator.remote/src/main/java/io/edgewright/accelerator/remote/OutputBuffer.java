// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** One output of a slot: its memory is used again while the shape stays the same. One thread at a time. */
final class OutputBuffer {

    private final TensorSpec spec;
    private @Nullable Tensor tensor;

    OutputBuffer(TensorSpec spec) {
        this.spec = spec;
        if (!spec.isDynamic() && spec.type() != ElementType.STRING) {
            this.tensor = Tensor.zeros(spec.type(), spec.shape());
        }
    }

    TensorSpec spec() {
        return spec;
    }

    Tensor tensor() {
        Tensor present = tensor;
        if (present == null) {
            throw new IllegalStateException("output '" + spec.name() + "' has no value before the first run");
        }
        return present;
    }

    /** Refuses what the server says about this output if that cannot be. */
    void check(List<Long> shape, long bytes) throws Trouble {
        if (!spec.accepts(shape)) {
            throw lie("has the shape %s, expected %s (-1 is any size)".formatted(shape, spec.shape()));
        }
        long elements = elements(shape);
        if (spec.type() == ElementType.STRING
                ? bytes < 4 * elements
                : bytes != elements * spec.type().bytes()) {
            throw lie("has %d bytes for the shape %s of %s".formatted(bytes, shape, spec.type()));
        }
    }

    /** Takes a value over; its shape and length have been checked. */
    void set(List<Long> shape, byte[] from, int offset, int length) throws Trouble {
        if (spec.type() == ElementType.STRING) {
            checkStrings(shape, from, offset, length);
        } else if (spec.type() == ElementType.BOOL) {
            checkBooleans(from, offset, length);
        }
        Tensor present = tensor;
        boolean fits = present != null
                && present.data().limit() == length
                && present.shape().equals(shape);
        if (present == null || !fits) {
            ByteBuffer memory = ByteBuffer.allocateDirect(length).order(ByteOrder.nativeOrder());
            present = new Tensor(spec.type(), shape, memory);
            tensor = present;
        }
        present.data().put(0, from, offset, length);
    }

    Trouble lie(String found) {
        return new Trouble(Kind.PROTOCOL, "output '" + spec.name() + "' " + found);
    }

    private long elements(List<Long> shape) throws Trouble {
        try {
            return Tensor.elements(shape);
        } catch (IllegalArgumentException e) {
            throw lie("has the shape " + shape + ", which is too large");
        }
    }

    private void checkStrings(List<Long> shape, byte[] from, int offset, int length) throws Trouble {
        ByteBuffer in = ByteBuffer.wrap(from, offset, length).order(ByteOrder.nativeOrder());
        long expected = elements(shape);
        long found = 0;
        while (in.hasRemaining()) {
            int size = in.remaining() < 4 ? -1 : in.getInt();
            if (size < 0 || size > in.remaining()) {
                throw lie(
                        "has an element of %d bytes at byte %d of %d".formatted(size, in.position() - offset, length));
            }
            in.position(in.position() + size);
            found++;
        }
        if (found != expected) {
            throw lie("has %d elements, expected %d for the shape %s".formatted(found, expected, shape));
        }
    }

    private void checkBooleans(byte[] from, int offset, int length) throws Trouble {
        for (int i = offset; i < offset + length; i++) {
            if (from[i] != 0 && from[i] != 1) {
                throw lie("has the byte %d for a BOOL, expected 0 or 1".formatted(from[i]));
            }
        }
    }
}
