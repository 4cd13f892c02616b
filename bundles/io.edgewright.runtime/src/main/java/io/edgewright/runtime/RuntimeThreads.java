// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.SynchronousQueue;
import java.util.concurrent.ThreadFactory;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runtime's threads, and its clock. */
final class RuntimeThreads implements Time, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(RuntimeThreads.class);

    // a thread for whoever has work: each deployment limits its own, and one that hangs must not hold the others up
    private final ThreadPoolExecutor control = pool("edgewright-deploy-");
    private final ThreadPoolExecutor runners = pool("edgewright-run-");
    private final ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, named("edgewright-timer-"));

    RuntimeThreads() {
        timer.setRemoveOnCancelPolicy(true);
        timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    }

    Executor control() {
        return control;
    }

    Executor runners() {
        return runners;
    }

    @Override
    public long nanos() {
        return System.nanoTime();
    }

    @Override
    public Instant now() {
        return Instant.now();
    }

    @Override
    public void later(Duration delay, Runnable work) {
        try {
            var unused = timer.schedule(work, delay.toNanos(), TimeUnit.NANOSECONDS);
            assert unused != null;
        } catch (RejectedExecutionException e) {
            LOG.debug("the runtime is being stopped; nothing is done later");
        }
    }

    /** Ends all threads once they have done what is queued. */
    @Override
    public void close() {
        timer.shutdownNow();
        runners.shutdown();
        control.shutdown();
        try {
            if (!control.awaitTermination(10, TimeUnit.SECONDS) || !runners.awaitTermination(5, TimeUnit.SECONDS)) {
                LOG.warn("a device or driver does not return; its thread is left behind");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static ThreadPoolExecutor pool(String name) {
        return new ThreadPoolExecutor(
                0, Integer.MAX_VALUE, 20, TimeUnit.SECONDS, new SynchronousQueue<>(), named(name));
    }

    private static ThreadFactory named(String prefix) {
        var number = new AtomicInteger();
        return work -> {
            var thread = new Thread(work, prefix + number.incrementAndGet());
            thread.setDaemon(true);
            return thread;
        };
    }
}
