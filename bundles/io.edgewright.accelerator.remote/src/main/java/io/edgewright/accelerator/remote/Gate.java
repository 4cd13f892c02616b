// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** Lets so many exchanges in at once. Thread-safe. */
final class Gate {

    private final int most;
    private final Semaphore permits;

    Gate(int most) {
        this.most = most;
        this.permits = new Semaphore(most);
    }

    /** Waits for a turn; {@link #leave} gives it back. */
    void enter(long dueNanos) throws Trouble {
        try {
            if (!permits.tryAcquire() && !permits.tryAcquire(dueNanos - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                throw new Trouble(
                        Kind.TIMEOUT, "all " + most + " connections were in use until the time was over (connections)");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble(Kind.CANCELLED, "the caller was interrupted", e);
        }
    }

    void leave() {
        permits.release();
    }
}
