// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/** Runs a model for trial, and cuts it off. Knows ONNX Runtime and the JDK only, as it also runs in the child process. */
public final class LimitedRun {

    private LimitedRun() {}

    /**
     * Runs once.
     *
     * @param limit when it is cut off
     * @return what it took; about the limit if it was cut off
     * @throws OrtException if the model failed on these inputs
     */
    public static Duration run(OrtSession session, DefaultFeeds feeds, Duration limit) throws OrtException {
        long start = System.nanoTime();
        var done = new CountDownLatch(1);
        var cut = new AtomicBoolean();
        try (var options = new OrtSession.RunOptions()) {
            var watch = new Thread(() -> cutOff(options, done, limit, cut), "edgewright-ort-trial");
            watch.setDaemon(true);
            watch.start();
            try (OrtSession.Result result = session.run(feeds.tensors(), options)) {
                result.size();
            } catch (OrtException e) {
                if (!cut.get()) {
                    throw e;
                }
            } finally {
                done.countDown();
                joined(watch); // it must not touch options that are closed
            }
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private static void cutOff(OrtSession.RunOptions options, CountDownLatch done, Duration limit, AtomicBoolean cut) {
        try {
            if (!done.await(limit.toNanos(), TimeUnit.NANOSECONDS)) {
                cut.set(true);
                options.setTerminate(true);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // nobody does; the run then goes on to its end
        } catch (OrtException e) {
            throw new IllegalStateException("run could not be cut off: " + e.getMessage(), e);
        }
    }

    private static void joined(Thread watch) {
        boolean interrupted = false;
        while (watch.isAlive()) {
            try {
                watch.join();
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
