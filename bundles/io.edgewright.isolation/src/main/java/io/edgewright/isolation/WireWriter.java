// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;

/**
 * Puts values into one message after the other, in a buffer that is used again. Numbers are big-endian; a text is its
 * length in bytes and UTF-8, a list the number of its values and those. One thread at a time.
 */
final class WireWriter {

    private static final int LENGTH = Integer.BYTES;

    private ByteBuffer buffer = ByteBuffer.allocateDirect(1024);

    /** Starts a message. */
    WireWriter begin(byte code) {
        buffer.clear().position(LENGTH);
        return number8(code);
    }

    WireWriter number8(int value) {
        room(1).put((byte) value);
        return this;
    }

    WireWriter number32(int value) {
        room(Integer.BYTES).putInt(value);
        return this;
    }

    WireWriter number64(long value) {
        room(Long.BYTES).putLong(value);
        return this;
    }

    WireWriter text(String value) {
        byte[] bytes = value.getBytes(StandardCharsets.UTF_8);
        number32(bytes.length);
        room(bytes.length).put(bytes);
        return this;
    }

    WireWriter texts(Map<String, String> values) {
        number32(values.size());
        values.forEach((key, value) -> text(key).text(value));
        return this;
    }

    WireWriter shape(List<Long> dims) {
        number8(dims.size());
        for (int i = 0; i < dims.size(); i++) {
            number64(dims.get(i));
        }
        return this;
    }

    /** Puts the bytes from 0 to the limit, after their number. */
    WireWriter bytes(ByteBuffer data) {
        int length = data.limit();
        number32(length);
        room(length).put(buffer.position(), data, 0, length);
        buffer.position(buffer.position() + length);
        return this;
    }

    /** {@return the message, ready to be sent} */
    ByteBuffer end() {
        int length = buffer.position() - LENGTH;
        if (length > Wire.LARGEST) {
            throw new IllegalArgumentException(
                    "a message of " + length + " bytes is too long, at most " + Wire.LARGEST + " fit");
        }
        return buffer.putInt(0, length).flip();
    }

    private ByteBuffer room(int bytes) {
        if (buffer.remaining() < bytes) {
            long wanted = (long) buffer.position() + bytes;
            if (wanted > (long) Wire.LARGEST + LENGTH) {
                throw new IllegalArgumentException(
                        "a message of " + wanted + " bytes is too long, at most " + Wire.LARGEST + " fit");
            }
            int capacity = (int) Math.min(Math.max(2L * buffer.capacity(), wanted), (long) Wire.LARGEST + LENGTH);
            buffer = ByteBuffer.allocateDirect(capacity).put(buffer.flip());
        }
        return buffer;
    }
}
