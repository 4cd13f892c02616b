// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.List;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/** The buffer of one input. PyTorch's tensor lies over it, so filling the buffer is all there is to do. */
final class TorchInput implements AutoCloseable {

    private final TorchSignature.Input input;
    private final Tensor buffer;
    private final @Nullable Pointer address;
    private final @Nullable IValue tensor;

    TorchInput(TorchSignature.Input input, List<Long> shape) {
        this.input = input;
        this.buffer = Tensor.zeros(input.spec().type(), shape);
        if (input.kind() != TorchSignature.Kind.TENSOR) {
            this.address = null;
            this.tensor = null;
            return;
        }
        ScalarType type = TorchTypes.scalarType(input.spec().type()).orElseThrow();
        long[] sizes = shape.stream().mapToLong(Long::longValue).toArray();
        Pointer memory = new Pointer(buffer.data());
        try (TensorOptions options = new TensorOptions(type)) {
            org.bytedeco.pytorch.Tensor over =
                    buffer.elements() == 0 ? torch.zeros(sizes, options) : torch.from_blob(memory, sizes, options);
            try (over) {
                this.tensor = new IValue(over);
            }
        }
        this.address = memory;
    }

    TorchSignature.Input input() {
        return input;
    }

    /** {@return what the caller fills} */
    Tensor buffer() {
        return buffer;
    }

    /** {@return the argument: always the same for a tensor; a number is read from the buffer} */
    IValue value() {
        IValue fixed = tensor;
        if (fixed != null) {
            return fixed;
        }
        ByteBuffer data = buffer.data();
        return switch (input.kind()) {
            case INT -> new IValue(whole(data));
            case FLOAT -> new IValue(data.limit() == Float.BYTES ? data.getFloat(0) : data.getDouble(0));
            case BOOL -> new IValue(data.get(0) != 0);
            case TENSOR -> throw new IllegalStateException("a tensor has its value already");
        };
    }

    /** {@return true if {@link #value} makes a new object for each run} */
    boolean isNumber() {
        return tensor == null;
    }

    private long whole(ByteBuffer data) {
        return switch (input.spec().type()) {
            case INT8 -> data.get(0);
            case UINT8 -> Byte.toUnsignedLong(data.get(0));
            case INT16 -> data.getShort(0);
            case UINT16 -> Short.toUnsignedLong(data.getShort(0));
            case INT32 -> data.getInt(0);
            case UINT32 -> Integer.toUnsignedLong(data.getInt(0));
            default -> data.getLong(0);
        };
    }

    @Override
    public void close() {
        if (tensor != null) {
            tensor.close();
        }
        if (address != null) {
            address.close();
        }
    }
}
