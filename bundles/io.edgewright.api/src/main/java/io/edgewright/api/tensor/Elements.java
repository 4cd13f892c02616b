// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import java.nio.ByteBuffer;

/** Reads and writes single elements whatever their type is, for values from outside; loops over floats need no such help. */
public final class Elements {

    private Elements() {}

    /**
     * {@return an element as Boolean, Integer (8 to 32 bits), Long (UINT32, 64 bits), Float or Double}
     *
     * <p>Unsigned numbers keep their value, but that a UINT64 of 2^63 or more comes out negative.
     *
     * @param tensor any but a STRING
     * @param index of the element, row-major
     * @throws IllegalArgumentException if the tensor is a STRING
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public static Object get(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT16 -> HalfFloats.toFloat(data.getShort(at));
            case FLOAT64 -> data.getDouble(at);
            case INT8 -> (int) data.get(at);
            case UINT8 -> data.get(at) & 0xff;
            case INT16 -> (int) data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xffff;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xffff_ffffL;
            case INT64, UINT64 -> data.getLong(at);
            case BOOL -> data.get(at) != 0;
            case STRING -> throw new IllegalArgumentException("tensor is " + tensor + ", expected no STRING");
        };
    }

    /**
     * Writes a number. Floats take the nearest that they can hold.
     *
     * @param tensor of numbers
     * @param index of the element, row-major
     * @param value for an integer tensor whole and within its range
     * @throws IllegalArgumentException if the value does not fit the type; the message says what does
     * @throws IndexOutOfBoundsException if there is no such element
     */
    public static void put(Tensor tensor, int index, Number value) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        switch (tensor.type()) {
            case FLOAT32 -> data.putFloat(at, value.floatValue());
            case FLOAT16 -> data.putShort(at, HalfFloats.toHalf(value.floatValue()));
            case FLOAT64 -> data.putDouble(at, value.doubleValue());
            case INT8 -> data.put(at, (byte) whole(value, Byte.MIN_VALUE, Byte.MAX_VALUE));
            case UINT8 -> data.put(at, (byte) whole(value, 0, 0xff));
            case INT16 -> data.putShort(at, (short) whole(value, Short.MIN_VALUE, Short.MAX_VALUE));
            case UINT16 -> data.putShort(at, (short) whole(value, 0, 0xffff));
            case INT32 -> data.putInt(at, (int) whole(value, Integer.MIN_VALUE, Integer.MAX_VALUE));
            case UINT32 -> data.putInt(at, (int) whole(value, 0, 0xffff_ffffL));
            case INT64 -> data.putLong(at, whole(value, Long.MIN_VALUE, Long.MAX_VALUE));
            case UINT64 -> data.putLong(at, whole(value, 0, Long.MAX_VALUE));
            case BOOL, STRING ->
                throw new IllegalArgumentException("found the number " + value + ", expected a " + tensor.type());
        }
    }

    private static long whole(Number value, long least, long most) {
        long whole = value.longValue();
        boolean real = value instanceof Float || value instanceof Double;
        // 2^63 as a double is one more than the largest long
        boolean exact = !real || (whole == value.doubleValue() && whole != Long.MAX_VALUE);
        if (!exact || whole < least || whole > most) {
            throw new IllegalArgumentException(
                    "found %s, expected a whole number from %d to %d".formatted(value, least, most));
        }
        return whole;
    }
}
