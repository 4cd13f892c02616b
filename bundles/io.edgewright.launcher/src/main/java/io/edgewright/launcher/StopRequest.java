// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import org.jspecify.annotations.Nullable;

/**
 * Stops what a framework does when the process is told to end. One that still starts is stopped as soon as it has started: ended in the
 * middle, it would look like a crash to whoever counts them, and its bundles would complain. Thread-safe.
 */
final class StopRequest implements Runnable {

    private @Nullable Runnable running;
    private boolean asked;

    /** Called when the process is told to end. */
    @Override
    public void run() {
        Runnable stop;
        synchronized (this) {
            asked = true;
            stop = running;
        }
        if (stop != null) {
            stop.run();
        }
    }

    /** {@return true if nothing was told yet} */
    synchronized boolean mayStart() {
        return !asked;
    }

    /**
     * The framework has started.
     *
     * @param stop called if the process is told to end from now on
     * @return true if it may go on; false if it was told to stop before, and has to be closed
     */
    synchronized boolean mayRun(Runnable stop) {
        running = stop;
        return !asked;
    }
}
