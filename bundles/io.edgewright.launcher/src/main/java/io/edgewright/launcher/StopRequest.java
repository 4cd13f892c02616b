// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import org.jspecify.annotations.Nullable;

/**
 * Stops a framework when the process is told to end. One that still starts is stopped as soon as it has started: ended in the middle,
 * it would look like a crash to whoever counts them. Thread-safe.
 */
final class StopRequest implements Runnable {

    private @Nullable Framework started;
    private boolean asked;

    /** Called when the process is told to end. */
    @Override
    public void run() {
        Framework framework;
        synchronized (this) {
            asked = true;
            framework = started;
        }
        if (framework != null) {
            framework.close();
        }
    }

    /** {@return true if nothing was told yet} */
    synchronized boolean mayStart() {
        return !asked;
    }

    /** {@return true if it may go on; false if it was told to stop before, and has to be closed} */
    synchronized boolean mayRun(Framework framework) {
        started = framework;
        return !asked;
    }
}
