// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/**
 * Takes values out of a message that a broken process may have written: nothing is believed, and no more is allocated
 * than the message holds. One thread at a time.
 */
final class WireReader {

    /** No engine has tensors of more dimensions. */
    static final int MOST_DIMS = 64;

    private ByteBuffer message;

    WireReader(ByteBuffer message) {
        this.message = message;
    }

    /** Reads another message. */
    WireReader of(ByteBuffer other) {
        message = other;
        return this;
    }

    int number8() throws ProtocolException {
        return need(1).get();
    }

    int number32() throws ProtocolException {
        return need(Integer.BYTES).getInt();
    }

    long number64() throws ProtocolException {
        return need(Long.BYTES).getLong();
    }

    String text() throws ProtocolException {
        return StandardCharsets.UTF_8.decode(bytes()).toString();
    }

    Map<String, String> texts() throws ProtocolException {
        int count = count(2 * Integer.BYTES);
        Map<String, String> values = new HashMap<>();
        for (int i = 0; i < count; i++) {
            values.put(text(), text());
        }
        return values;
    }

    /** {@return how many values follow, each of that many bytes or more} */
    int count(int bytesEach) throws ProtocolException {
        int count = number32();
        if (count < 0 || count > message.remaining() / bytesEach) {
            throw new ProtocolException("a list is said to have " + count + " values of " + bytesEach
                    + " bytes or more, but " + message.remaining() + " bytes are left");
        }
        return count;
    }

    List<Long> shape() throws ProtocolException {
        int rank = rank();
        return LongStream.range(0, rank).mapToObj(i -> message.getLong()).toList();
    }

    /** {@return true if the next shape is this one; only then it is taken} */
    boolean shapeIs(List<Long> expected) throws ProtocolException {
        int start = message.position();
        int rank = rank();
        boolean same = rank == expected.size();
        for (int i = 0; same && i < rank; i++) {
            same = message.getLong() == expected.get(i);
        }
        if (!same) {
            message.position(start);
        }
        return same;
    }

    /** {@return the next bytes after their number; the buffer lies within the message} */
    ByteBuffer bytes() throws ProtocolException {
        int length = count(1);
        ByteBuffer bytes = message.slice(message.position(), length);
        message.position(message.position() + length);
        return bytes;
    }

    /** Checks that the message was read to its end. */
    void end() throws ProtocolException {
        if (message.hasRemaining()) {
            throw new ProtocolException("a message has " + message.remaining() + " bytes too many");
        }
    }

    private int rank() throws ProtocolException {
        int rank = number8();
        if (rank < 0 || rank > MOST_DIMS) {
            throw new ProtocolException("a shape is said to have " + rank + " dimensions, at most " + MOST_DIMS);
        }
        need(rank * Long.BYTES);
        return rank;
    }

    private ByteBuffer need(int bytes) throws ProtocolException {
        if (message.remaining() < bytes) {
            throw new ProtocolException(
                    "a message ends " + message.remaining() + " bytes on, expected " + bytes + " or more");
        }
        return message;
    }
}
