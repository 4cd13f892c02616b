// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.time.Duration;

/** Says when a blocked call into FFmpeg must come back. Thread-safe. */
final class Interrupt {

    private volatile boolean cancelled;
    private volatile long deadline = Long.MAX_VALUE;

    /** Calls come back at once, now and later. */
    void cancel() {
        cancelled = true;
    }

    /** Gives the next calls this long. */
    void allow(Duration time) {
        deadline = System.nanoTime() + time.toNanos();
    }

    boolean cancelled() {
        return cancelled;
    }

    boolean due() {
        return cancelled || deadline != Long.MAX_VALUE && System.nanoTime() - deadline > 0;
    }
}
