// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One output of a slot, as its parent sees it. A tensor is made anew only when its shape changes. One thread at a time.
 */
final class IsolatedOutput {

    private final TensorSpec spec;
    private @Nullable ByteBuffer memory; // shared with the child; null until a size is known
    private @Nullable Tensor value;
    private boolean placed; // the value lies in shared memory

    /** @param memory for an output of a fixed size, else null */
    IsolatedOutput(TensorSpec spec, @Nullable ByteBuffer memory) {
        this.spec = spec;
        this.memory = memory;
        if (memory != null) {
            value = new Tensor(spec.type(), spec.shape(), memory.duplicate());
            placed = true;
        }
    }

    String name() {
        return spec.name();
    }

    Tensor value() {
        if (value == null) {
            throw new IllegalStateException(
                    "output '" + spec.name() + "' has no value before the first run: its size is not fixed");
        }
        return value;
    }

    /** Takes its part of the answer to a run. {@return the bytes of shared memory that it has got for that} */
    long take(WireReader answer, List<Path> folders) throws IOException {
        int kind = answer.number8();
        long more = 0;
        switch (kind) {
            case Wire.FIXED -> {
                if (!Sizes.isFixed(spec)) {
                    throw new ProtocolException("output '" + spec.name() + "' is said to have a fixed size");
                }
                if (!placed || value == null || !value.shape().equals(spec.shape())) {
                    place(spec.shape(), Math.toIntExact(Sizes.bytes(spec, spec.shape())), false);
                }
            }
            case Wire.PLACED -> placed(answer, false);
            case Wire.MOVED -> {
                String name = answer.text();
                Region larger = Region.map(folders, name, List.of(answer.number64()));
                larger.delete();
                memory = larger.part(0);
                more = larger.bytes();
                placed(answer, true);
            }
            case Wire.INLINE -> inline(answer);
            default -> throw new ProtocolException("output kind " + kind + " is unknown");
        }
        return more;
    }

    private void placed(WireReader answer, boolean moved) throws ProtocolException {
        Tensor old = value;
        boolean same = old != null && answer.shapeIs(old.shape());
        List<Long> shape = old != null && same ? old.shape() : answer.shape();
        int bytes = answer.number32();
        if (old == null || !same || !placed || moved || old.data().limit() != bytes) {
            place(shape, bytes, moved);
        }
    }

    private void place(List<Long> shape, int bytes, boolean moved) throws ProtocolException {
        ByteBuffer whole = memory;
        if (whole == null || bytes < 0 || bytes > whole.capacity()) {
            throw new ProtocolException("output '%s' is said to have %d bytes, shared are %d%s"
                    .formatted(spec.name(), bytes, whole == null ? 0 : whole.capacity(), moved ? " now" : ""));
        }
        value = tensor(shape, whole.slice(0, bytes));
        placed = true;
    }

    private void inline(WireReader answer) throws ProtocolException {
        Tensor old = value;
        boolean same = old != null && !placed && answer.shapeIs(old.shape());
        List<Long> shape = old != null && same ? old.shape() : answer.shape();
        ByteBuffer bytes = answer.bytes();
        if (old != null && same && old.data().limit() == bytes.limit()) {
            old.data().put(0, bytes, 0, bytes.limit());
            return;
        }
        ByteBuffer copy = ByteBuffer.allocateDirect(bytes.limit()).put(bytes).flip();
        value = tensor(shape, copy);
        placed = false;
    }

    private Tensor tensor(List<Long> shape, ByteBuffer data) throws ProtocolException {
        try {
            var tensor = new Tensor(spec.type(), shape, data);
            if (spec.type() == ElementType.STRING && tensor.toStrings().size() != tensor.elements()) {
                throw new ProtocolException("output '" + spec.name() + "' holds another number of texts than " + shape);
            }
            return tensor;
        } catch (IllegalArgumentException | IllegalStateException e) {
            throw new ProtocolException("output '" + spec.name() + "' makes no sense: " + e.getMessage(), e);
        }
    }
}
