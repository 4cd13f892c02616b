// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.AbstractList;
import java.util.RandomAccess;

/**
 * The elements of a tensor as the list of boxed values that Kura wants. They lie in one array and are boxed only when they
 * are asked for; as an input of a further model they are copied as a whole. Unmodifiable.
 *
 * @param <T> what an element is boxed as
 */
final class ElementView<T> extends AbstractList<T> implements RandomAccess {

    /** Reads one element. */
    @FunctionalInterface
    private interface Reader<T> {
        T read(ByteBuffer bytes, int at);
    }

    private final ByteBuffer bytes;
    private final ElementType type;
    private final Class<T> boxed;
    private final Reader<T> reader;

    private ElementView(ByteBuffer bytes, ElementType type, Class<T> boxed, Reader<T> reader) {
        this.bytes = bytes;
        this.type = type;
        this.boxed = boxed;
        this.reader = reader;
    }

    /**
     * {@return a copy of the elements, boxed as Kura's engine for Triton boxes them: numbers of 8, 16, 32 and 64 bits as
     * Byte, Short, Integer and Long, unsigned ones as the signed number of the same bits; FLOAT16, which that one does not
     * know, as Float; a lone STRING as its bytes, several as bytes with a 4-byte length before each}
     */
    static ElementView<?> of(Tensor tensor) {
        ByteBuffer bytes = ByteBuffer.allocate(tensor.data().limit()).order(ByteOrder.nativeOrder());
        bytes.put(0, tensor.data(), 0, bytes.limit());
        ElementType type = tensor.type();
        return switch (type) {
            case BOOL -> new ElementView<>(bytes, type, Boolean.class, (b, at) -> b.get(at) != 0);
            case INT8, UINT8 -> bytes(bytes);
            case INT16, UINT16 -> new ElementView<>(bytes, type, Short.class, ByteBuffer::getShort);
            case INT32, UINT32 -> new ElementView<>(bytes, type, Integer.class, ByteBuffer::getInt);
            case INT64, UINT64 -> new ElementView<>(bytes, type, Long.class, ByteBuffer::getLong);
            case FLOAT16 -> new ElementView<>(bytes, type, Float.class, (b, at) -> HalfFloats.toFloat(b.getShort(at)));
            case FLOAT32 -> new ElementView<>(bytes, type, Float.class, ByteBuffer::getFloat);
            case FLOAT64 -> new ElementView<>(bytes, type, Double.class, ByteBuffer::getDouble);
            case STRING -> bytes(tensor.elements() == 1 ? bytes.slice(4, bytes.limit() - 4) : bytes);
        };
    }

    /** {@return the same memory, byte by byte} */
    ElementView<Byte> asBytes() {
        return bytes(bytes);
    }

    /** {@return the memory: the elements in native order, from position 0 to the limit; not to be changed} */
    ByteBuffer memory() {
        return bytes;
    }

    /** {@return the type of the elements in memory} */
    ElementType type() {
        return type;
    }

    /** {@return what an element is boxed as} */
    Class<T> boxed() {
        return boxed;
    }

    @Override
    public T get(int index) {
        return reader.read(bytes, index * type.bytes());
    }

    @Override
    public int size() {
        return bytes.limit() / type.bytes();
    }

    private static ElementView<Byte> bytes(ByteBuffer bytes) {
        return new ElementView<>(bytes, ElementType.UINT8, Byte.class, ByteBuffer::get);
    }
}
