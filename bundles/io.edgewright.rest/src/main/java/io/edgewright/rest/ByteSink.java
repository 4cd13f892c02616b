// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/** A growing byte array; numbers in native byte order. One thread. */
final class ByteSink {

    private static final VarHandle SHORTS = view(short[].class);
    private static final VarHandle INTS = view(int[].class);
    private static final VarHandle LONGS = view(long[].class);

    private byte[] bytes = new byte[256];
    private int size;
    private int told;

    byte[] array() {
        return bytes;
    }

    int size() {
        return size;
    }

    /** {@return by how many bytes this has grown since it was asked last} */
    int grown() {
        int more = bytes.length - told;
        told = bytes.length;
        return more;
    }

    void clear() {
        size = 0;
    }

    void put(byte value) {
        room(1);
        bytes[size++] = value;
    }

    void put(byte[] values) {
        put(values, 0, values.length);
    }

    void put(byte[] values, int offset, int length) {
        room(length);
        System.arraycopy(values, offset, bytes, size, length);
        size += length;
    }

    void putShort(short value) {
        room(2);
        SHORTS.set(bytes, size, value);
        size += 2;
    }

    void putInt(int value) {
        room(4);
        INTS.set(bytes, size, value);
        size += 4;
    }

    void putLong(long value) {
        room(8);
        LONGS.set(bytes, size, value);
        size += 8;
    }

    /** Adds text of ASCII characters. */
    void putAscii(String text) {
        int length = text.length();
        room(length);
        for (int i = 0; i < length; i++) {
            bytes[size + i] = (byte) text.charAt(i);
        }
        size += length;
    }

    private void room(int more) {
        if (bytes.length - size < more) {
            long wanted = Math.max(bytes.length * 2L, (long) size + more);
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8, wanted));
        }
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.nativeOrder());
    }
}
