// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;

/**
 * Walks over a Protocol Buffers message without loading it: a window of 32 KiB moves over the source, and what nobody
 * asks for is jumped over. Encoding: "Encoding" in the Protocol Buffers documentation. Not thread-safe.
 */
final class ProtoReader {

    /** Protocol Buffers' own libraries stop at 100 too. */
    static final int MAX_DEPTH = 100;

    private static final int WINDOW = 1 << 15;

    private static final int VARINT = 0;
    private static final int FIXED64 = 1;
    private static final int LENGTH = 2;
    private static final int FIXED32 = 5;

    /** Bytes at positions. */
    interface Source {

        /** {@return how many bytes were read; negative at the end} */
        int read(ByteBuffer target, long position) throws IOException;

        long size() throws IOException;

        static Source of(FileChannel channel) {
            return new Source() {
                @Override
                public int read(ByteBuffer target, long position) throws IOException {
                    return channel.read(target, position);
                }

                @Override
                public long size() throws IOException {
                    return channel.size();
                }
            };
        }

        static Source of(byte[] bytes) {
            return new Source() {
                @Override
                public int read(ByteBuffer target, long position) {
                    int length = (int) Math.min(target.remaining(), bytes.length - position);
                    if (length <= 0) {
                        return -1;
                    }
                    target.put(bytes, (int) position, length);
                    return length;
                }

                @Override
                public long size() {
                    return bytes.length;
                }
            };
        }
    }

    /** Reads the fields of one message. */
    interface Body {

        void read() throws IOException;
    }

    private final Source source;
    private final ByteBuffer window =
            ByteBuffer.allocate(WINDOW).order(ByteOrder.LITTLE_ENDIAN).limit(0);
    private long windowStart;
    private long position;
    private long end;
    private int depth;
    private int wireType;
    private long fieldStart;

    ProtoReader(Source source) throws IOException {
        this.source = source;
        this.end = source.size();
    }

    /** {@return the number of the next field of the current message; 0 at its end} */
    int next() throws IOException {
        if (position == end) {
            return 0;
        }
        long start = position;
        fieldStart = start;
        long tag = varint();
        wireType = (int) (tag & 7);
        long field = tag >>> 3;
        if (field == 0 || field >= 1 << 29 || wireType == 3 || wireType == 4 || wireType > 5) {
            throw new MalformedModelException("byte %d is no Protocol Buffers field (tag %d)".formatted(start, tag));
        }
        return (int) field;
    }

    /** Reads the message that the current field holds. */
    void message(String what, Body body) throws IOException {
        long length = length(what);
        if (++depth > MAX_DEPTH) {
            throw new MalformedModelException(
                    "%s at byte %d is nested deeper than %d".formatted(what, position, MAX_DEPTH));
        }
        long outerEnd = end;
        end = position + length;
        body.read();
        if (position != end) {
            throw new IllegalStateException(what + " was not read to its end");
        }
        end = outerEnd;
        depth--;
    }

    String text(String what, int maxBytes) throws IOException {
        return new String(bytes(what, maxBytes), StandardCharsets.UTF_8);
    }

    byte[] bytes(String what, long maxBytes) throws IOException {
        long length = length(what);
        if (length > maxBytes) {
            throw new MalformedModelException(
                    "%s at byte %d has %d bytes, expected at most %d".formatted(what, position, length, maxBytes));
        }
        byte[] bytes = new byte[(int) length];
        copy(ByteBuffer.wrap(bytes), what);
        return bytes;
    }

    /** Fills the buffer with the bytes of the current field, which are as many. */
    void bytes(String what, ByteBuffer target) throws IOException {
        long length = length(what);
        if (length != target.remaining()) {
            throw new MalformedModelException(
                    "%s at byte %d has %d bytes, expected %d".formatted(what, position, length, target.remaining()));
        }
        copy(target, what);
    }

    long number(String what) throws IOException {
        expect(what, VARINT);
        return varint();
    }

