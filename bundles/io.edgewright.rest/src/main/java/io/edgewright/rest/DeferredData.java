// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** Keeps the elements of a data array that came before its datatype, in about the room they took in the request. */
final class DeferredData implements DataSink {

    private final ByteSink kept = new ByteSink();

    @Override
    public void number(String text) {
        add('n', text);
    }

    @Override
    public void string(String text) {
        add('s', text);
    }

    @Override
    public void bool(boolean value) {
        kept.put((byte) (value ? 't' : 'f'));
    }

    @Override
    public int grown() {
        return kept.grown();
    }

    /** Gives all elements to another sink, which takes its memory from {@code memory}. */
    void replay(DataSink target, BufferPool.Share memory) throws HttpProblem {
        ByteBuffer in = ByteBuffer.wrap(kept.array(), 0, kept.size());
        while (in.hasRemaining()) {
            byte kind = in.get();
            switch (kind) {
                case 't' -> target.bool(true);
                case 'f' -> target.bool(false);
                case 'n' -> target.number(text(in));
                default -> target.string(text(in));
            }
            memory.take(target.grown());
        }
    }

    private void add(char kind, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        kept.put((byte) kind);
        if (bytes.length < 255) {
            kept.put((byte) bytes.length);
        } else {
            kept.put((byte) 255);
            kept.putInt(bytes.length);
        }
        kept.put(bytes);
    }

    private static String text(ByteBuffer in) {
        int length = in.get() & 0xff;
        if (length == 255) {
            length = in.order(java.nio.ByteOrder.nativeOrder()).getInt();
        }
        var text = new String(in.array(), in.position(), length, StandardCharsets.UTF_8);
        in.position(in.position() + length);
        return text;
    }
}
