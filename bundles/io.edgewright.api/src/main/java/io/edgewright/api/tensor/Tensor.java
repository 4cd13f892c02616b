// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A tensor: element type, concrete shape and its bytes, row-major, native byte order.
 *
 * <p>The buffer is not copied: whoever made the tensor says who owns it (a slot's tensor belongs to the slot). Not
 * thread-safe, as buffers have positions; use absolute access or {@link ByteBuffer#duplicate()} to share one for
 * reading. {@link ElementType#STRING} elements are a 4-byte length in native order followed by that many bytes each.
 */
public final class Tensor {

    private final ElementType type;
    private final List<Long> shape;
    private final ByteBuffer data;
    private @Nullable FloatBuffer floats; // a cached view: making one for each inference would be garbage

    /**
     * Wraps a buffer.
     *
     * @param type the element type
     * @param shape the dimensions, each 0 or more; empty for a scalar
     * @param data the elements from position 0 to the limit; its order is set to native
     * @throws IllegalArgumentException if the buffer does not hold exactly that many elements
     */
    public Tensor(ElementType type, List<Long> shape, ByteBuffer data) {
        this.type = type;
        this.shape = List.copyOf(shape);
        long elements = elements(this.shape);
        if (type != ElementType.STRING && data.limit() != elements * type.bytes()) {
            throw new IllegalArgumentException("a %s tensor of shape %s takes %d bytes, found %d"
                    .formatted(type, shape, elements * type.bytes(), data.limit()));
        }
        this.data = data.order(ByteOrder.nativeOrder());
    }

    /** {@return the element type} */
    public ElementType type() {
        return type;
    }

    /** {@return the dimensions, outermost first; empty for a scalar} */
    public List<Long> shape() {
        return shape;
    }

    /** {@return the elements; always the same buffer object, from position 0 to its limit} */
    public ByteBuffer data() {
        return data;
    }

    /** {@return the number of elements; 1 for a scalar} */
    public long elements() {
        return elements(shape);
    }

    /**
     * {@return the elements as floats; always the same view object, over the same memory}
     *
     * @throws IllegalStateException if the type is not {@link ElementType#FLOAT32}
     */
    public FloatBuffer floatBuffer() {
        FloatBuffer view = floats;
        if (view == null) {
            if (type != ElementType.FLOAT32) {
                throw new IllegalStateException("tensor is " + type + ", expected FLOAT32");
            }
            view = data.duplicate()
                    .order(ByteOrder.nativeOrder())
                    .clear()
                    .limit(data.limit())
                    .asFloatBuffer();
            floats = view;
        }
        return view;
    }

    /**
     * {@return a copy of the elements}
     *
     * @throws IllegalStateException if the type is not {@link ElementType#FLOAT32}
     */
    public float[] toFloats() {
        float[] copy = new float[Math.toIntExact(elements())];
        floatBuffer().get(0, copy);
        return copy;
    }

    /**
     * {@return the elements as text}
     *
     * @throws IllegalStateException if the type is not {@link ElementType#STRING}, or a length runs over the end
     */
    public List<String> toStrings() {
        if (type != ElementType.STRING) {
            throw new IllegalStateException("tensor is " + type + ", expected STRING");
        }
        ByteBuffer in = data.duplicate().order(ByteOrder.nativeOrder()).rewind();
        List<String> strings = new ArrayList<>();
        while (in.hasRemaining()) {
            int length = in.remaining() >= 4 ? in.getInt() : -1;
            if (length < 0 || length > in.remaining()) {
                throw new IllegalStateException("string %d: length %d at byte %d runs over the end at %d"
                        .formatted(strings.size(), length, in.position(), in.limit()));
            }
            byte[] bytes = new byte[length];
            in.get(bytes);
            strings.add(new String(bytes, StandardCharsets.UTF_8));
        }
        return strings;
    }

    /** {@return a deep copy in a direct buffer of its own} */
    public Tensor copy() {
        ByteBuffer copy = allocate(data.limit());
        copy.put(0, data, 0, data.limit());
        return new Tensor(type, shape, copy);
    }

    /**
     * {@return a new tensor of zeros in a direct buffer}
     *
     * @param type any type but {@link ElementType#STRING}
     * @param shape the dimensions, each 0 or more
     */
    public static Tensor zeros(ElementType type, List<Long> shape) {
        if (type == ElementType.STRING) {
            throw new IllegalArgumentException("a STRING tensor has no zeros; use ofStrings");
        }
        return new Tensor(type, shape, allocate(Math.toIntExact(elements(shape) * type.bytes())));
    }

    /**
     * {@return a FLOAT32 tensor that holds a copy of the values}
     *
     * @param shape the dimensions; their product is the number of values
     * @param values the elements, row-major
     */
    public static Tensor ofFloats(List<Long> shape, float... values) {
        ByteBuffer data = allocate(values.length * Float.BYTES);
        data.asFloatBuffer().put(values);
        return new Tensor(ElementType.FLOAT32, shape, data);
    }

    /**
     * {@return an INT64 tensor that holds a copy of the values}
     *
     * @param shape the dimensions; their product is the number of values
     * @param values the elements, row-major
     */
    public static Tensor ofLongs(List<Long> shape, long... values) {
        ByteBuffer data = allocate(values.length * Long.BYTES);
        data.asLongBuffer().put(values);
        return new Tensor(ElementType.INT64, shape, data);
    }

    /**
     * {@return a STRING tensor}
     *
     * @param shape the dimensions; their product is the number of values
     * @param values the elements, row-major
     */
    public static Tensor ofStrings(List<Long> shape, List<String> values) {
        if (values.size() != elements(shape)) {
            throw new IllegalArgumentException(
                    "shape %s takes %d strings, found %d".formatted(shape, elements(shape), values.size()));
        }
        List<byte[]> encoded =
                values.stream().map(v -> v.getBytes(StandardCharsets.UTF_8)).toList();
        ByteBuffer data = allocate(encoded.stream().mapToInt(b -> 4 + b.length).sum());
        for (byte[] bytes : encoded) {
            data.putInt(bytes.length).put(bytes);
        }
        return new Tensor(ElementType.STRING, shape, data.flip());
    }

    /**
     * {@return the product of the dimensions; 1 for a scalar}
     *
     * @param shape the dimensions, each 0 or more
     * @throws IllegalArgumentException if one is negative or the product does not fit
     */
    public static long elements(List<Long> shape) {
        long product = 1;
        for (long dim : shape) {
            if (dim < 0) {
                throw new IllegalArgumentException("dimension " + dim + " in " + shape + " is negative");
            }
            if (dim != 0 && product > Long.MAX_VALUE / 16 / dim) {
                throw new IllegalArgumentException("shape " + shape + " has too many elements");
            }
            product *= dim;
        }
        return product;
    }

    /** Type, shape and bytes are equal. */
    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof Tensor that
                && type == that.type
                && shape.equals(that.shape)
                && data.duplicate().rewind().equals(that.data.duplicate().rewind());
    }

    @Override
    public int hashCode() {
        return 31 * (31 * type.hashCode() + shape.hashCode()) + data.limit();
    }

    /** {@return type and shape, never the data} */
    @Override
    public String toString() {
        return type + " " + shape;
    }

    private static ByteBuffer allocate(int bytes) {
        return ByteBuffer.allocateDirect(bytes).order(ByteOrder.nativeOrder());
    }
}
