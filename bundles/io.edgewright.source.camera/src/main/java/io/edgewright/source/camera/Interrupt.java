// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.time.Duration;

/** Says when a blocked call into FFmpeg must come back. Thread-safe. */
final class Interrupt {

    private volatile boolean cancelled;
    private volatile boolean goodbye;
    private volatile long deadline = Long.MAX_VALUE;

    /** Calls come back at once, now and later. */
    void cancel() {
        cancelled = true;
    }

    /** Gives the next calls this long. */
    void allow(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    /** Gives the closing calls this long, although cancelled: an RTSP camera is told that nobody listens any more. */
    void allowGoodbye(Duration time) {
        allow(time);
        goodbye = true;
    }

    /** The goodbye is over. */
    void closed() {
        goodbye = false;
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean due() {
        return cancelled && !goodbye || deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0;
    }
}
