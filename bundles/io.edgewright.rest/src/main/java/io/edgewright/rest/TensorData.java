// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/** The bytes of one tensor of a request or answer, somewhere in an array; native byte order. */
final class TensorData {

    private final String name;
    private final ElementType type;
    private final List<Long> shape;
    private final byte[] bytes;
    private final int offset;
    private final int length;

    TensorData(String name, ElementType type, List<Long> shape, byte[] bytes, int offset, int length) {
        this.name = name;
        this.type = type;
        this.shape = List.copyOf(shape);
        this.bytes = bytes;
        this.offset = offset;
        this.length = length;
    }

    String name() {
        return name;
    }

    ElementType type() {
        return type;
    }

    List<Long> shape() {
        return shape;
    }

    byte[] bytes() {
        return bytes;
    }

    int offset() {
        return offset;
    }

    int length() {
        return length;
    }

    /** {@return a view of the bytes} */
    ByteBuffer buffer() {
        return ByteBuffer.wrap(bytes, offset, length).slice().order(ByteOrder.nativeOrder());
    }

    Tensor tensor() {
        return new Tensor(type, shape, buffer());
    }

    /**
     * Checks the framing of a BYTES tensor: a length and that many bytes for each element, and nothing more.
     *
     * @throws HttpProblem 400 saying which element is wrong
     */
    void checkStrings() throws HttpProblem {
        ByteBuffer in = buffer();
        long expected = Tensor.elements(shape);
        for (long i = 0; i < expected; i++) {
            int size = in.remaining() >= 4 ? in.getInt() : -1;
            if (size < 0 || size > in.remaining()) {
                throw HttpProblem.bad("input '%s': element %d of %d runs over the end of the %d bytes given"
                        .formatted(name, i, expected, length));
            }
            in.position(in.position() + size);
        }
        if (in.hasRemaining()) {
            throw HttpProblem.bad(
                    "input '%s': %d bytes are left after %d elements".formatted(name, in.remaining(), expected));
        }
    }
}
