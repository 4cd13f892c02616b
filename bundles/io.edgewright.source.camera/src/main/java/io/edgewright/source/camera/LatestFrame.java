// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.source.Frame;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/** Holds the newest frame of one writer for any number of readers. */
final class LatestFrame {

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private ByteBuffer shown = ByteBuffer.allocateDirect(0);
    private ByteBuffer spare = ByteBuffer.allocateDirect(0);
    private long sequence = -1;
    private Instant time = Instant.EPOCH;
    private Duration position = Duration.ZERO;
    private PictureSize size = new PictureSize(1, 1);
    private boolean ended;

    /** {@return a buffer for the next frame; only the writer calls this} */
    ByteBuffer writeBuffer(int bytes) {
        if (spare.capacity() != bytes) {
            spare = ByteBuffer.allocateDirect(bytes);
        }
        return spare;
    }

    /** Shows what is in the write buffer as frame {@code number}. */
    void publish(long number, Duration place, PictureSize pictureSize) {
        lock.lock();
        try {
            ByteBuffer written = spare;
            spare = shown;
            shown = written;
            sequence = number;
            time = Instant.now();
            position = place;
            size = pictureSize;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** There will be no more frames. */
    void end() {
        lock.lock();
        try {
            ended = true;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Wakes readers that wait, so that they see that they were closed. */
    void wake() {
        lock.lock();
        try {
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** {@return true if there is and will be nothing newer than this frame} */
    boolean endedAfter(long number) {
        lock.lock();
        try {
            return ended && sequence <= number;
        } finally {
            lock.unlock();
        }
    }

    /** Where a reader keeps its copy. */
    interface Reader {

        /** {@return true once it no longer wants frames} */
        boolean closed();

        /** {@return the number of the last frame it has} */
        long last();

        /** {@return its buffer, of this capacity} */
        ByteBuffer buffer(int bytes);
    }

    /** Waits for a frame that the reader does not have yet, and copies it. */
    Optional<Frame> next(Reader reader, Duration wait) throws InterruptedException {
        lock.lockInterruptibly();
        try {
            long nanos = wait.toNanos();
            while (sequence <= reader.last() && !ended && !reader.closed()) {
                if (nanos <= 0) {
                    return Optional.empty();
                }
                nanos = changed.awaitNanos(nanos);
            }
            if (reader.closed() || sequence <= reader.last()) {
                return Optional.empty();
            }
            ByteBuffer copy = reader.buffer(shown.capacity());
            copy.put(0, shown, 0, shown.capacity());
            return Optional.of(new Frame(sequence, time, position, size.width(), size.height(), copy));
        } finally {
            lock.unlock();
        }
    }
}
