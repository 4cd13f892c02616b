// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import com.sun.management.ThreadMXBean;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/**
 * What some clients did in a short time.
 *
 * @param callsPerSecond of all clients together
 * @param p50Micros the median time of a call
 * @param p99Micros the time that 99 of 100 calls took at the most
 * @param bytesPerCall allocated on the Java heap
 * @param cpuMicrosPerCall processor time of the whole process, which work of other processes hardly changes
 */
record Slice(double callsPerSecond, double p50Micros, double p99Micros, double bytesPerCall, double cpuMicrosPerCall) {

    private static final int MOST_CALLS = 4_000_000;

    /** One client's part. */
    private record Part(long calls, long nanos, long bytes, int[] latencies) {}

    /**
     * {@return what the clients did, all at once and each as fast as it gets its answers}
     *
     * @param clients what each calls
     * @param millis how long
     */
    static Slice measure(List<Contender.Client> clients, long millis) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(clients.size());
        try {
            var start = new CyclicBarrier(clients.size());
            var system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
            long cpu = system.getProcessCpuTime();
            List<Future<Part>> running = new ArrayList<>();
            for (Contender.Client client : clients) {
                Callable<Part> task = () -> {
                    start.await();
                    return run(client, millis * 1_000_000);
                };
                running.add(threads.submit(task));
            }
            List<Part> parts = new ArrayList<>();
            for (Future<Part> future : running) {
                parts.add(future.get());
            }
            return of(parts, system.getProcessCpuTime() - cpu);
        } catch (ExecutionException e) {
            throw new IllegalStateException("a client failed: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }

    private static Part run(Contender.Client client, long nanos) throws Exception {
        var memory = (ThreadMXBean) ManagementFactory.getThreadMXBean();
        int[] latencies = new int[(int) Math.min(MOST_CALLS, Math.max(1000, nanos / 1000))];
        int calls = 0;
        long bytes = memory.getCurrentThreadAllocatedBytes();
        long begin = System.nanoTime();
        long last = begin;
        while (last - begin < nanos && calls < latencies.length) {
            client.call();
            long now = System.nanoTime();
            latencies[calls++] = (int) Math.min(Integer.MAX_VALUE, now - last);
            last = now;
        }
        bytes = memory.getCurrentThreadAllocatedBytes() - bytes;
        return new Part(calls, last - begin, bytes, Arrays.copyOf(latencies, calls));
    }

    private static Slice of(List<Part> parts, long cpuNanos) {
        int[] all = parts.stream()
                .flatMapToInt(p -> Arrays.stream(p.latencies))
                .sorted()
                .toArray();
        double rate = parts.stream().mapToDouble(p -> p.calls * 1e9 / p.nanos).sum();
        double bytes = parts.stream().mapToLong(Part::bytes).sum() / (double) all.length;
        return new Slice(
                rate,
                all[all.length / 2] / 1e3,
                all[(int) (all.length * 0.99)] / 1e3,
                bytes,
                cpuNanos / 1e3 / all.length);
    }
}
