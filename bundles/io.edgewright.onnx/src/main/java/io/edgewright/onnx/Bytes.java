// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;

/** Bytes that stay where they are until someone asks for them. */
sealed interface Bytes permits Bytes.InMemory, Bytes.InFile, SparseBytes {

    long length();

    /** {@return them all, read-only, from position 0} */
    ByteBuffer get() throws IOException;

    /** Appends them to a file. */
    void writeTo(FileChannel out) throws IOException;

    /** In memory. */
    record InMemory(ByteBuffer buffer) implements Bytes {

        @Override
        public long length() {
            return buffer.remaining();
        }

        @Override
        public ByteBuffer get() {
            return buffer.slice().asReadOnlyBuffer();
        }

        @Override
        public void writeTo(FileChannel out) throws IOException {
            ByteBuffer rest = buffer.duplicate();
            while (rest.hasRemaining()) {
                out.write(rest);
            }
        }
    }

    /** In a file that stays open and does not change. */
    record InFile(FileChannel file, long offset, long length) implements Bytes {

        /** Less than this is read rather than mapped: each mapping costs the system a little. */
        private static final int SMALLEST_MAPPED = 1 << 16;

        @Override
        public ByteBuffer get() throws IOException {
            if (length > Integer.MAX_VALUE) {
                throw new IOException("%d bytes do not fit into one buffer, expected at most %d"
                        .formatted(length, Integer.MAX_VALUE));
            }
            if (length >= SMALLEST_MAPPED) {
                return file.map(MapMode.READ_ONLY, offset, length);
            }
            ByteBuffer bytes = ByteBuffer.allocate((int) length);
            while (bytes.hasRemaining()) {
                if (file.read(bytes, offset + bytes.position()) < 0) {
                    throw cutShort();
                }
            }
            return bytes.flip().asReadOnlyBuffer();
        }

        @Override
        public void writeTo(FileChannel out) throws IOException {
            for (long done = 0; done < length; ) {
                long written = file.transferTo(offset + done, length - done, out);
                if (written <= 0) {
                    throw cutShort();
                }
                done += written;
            }
        }

        private static EOFException cutShort() {
            return new EOFException("the file of the weights became shorter while it was open");
        }
    }
}
