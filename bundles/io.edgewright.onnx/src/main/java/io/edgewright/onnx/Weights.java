// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A constant tensor of a model. Its elements stay in the file until {@link #bytes} asks for them; those made here are in memory.
 * Immutable. Thread-safe.
 */
public final class Weights {

    private final DataType type;
    private final List<Long> shape;
    private final Bytes data;
    private volatile @Nullable ByteBuffer view;

    /**
     * @param data the elements, little-endian; for STRING as in {@link Tensor}
     * @throws IllegalArgumentException if there are more or fewer bytes than the shape takes
     */
    Weights(DataType type, List<Long> shape, Bytes data) {
        this.type = type;
        this.shape = List.copyOf(shape);
        this.data = data;
        long expected = type.bytes(Tensor.elements(this.shape));
        if (type != DataType.STRING && expected != data.length()) {
            throw new IllegalArgumentException(
                    "%s %s takes %d bytes, found %d".formatted(type, this.shape, expected, data.length()));
        }
    }

    /**
     * {@return weights over a buffer, which must not change any more}
     *
     * @param data from position to limit: the elements, row-major, little-endian; 4- and 2-bit types packed as ONNX does
     * @throws IllegalArgumentException if there are more or fewer bytes than the shape takes
     */
    public static Weights of(DataType type, List<Long> shape, ByteBuffer data) {
        if (type == DataType.STRING) {
            throw new IllegalArgumentException(
                    "strings have no bytes of their own, expected another type or of(Tensor)");
        }
        return new Weights(type, shape, new Bytes.InMemory(data.slice()));
    }

    /** {@return a FLOAT32 tensor} */
    public static Weights ofFloats(List<Long> shape, float... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        data.asFloatBuffer().put(values);
        return of(DataType.FLOAT32, shape, data);
    }

    /** {@return an INT64 tensor} */
    public static Weights ofLongs(List<Long> shape, long... values) {
        ByteBuffer data = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        data.asLongBuffer().put(values);
        return of(DataType.INT64, shape, data);
    }

    /** {@return a copy of a tensor} */
    public static Weights of(Tensor tensor) {
        ByteBuffer from = tensor.data().duplicate().rewind();
        ByteBuffer copy = ByteBuffer.allocate(from.remaining()).put(from).flip();
        swapOnBigEndian(copy, Math.max(1, tensor.type().bytes()));
        return new Weights(DataType.of(tensor.type()), tensor.shape(), new Bytes.InMemory(copy));
    }

    /** {@return the element type} */
    public DataType type() {
        return type;
    }

    /** {@return the dimensions, outermost first; empty for a scalar} */
    public List<Long> shape() {
        return shape;
    }

    /** {@return how many elements there are; 1 for a scalar} */
    public long elements() {
        return Tensor.elements(shape);
    }

    /** {@return the size of all elements} */
    public long byteSize() {
        return data.length();
    }

    /**
     * {@return the elements, row-major, little-endian, read-only, from position 0; mapped from the file where that pays}
     *
     * @throws UncheckedIOException if the file cannot be read, such as after {@link OnnxModel#close}, or if there are more than 2 GiB
     * @throws IllegalStateException for STRING
     */
    public ByteBuffer bytes() {
        if (type == DataType.STRING) {
            throw new IllegalStateException(
                    "a STRING tensor has no bytes of its own, expected another type: use tensor()");
        }
        return content();
    }

