// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Reads the newest frame of a player. */
final class SlotStream implements FrameStream, LatestFrame.Reader {

    private final LatestFrame slot;
    private final Runnable onClose;
    private final AtomicBoolean closed = new AtomicBoolean();
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private volatile long last = -1;
    private volatile long dropped;

    SlotStream(LatestFrame slot, Runnable onClose) {
        this.slot = slot;
        this.onClose = onClose;
    }

    @Override
    public Optional<Frame> next(Duration wait) throws InterruptedException {
        Optional<Frame> frame = slot.next(this, wait);
        frame.ifPresent(f -> {
            dropped += last < 0 ? 0 : f.sequence() - last - 1;
            last = f.sequence();
        });
        return frame;
    }

    @Override
    public boolean closed() {
        return closed.get();
    }

    @Override
    public long last() {
        return last;
    }

    @Override
    public ByteBuffer buffer(int bytes) {
        if (buffer.capacity() != bytes) {
            buffer = ByteBuffer.allocateDirect(bytes);
        }
        return buffer;
    }

    @Override
    public boolean ended() {
        return closed.get() || slot.endedAfter(last);
    }

    @Override
    public long dropped() {
        return dropped;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            slot.wake();
            onClose.run();
        }
    }
}
