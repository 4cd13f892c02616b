// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import java.time.Duration;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How an application does: written by its thread, read by any. */
final class Progress {

    /** What it does. */
    enum State {
        STARTING(false),
        RUNNING(false),
        /** The source is not there, or gives no frames. */
        NO_SOURCE(true),
        /** The deployment is not there, or does not answer. */
        NO_ANSWER(true),
        /** The recording has been read to its end. */
        ENDED(false),
        STOPPED(false);

        final boolean unwell;

        State(boolean unwell) {
            this.unwell = unwell;
        }
    }

    /**
     * A look at it.
     *
     * @param state what it does
     * @param message in words
     * @param lasting for how long it has done so
     * @param frames analysed
     * @param failed pictures that the model gave no answer for
     * @param dropped frames that the source left out
     * @param framesPerSecond analysed lately, by the gateway's clock
     */
    record Snapshot(
            State state,
            String message,
            Duration lasting,
            long frames,
            long failed,
            long dropped,
            double framesPerSecond) {}

    private static final Logger LOG = LoggerFactory.getLogger(Progress.class);
    private static final long WINDOW_NANOS = 2_000_000_000L;

    private State state = State.STARTING;
    private String message = "starts";
    private long since = System.nanoTime();
    private long frames;
    private long failed;
    private long dropped;
    private double rate;
    private long windowStart = since;
    private long windowFrames;

    /** Notes what it does; logs what is new. */
    synchronized void is(String app, State now, String why) {
        if (now == state && why.equals(message)) {
            return;
        }
        if (now != state) {
            since = System.nanoTime();
            if (now.unwell) {
                LOG.warn("Retail application {}: {}", app, why);
            } else {
                LOG.info("Retail application {}: {}", app, why);
            }
        }
        state = now;
        message = why;
    }

    synchronized void analysed() {
        frames++;
        windowFrames++;
        roll();
    }

    synchronized void failed() {
        failed++;
    }

    synchronized void dropped(long count) {
        dropped += count;
    }

    synchronized Snapshot snapshot() {
        roll();
        return new Snapshot(state, message, Duration.ofNanos(System.nanoTime() - since), frames, failed, dropped, rate);
    }

    private void roll() {
        long passed = System.nanoTime() - windowStart;
        if (passed >= WINDOW_NANOS) {
            rate = windowFrames * 1e9 / passed;
            windowStart += passed;
            windowFrames = 0;
        }
    }
}
