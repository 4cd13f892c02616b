// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

/** Counts durations in buckets 1 % apart, so that any number of calls takes the same memory. One thread at a time. */
final class LatencyCounts {

    private static final double STEP = Math.log(1.01);
    private static final int BUCKETS = 3000; // up to 1.01^3000 ns, more than two hours

    private final long[] counts = new long[BUCKETS];
    private long count;
    private long sumNanos;
    private long mostNanos;

    void add(long nanos) {
        int bucket = (int) (Math.log(Math.max(1, nanos)) / STEP);
        counts[Math.min(BUCKETS - 1, bucket)]++;
        count++;
        sumNanos += nanos;
        mostNanos = Math.max(mostNanos, nanos);
    }

    void addAll(LatencyCounts other) {
        for (int i = 0; i < BUCKETS; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        sumNanos += other.sumNanos;
        mostNanos = Math.max(mostNanos, other.mostNanos);
    }

    long count() {
        return count;
    }

    double meanMillis() {
        return count == 0 ? 0 : sumNanos / 1e6 / count;
    }

    double mostMillis() {
        return mostNanos / 1e6;
    }

    /** {@return the quantile, at most 1 % too high; never above the greatest} */
    double quantileMillis(double q) {
        long wanted = (long) Math.ceil(q * count);
        long below = 0;
        for (int i = 0; i < BUCKETS; i++) {
            below += counts[i];
            if (below >= wanted && below > 0) {
                return Math.min(mostMillis(), Math.exp((i + 1) * STEP) / 1e6);
            }
        }
        return 0;
    }
}
