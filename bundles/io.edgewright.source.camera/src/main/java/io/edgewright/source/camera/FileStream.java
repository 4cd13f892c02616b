// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Every frame of a file, decoded when it is asked for. */
final class FileStream implements FrameStream {

    private static final Duration PAUSE = Duration.ofSeconds(1);

    private final CameraSettings settings;
    private final VideoOpener opener;
    private final CameraStatus status;
    private final Runnable onClose;
    private final Interrupt interrupt = new Interrupt();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final ReentrantLock reading = new ReentrantLock();
    private @Nullable VideoInput input;
    private ByteBuffer buffer = ByteBuffer.allocateDirect(0);
    private long sequence;
    private long inputBegan;
    private long retryAt = System.nanoTime();
    private volatile boolean over;

    FileStream(CameraSettings settings, CameraStatus status, Runnable onClose) {
        this.settings = settings;
        this.opener = new VideoOpener(settings);
        this.status = status;
        this.onClose = onClose;
    }

    @Override
    public Optional<Frame> next(Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + wait.toNanos();
        reading.lockInterruptibly();
        try {
            while (!ended()) {
                Optional<Frame> frame = System.nanoTime() - retryAt >= 0 ? tryNext() : Optional.empty();
                if (frame.isPresent() || ended()) {
                    return frame;
                }
                long now = System.nanoTime();
                long pause = Math.min(deadline - now, retryAt - now);
                if (deadline - now <= 0) {
                    return Optional.empty();
                }
                if (pause > 0 && closing.await(pause, TimeUnit.NANOSECONDS)) {
                    return Optional.empty();
                }
            }
            return Optional.empty();
        } finally {
            reading.unlock();
        }
    }

    /** {@return the next frame; empty if there is none for now, or ever} */
    private Optional<Frame> tryNext() {
        try {
            VideoInput present = input;
            if (present == null) {
                present = opener.open(interrupt);
                input = present;
                inputBegan = sequence;
                status.connected();
            }
            if (present.read()) {
                return Optional.of(frame(present));
            }
        } catch (CameraException e) {
            if (!interrupt.cancelled()) {
                status.failed(String.valueOf(e.getMessage()));
            }
        }
        finish();
        return Optional.empty();
    }

    private Frame frame(VideoInput present) throws CameraException {
        PictureSize size = present.size();
        if (buffer.capacity() != size.bytes()) {
            buffer = ByteBuffer.allocateDirect(size.bytes());
        }
        present.convert(buffer);
        status.frame(size, present.badPackets());
        return new Frame(sequence++, Instant.now(), present.position(), size.width(), size.height(), buffer);
    }

    /** The file is at its end, or cannot be read on. */
    private void finish() {
        boolean played = input != null && sequence > inputBegan;
        release();
        if (!played) {
            retryAt = System.nanoTime() + PAUSE.toNanos(); // it may be put there, or replaced
        } else if (!settings.loop()) {
            over = true;
            status.ended();
        }
    }

    private void release() {
        VideoInput present = input;
        if (present != null) {
            present.close();
            input = null;
        }
    }

    @Override
    public boolean ended() {
        return over || closed.get();
    }

    @Override
    public long dropped() {
        return 0;
    }

    @Override
    public void close() {
        if (!closed.compareAndSet(false, true)) {
            return;
        }
        interrupt.cancel();
        closing.countDown();
        reading.lock();
        try {
            release();
        } finally {
            reading.unlock();
        }
        onClose.run();
    }
}
