// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import org.jspecify.annotations.Nullable;

/** Cuts what arrives into messages, in a buffer that is used again. One thread at a time. */
final class FrameReader {

    private static final int LENGTH = Integer.BYTES;

    private final WireReader reader = new WireReader(ByteBuffer.allocate(0));
    private ByteBuffer buffer = ByteBuffer.allocateDirect(1024);
    private int arrived; // bytes from 0
    private int taken; // the end of the message given out before; 0 for none

    /**
     * {@return the next message, valid until the next call; null if the channel does not block and there is no more yet}
     *
     * @throws EOFException if the other side has closed the connection
     * @throws ProtocolException if the length makes no sense
     */
    @Nullable
    WireReader read(ReadableByteChannel channel) throws IOException {
        buffer.clear();
        if (taken > 0) {
            arrived = buffer.limit(arrived).position(taken).compact().position();
            buffer.clear();
            taken = 0;
        }
        while (true) {
            int whole = LENGTH + (arrived < LENGTH ? 0 : length());
            if (arrived >= LENGTH && arrived >= whole) {
                taken = whole;
                return reader.of(buffer.limit(whole).position(LENGTH));
            }
            if (buffer.capacity() < whole) {
                buffer = ByteBuffer.allocateDirect(whole)
                        .put(buffer.flip().limit(arrived))
                        .clear();
            }
            int read = channel.read(buffer.position(arrived));
            if (read < 0) {
                throw new EOFException("the connection was closed by the other process");
            }
            if (read == 0) {
                return null;
            }
            arrived += read;
        }
    }

    private int length() throws ProtocolException {
        int length = buffer.getInt(0);
        if (length < 1 || length > Wire.LARGEST) {
            throw new ProtocolException(
                    "a message is said to have " + length + " bytes, expected 1 to " + Wire.LARGEST);
        }
        return length;
    }
}