    /** Reads a repeated varint field, packed or not; an element at a time. */
    void numbers(String what, NumberBody body) throws IOException {
        if (wireType == LENGTH) {
            message(what, () -> {
                while (position < end) {
                    body.read(varint());
                }
            });
        } else {
            body.read(number(what));
        }
    }

    /** Takes one element. */
    interface NumberBody {

        void read(long value) throws IOException;
    }

    /** Reads a repeated field of fixed width, packed or not; an element at a time, as its bits. */
    void fixed(String what, int bytes, NumberBody body) throws IOException {
        if (wireType == LENGTH) {
            message(what, () -> {
                while (position < end) {
                    body.read(fixed(what, bytes));
                }
            });
        } else {
            expect(what, bytes == 4 ? FIXED32 : FIXED64);
            body.read(fixed(what, bytes));
        }
    }

    /** Where the content of a field lies. */
    record Region(long offset, long length) {}

    /** {@return where the bytes of the current field lie; it is still the current one} */
    Region peekRegion(String what) throws IOException {
        long start = position;
        long length = length(what);
        var region = new Region(position, length);
        position = start;
        return region;
    }

    boolean hasLength() {
        return wireType == LENGTH;
    }

    /** {@return the current field with its tag, as it is} */
    byte[] field(String what, long maxBytes) throws IOException {
        skip();
        long length = position - fieldStart;
        if (length > maxBytes) {
            throw new MalformedModelException(
                    "%s at byte %d has %d bytes, expected at most %d".formatted(what, fieldStart, length, maxBytes));
        }
        byte[] bytes = new byte[(int) length];
        position = fieldStart;
        copy(ByteBuffer.wrap(bytes), what);
        return bytes;
    }

    /** Jumps over the current field. */
    void skip() throws IOException {
        switch (wireType) {
            case VARINT -> varint();
            case FIXED64 -> advance("field", 8);
            case FIXED32 -> advance("field", 4);
            default -> advance("field", length("field"));
        }
    }

    private long fixed(String what, int bytes) throws IOException {
        long start = position;
        advance(what, bytes);
        long value = 0;
        for (int i = 0; i < bytes; i++) {
            value |= (at(start + i) & 0xFFL) << 8 * i;
        }
        return value;
    }

    private long length(String what) throws IOException {
        expect(what, LENGTH);
        long start = position;
        long length = varint();
        if (length < 0 || length > end - position) {
            throw new MalformedModelException("%s at byte %d claims %s bytes, but only %d are left: cut short?"
                    .formatted(what, start, Long.toUnsignedString(length), end - position));
        }
        return length;
    }

    private long varint() throws IOException {
        long value = 0;
        for (int shift = 0; shift < 64; shift += 7) {
            if (position == end) {
                throw new MalformedModelException("a number is cut short at byte " + position);
            }
            byte b = at(position++);
            value |= (long) (b & 0x7F) << shift;
            if (b >= 0) {
                return value;
            }
        }
        throw new MalformedModelException("a number at byte " + position + " has more than 10 bytes");
    }

    private void advance(String what, long length) throws IOException {
        if (length > end - position) {
            throw new MalformedModelException("%s at byte %d takes %d bytes, but only %d are left: cut short?"
                    .formatted(what, position, length, end - position));
        }
        position += length;
    }

    private void expect(String what, int type) throws IOException {
        if (wireType != type) {
            throw new MalformedModelException(
                    "%s at byte %d has wire type %d, expected %d".formatted(what, position, wireType, type));
        }
    }

    private void copy(ByteBuffer target, String what) throws IOException {
        long start = position;
        advance(what, target.remaining());
        while (target.hasRemaining()) {
            int read = source.read(target, start);
            if (read < 0) {
                throw new EOFException("the file became shorter while it was read");
            }
            start += read;
        }
    }

    private byte at(long index) throws IOException {
        if (index < windowStart || index >= windowStart + window.limit()) {
            window.clear();
            windowStart = index;
            int read = source.read(window, index);
            window.flip();
            if (read <= 0) {
                throw new EOFException("the file became shorter while it was read");
            }
        }
        return window.get((int) (index - windowStart));
    }
}
