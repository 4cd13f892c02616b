// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Bytes that grow up to a limit, in memory that is used again. Numbers are in native order. One thread at a time. */
final class ByteOut {

    private final int limitBytes;
    private ByteBuffer bytes = ByteBuffer.allocate(512).order(ByteOrder.nativeOrder());

    ByteOut(int limitBytes) {
        this.limitBytes = limitBytes;
    }

    void clear() {
        bytes.clear();
    }

    int size() {
        return bytes.position();
    }

    byte[] array() {
        return bytes.array();
    }

    /** {@return what was written, from position 0 to the limit; valid until the next write} */
    ByteBuffer written() {
        return ByteBuffer.wrap(bytes.array(), 0, bytes.position());
    }

    ByteOut put(byte value) throws Trouble {
        room(1).put(value);
        return this;
    }

    ByteOut putShort(short value) throws Trouble {
        room(2).putShort(value);
        return this;
    }

    ByteOut putInt(int value) throws Trouble {
        room(4).putInt(value);
        return this;
    }

    ByteOut putLong(long value) throws Trouble {
        room(8).putLong(value);
        return this;
    }

    ByteOut put(byte[] from) throws Trouble {
        room(from.length).put(from);
        return this;
    }

    ByteOut ascii(String text) throws Trouble {
        ByteBuffer to = room(text.length());
        for (int i = 0; i < text.length(); i++) {
            to.put((byte) text.charAt(i));
        }
        return this;
    }

    ByteOut decimal(long value) throws Trouble {
        if (value < 0) {
            return ascii(Long.toString(value));
        }
        if (value >= 10) {
            decimal(value / 10);
        }
        return put((byte) ('0' + value % 10));
    }

    /** Writes a JSON string with its quotes (RFC 8259). */
    ByteOut quoted(String text) throws Trouble {
        put((byte) '"');
        for (byte next : text.getBytes(StandardCharsets.UTF_8)) {
            if (next == '"' || next == '\\') {
                put((byte) '\\').put(next);
            } else if (next >= 0 && next < ' ') {
                ascii("\\u00").put(hex(next >> 4)).put(hex(next & 15));
            } else {
                put(next);
            }
        }
        return put((byte) '"');
    }

    private static byte hex(int digit) {
        return (byte) Character.forDigit(digit, 16);
    }

    private ByteBuffer room(int more) throws Trouble {
        if (more > bytes.remaining()) {
            long wished = Math.max(2L * bytes.capacity(), (long) bytes.position() + more);
            if ((long) bytes.position() + more > limitBytes) {
                throw new Trouble(Kind.TOO_LARGE, "more than " + limitBytes + " bytes are needed; raise max.mib");
            }
            byte[] larger = Arrays.copyOf(bytes.array(), (int) Math.min(wished, limitBytes));
            bytes = ByteBuffer.wrap(larger).order(ByteOrder.nativeOrder()).position(bytes.position());
        }
        return bytes;
    }
}
