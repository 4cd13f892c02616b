// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import org.jspecify.annotations.Nullable;

/** Lets another thread end the exchange in progress, and no later one. Thread-safe. */
final class Cut {

    private boolean running;
    private boolean cancelled;
    private @Nullable Runnable end;

    synchronized void begin() {
        running = true;
        cancelled = false;
        end = null;
    }

    /** Says how the exchange can be ended from here on. */
    synchronized void endBy(Runnable action) throws Trouble {
        if (cancelled) {
            throw new Trouble(Kind.CANCELLED, "the run was cut off");
        }
        end = action;
    }

    /** The exchange can no longer be ended that way: what it used may be another's from here on. */
    synchronized void release() {
        end = null;
    }

    synchronized void done() {
        running = false;
        end = null;
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    synchronized void cancel() {
        if (running) {
            cancelled = true;
            if (end != null) {
                end.run();
            }
        }
    }
}
