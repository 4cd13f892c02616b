// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Reads a camera, or a file by its clock, on a thread of its own and keeps the newest frame. */
final class Player implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Player.class);

    private static final Duration FIRST_WAIT = Duration.ofSeconds(1);
    private static final long LATE_NANOS = 1_500_000_000L;
    private static final long CAUGHT_UP_NANOS = 300_000_000L;
    /** Timestamps that leap further than this begin a new count. */
    private static final long LEAP_NANOS = 20_000_000_000L;

    private final CameraSettings settings;
    private final VideoOpener opener;
    private final CameraStatus status;
    private final LatestFrame slot = new LatestFrame();
    private final Interrupt interrupt = new Interrupt();
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Thread thread;
    private long sequence;
    private long started;
    private long least; // the smallest lag seen, in nanoseconds; the stream's own delay is not ours
    private boolean hurrying;

    Player(CameraSettings settings, CameraStatus status) {
        this.settings = settings;
        this.opener = new VideoOpener(settings);
        this.status = status;
        this.thread = new Thread(this::run, "edgewright-camera-" + settings.name());
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    LatestFrame slot() {
        return slot;
    }

    private void run() {
        Duration wait = FIRST_WAIT;
        try {
            while (!interrupt.cancelled()) {
                long before = sequence;
                boolean over = playOnce(before);
                if (over) {
                    break;
                }
                wait = sequence > before ? FIRST_WAIT : wait;
                boolean again = !settings.kind().live() && sequence > before; // a file that loops does not wait
                if (!again && closing.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                    break;
                }
                Duration longer = wait.multipliedBy(2);
                wait = longer.compareTo(settings.longestWait()) < 0 ? longer : settings.longestWait();
            }
        } catch (InterruptedException e) {
            LOG.debug("Camera '{}' was interrupted", settings.name(), e);
        } finally {
            slot.end();
        }
    }

    /** {@return true if a recording was played to its end, or to where it breaks, and is not to be played again} */
    private boolean playOnce(long before) throws InterruptedException {
        try (VideoInput input = opener.open(interrupt)) {
            status.connected();
            play(input);
            if (settings.kind().live() && !interrupt.cancelled()) {
                status.failed("the camera ended the stream");
            }
        } catch (CameraException e) {
            if (!interrupt.cancelled()) {
                status.failed(String.valueOf(e.getMessage()));
            }
        }
        boolean over = !settings.kind().live() && !settings.loop() && sequence > before;
        if (over) {
            status.ended();
        }
        return over;
    }

    private void play(VideoInput input) throws CameraException, InterruptedException {
        started = System.nanoTime();
        least = Long.MAX_VALUE;
        hurrying = false;
        while (!interrupt.cancelled() && input.read()) {
            boolean show = settings.kind().live() ? keepUp(input) : waitFor(input.position());
            if (show) {
                PictureSize size = input.size();
                input.convert(slot.writeBuffer(size.bytes()));
                status.frame(size, input.badPackets());
                slot.publish(sequence, input.position(), size);
            }
            sequence++;
        }
    }

    /** Waits until a picture of a file is due. {@return false if it comes so late that it is left out} */
    private boolean waitFor(Duration position) throws InterruptedException {
        long now = System.nanoTime();
        long due = started + position.toNanos() - now;
        if (Math.abs(due) > LEAP_NANOS) {
            started = now - position.toNanos();
            due = 0;
        }
        if (due > 0 && closing.await(due, TimeUnit.NANOSECONDS)) {
            return false;
        }
        return due > -LATE_NANOS;
    }

    /** Sees whether decoding falls behind the camera. {@return false if the picture is left out} */
    private boolean keepUp(VideoInput input) {
        long lag = System.nanoTime() - started - input.position().toNanos();
        least = Math.min(least, lag);
        if (lag - least > LEAP_NANOS) {
            least = lag;
        }
        long behind = lag - least;
        if (hurrying ? behind < CAUGHT_UP_NANOS : behind > LATE_NANOS) {
            hurrying = !hurrying;
            input.hurry(hurrying);
        }
        return !hurrying || sequence % 8 == 0;
    }

    @Override
    public void close() {
        interrupt.cancel();
        closing.countDown();
        slot.end();
        boolean interrupted = false;
        try {
            thread.join(settings.timeout().toMillis());
        } catch (InterruptedException e) {
            interrupted = true;
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        } else if (thread.isAlive()) {
            LOG.error("Camera '{}' does not let go of {}", settings.name(), settings.shown());
        }
    }
}
