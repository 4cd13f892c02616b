// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.ArrayList;
import java.util.List;

/** A Protocol Buffers message as a sequence of pieces, most of which stay where they are. Not thread-safe. */
final class Pieces {

    private final List<Bytes> done = new ArrayList<>();
    private ByteArrayOutputStream tail = new ByteArrayOutputStream();
    private long doneLength;

    long length() {
        return doneLength + tail.size();
    }

    void add(byte[] bytes) {
        tail.writeBytes(bytes);
    }

    /** Adds a field of this number that holds a message. */
    void message(int field, Pieces content) {
        varint((long) field << 3 | 2);
        varint(content.length());
        content.done.forEach(this::piece);
        tail.writeBytes(content.tail.toByteArray());
    }

    /** Adds a field of this number that holds bytes. */
    void bytes(int field, Bytes content) {
        varint((long) field << 3 | 2);
        varint(content.length());
        piece(content);
    }

    void number(int field, long value) {
        varint((long) field << 3);
        varint(value);
    }

    void writeTo(FileChannel out) throws IOException {
        for (Bytes piece : all()) {
            piece.writeTo(out);
        }
    }

    byte[] toBytes() throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(length()));
        for (Bytes piece : all()) {
            all.put(piece.get());
        }
        return all.array();
    }

    private List<Bytes> all() {
        endTail();
        return done;
    }

    private void piece(Bytes content) {
        endTail();
        done.add(content);
        doneLength += content.length();
    }

    private void endTail() {
        if (tail.size() > 0) {
            done.add(new Bytes.InMemory(ByteBuffer.wrap(tail.toByteArray())));
            doneLength += tail.size();
            tail = new ByteArrayOutputStream();
        }
    }

    private void varint(long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            tail.write((int) (rest & 0x7F | 0x80));
            rest >>>= 7;
        }
        tail.write((int) rest);
    }
}
