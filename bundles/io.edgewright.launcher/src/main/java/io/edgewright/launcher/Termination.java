// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ends the process cleanly on SIGTERM and Ctrl-C: asks the command in progress to stop and waits until it has; the process
 * then ends as it would have without a signal. It takes the signals itself, as the virtual machine would run all shutdown
 * hooks at once: one of ONNX Runtime's frees what its runs are still using, which aborts the process.
 *
 * <p>A signal that comes before {@link #onSignal}, while the virtual machine starts and the command line is read, ends the process
 * the machine's own way, with exit code 130 or 143 and not a word. Nothing has started by then and no gateway's home was touched, so
 * there is nothing to stop.
 */
final class Termination {

    private static final Duration LIMIT = Duration.ofSeconds(20);

    private final CountDownLatch taken = new CountDownLatch(1);
    private final CountDownLatch finished = new CountDownLatch(1);
    private volatile int code = Exit.FAILED.code();

    /**
     * Registers how to stop.
     *
     * @param stop called on another thread when the process is told to end; returns soon or when all is stopped
     */
    void onSignal(Runnable stop) {
        Runtime.getRuntime().addShutdownHook(new Thread(() -> stopInHook(stop), "edgewright-shutdown"));
        var signals = new Thread(() -> takeSignals(stop), "edgewright-signals"); // a start need not wait for it
        signals.setDaemon(true);
        signals.start();
    }

    private void takeSignals(Runnable stop) {
        try {
            // not HUP: the virtual machine knows whether it was started by nohup
            for (String name : List.of("INT", "TERM")) {
                Signals.take(name, () -> stopAndWait(stop));
            }
        } finally {
            taken.countDown();
        }
    }

    /** Waits until signals come here: from now on nothing is ended by the virtual machine's own way, which stops half of it. */
    void awaitSignals() {
        try {
            taken.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
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

    private void stopInHook(Runnable stop) {
        if (finished.getCount() > 0) { // else it is the usual end: nothing runs any more
            stopAndWait(stop);
            Runtime.getRuntime().halt(code);
        }
    }

    private void stopAndWait(Runnable stop) {
        stop.run();
        try {
            if (finished.await(LIMIT.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        Runtime.getRuntime().halt(Exit.FAILED.code());
    }
}