    private ByteBuffer content() {
        ByteBuffer all = view;
        if (all == null) {
            try {
                all = data.get();
            } catch (IOException e) {
                throw new UncheckedIOException("weights could not be read: " + e.getMessage(), e);
            }
            view = all;
        }
        return all.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * {@return a copy of the elements as 32-bit floats; FLOAT64 is rounded}
     *
     * @throws IllegalStateException if the type is not {@link DataType#isFloat}
     * @throws UncheckedIOException as {@link #bytes}
     */
    public float[] toFloats() {
        ByteBuffer from = bytes();
        float[] to = new float[Math.toIntExact(elements())];
        if (type == DataType.FLOAT32) {
            from.asFloatBuffer().get(to);
            return to;
        }
        for (int i = 0; i < to.length; i++) {
            to[i] = switch (type) {
                case FLOAT64 -> (float) from.getDouble();
                case FLOAT16 -> HalfFloats.toFloat(from.getShort());
                case BFLOAT16 -> Float.intBitsToFloat(from.getShort() << 16);
                default -> throw new IllegalStateException("weights are " + this + ", expected floating point");
            };
        }
        return to;
    }

    /**
     * {@return a copy of the elements; UINT64 keeps its bits}
     *
     * @throws IllegalStateException if the type is neither {@link DataType#isInteger} nor BOOL
     * @throws UncheckedIOException as {@link #bytes}
     */
    public long[] toLongs() {
        ByteBuffer from = bytes();
        long[] to = new long[Math.toIntExact(elements())];
        for (int i = 0; i < to.length; i++) {
            to[i] = switch (type) {
                case INT64, UINT64 -> from.getLong();
                case INT32 -> from.getInt();
                case UINT32 -> from.getInt() & 0xFFFF_FFFFL;
                case INT16 -> from.getShort();
                case UINT16 -> from.getShort() & 0xFFFF;
                case INT8 -> from.get();
                case UINT8, BOOL -> from.get() & 0xFF;
                default -> throw new IllegalStateException("weights are " + this + ", expected integers");
            };
        }
        return to;
    }

    /**
     * {@return a copy as a tensor in a direct buffer}
     *
     * @throws IllegalStateException if our tensors lack the type
     * @throws UncheckedIOException as {@link #bytes}
     */
    public Tensor tensor() {
        ElementType element = type.elementType()
                .orElseThrow(
                        () -> new IllegalStateException("weights are " + this + ", which is no type of our tensors"));
        ByteBuffer from = content();
        ByteBuffer copy = ByteBuffer.allocateDirect(from.remaining()).put(from).flip();
        swapOnBigEndian(copy, Math.max(1, element.bytes()));
        return new Tensor(element, shape, copy);
    }

    /** {@return the same elements in another shape of as many} */
    public Weights reshaped(List<Long> other) {
        if (Tensor.elements(other) != elements()) {
            throw new IllegalArgumentException("%s cannot take the shape %s".formatted(this, other));
        }
        return new Weights(type, other, data);
    }

    /**
     * {@return the same, but written to files as a sparse tensor, which has only those elements whose bits are not all 0, and an
     * INT64 index for each}
     *
     * @throws IllegalStateException for a scalar, STRING, and types of less than a byte
     * @throws UncheckedIOException as {@link #bytes}
     */
    public Weights sparse() {
        if (type.bits() < 8 || shape.isEmpty()) {
            throw new IllegalStateException(
                    "weights are " + this + ", expected one dimension or more and a type of whole bytes");
        }
        return isSparse() ? this : new Weights(type, shape, SparseBytes.compress(bytes(), type.bits() / 8));
    }

    /** {@return true if it is written to files as a sparse tensor, as {@link #sparse} makes it or a file had it} */
    public boolean isSparse() {
        return data instanceof SparseBytes;
    }

    /** {@return the size of what a file has of it, without names and shapes} */
    public long storedSize() {
        return data instanceof SparseBytes sparse ? sparse.storedLength() : byteSize();
    }

    /** {@return true if type, shape and elements are equal; compares bytes, so NaN equals itself and 0 is not -0} */
    public boolean contentEquals(Weights other) {
        return type == other.type
                && shape.equals(other.shape)
                && data.length() == other.data.length()
                && (data.equals(other.data) || content().equals(other.content()));
    }

    Bytes data() {
        return data;
    }

    /** From little-endian to native order or back. */
    static void swapOnBigEndian(ByteBuffer data, int width) {
        if (ByteOrder.nativeOrder() == ByteOrder.BIG_ENDIAN) {
            for (int start = 0; start < data.limit(); start += width) {
                for (int i = 0; i < width / 2; i++) {
                    byte first = data.get(start + i);
                    data.put(start + i, data.get(start + width - 1 - i));
                    data.put(start + width - 1 - i, first);
                }
            }
        }
    }

    /** {@return such as {@code FLOAT32 [64, 3, 3, 3]}} */
    @Override
    public String toString() {
        return type + " " + shape;
    }
}
