// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

/** Times of calls, counted by size with an error of at most 3 percent. Written by one thread. */
final class Latencies {

    private static final int STEPS = 32; // in each power of two

    private final long[] counts = new long[64 * STEPS];
    private long count;
    private long most;

    void add(long nanos) {
        counts[index(Math.max(1, nanos))]++;
        count++;
        most = Math.max(most, nanos);
    }

    void add(Latencies other) {
        for (int i = 0; i < counts.length; i++) {
            counts[i] += other.counts[i];
        }
        count += other.count;
        most = Math.max(most, other.most);
    }

    long count() {
        return count;
    }

    double mostMicros() {
        return most / 1e3;
    }

    /** {@return the time that this share of the calls took at the most} */
    double quantileMicros(double share) {
        long wanted = (long) Math.ceil(share * count);
        long seen = 0;
        for (int i = 0; i < counts.length; i++) {
            seen += counts[i];
            if (seen >= wanted && seen > 0) {
                return value(i) / 1e3;
            }
        }
        return 0;
    }

    private static int index(long nanos) {
        int power = 63 - Long.numberOfLeadingZeros(nanos);
        long step = power < 5 ? 0 : (nanos >>> (power - 5)) & (STEPS - 1);
        return power * STEPS + (int) step;
    }

    private static double value(int index) {
        return Math.scalb(1.0 + (index % STEPS + 0.5) / STEPS, index / STEPS);
    }
}
