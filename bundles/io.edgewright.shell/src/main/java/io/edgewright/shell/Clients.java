// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.sun.management.ThreadMXBean;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What callers of a model measured.
 *
 * @param latency of each call
 * @param allocatedBytes on the callers' threads
 * @param seconds how long it took
 */
record Clients(LatencyCounts latency, long allocatedBytes, double seconds) {

    /** Calls a model from some threads for a while. */
    static Clients measure(Predictor predictor, InputWriter writer, int clients, Duration time)
            throws InterruptedException, InferenceException {
        var numbers = new AtomicInteger();
        ExecutorService threads = Executors.newFixedThreadPool(
                clients, task -> new Thread(task, "edgewright-bench-" + numbers.incrementAndGet()));
        var start = new CyclicBarrier(clients);
        try {
            long from = System.nanoTime();
            List<Callable<Clients>> tasks = new ArrayList<>();
            for (int i = 0; i < clients; i++) {
                tasks.add(() -> client(predictor, writer, start, time));
            }
            var all = new LatencyCounts();
            long bytes = 0;
            for (Future<Clients> future : threads.invokeAll(tasks)) {
                Clients one = future.get();
                all.addAll(one.latency);
                bytes += one.allocatedBytes;
            }
            return new Clients(all, bytes, (System.nanoTime() - from) / 1e9);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InferenceException failure) {
                throw failure;
            }
            throw new IllegalStateException("a client failed: " + e.getCause(), e);
        } finally {
            threads.shutdownNow();
        }
    }

    private static Clients client(Predictor predictor, InputWriter writer, CyclicBarrier start, Duration time)
            throws InferenceException, InterruptedException, BrokenBarrierException {
        var counts = new LatencyCounts();
        ThreadMXBean thread = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        start.await();
        long bytes = thread.getCurrentThreadAllocatedBytes();
        long begun = System.nanoTime();
        long now = begun;
        long end = now + time.toNanos();
        while (now < end && !Thread.currentThread().isInterrupted()) {
            predictor.predict(writer, outputs -> Boolean.TRUE, RequestOptions.DEFAULT);
            long after = System.nanoTime();
            counts.add(after - now);
            now = after;
        }
        return new Clients(counts, thread.getCurrentThreadAllocatedBytes() - bytes, (now - begun) / 1e9);
    }
}
