// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the process cleanly on SIGTERM and Ctrl-C: asks the command in progress to stop, waits until it has, and exits with
 * the code it ended with.
 */
final class Termination {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int code = Exit.FAILED.code();

    /**
     * Registers how to stop.
     *
     * @param stop called on another thread when the process is told to end; returns soon or when all is stopped
     */
    void onSignal(Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAndWait(stop), "edgewright-shutdown"));
    }

    /**
     * The command has ended; its process may.
     *
     * @param exitCode what it ended with
     */
    void finished(int exitCode) {
        code = exitCode;
        finished.countDown();
    }

    private void stopAndWait(Runnable stop) {
        if (finished.getCount() == 0) {
            return; // the usual end: nothing runs any more
        }
        stop.run();
        try {
            boolean clean = finished.await(LIMIT.toSeconds(), TimeUnit.SECONDS);
            Runtime.getRuntime().halt(clean ? code : Exit.FAILED.code());
        } catch (InterruptedException e) {
            Runtime.getRuntime().halt(Exit.FAILED.code());
        }
    }
}
