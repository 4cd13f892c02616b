// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * How long the runs of a version take now, on its device: an exponentially weighted average, which follows the device when
 * it becomes slower or faster. Thread-safe; two updates at once may count as one.
 */
final class Pace {

    private static final long FAST_NANOS =
            100_000; // of runs that are faster, some are counted: the others must not wait
    private static final int SOME = 15;
    private static final int WEIGHT = 8; // a new run counts one eighth
    private static final int MOST_TIMES = 8; // an outlier counts as that many times the average at the most

    private final AtomicLong usual = new AtomicLong();
    private final AtomicLong seen = new AtomicLong();
    private final AtomicInteger underWay = new AtomicInteger();
    private final AtomicBoolean measuring = new AtomicBoolean();

    /** Counts a run. */
    void ran(long nanos, long now) {
        if (nanos < FAST_NANOS && (nanos & SOME) != 0) {
            return;
        }
        long before = usual.getOpaque();
        long counted = before == 0 ? nanos : Math.min(nanos, before * MOST_TIMES);
        usual.setOpaque(Math.max(1, before == 0 ? counted : before + (counted - before) / WEIGHT));
        seen.setOpaque(now);
    }

    /** Sets what a run took that was made for nothing but to know. */
    void measured(long nanos, long now) {
        usual.setOpaque(Math.max(1, nanos));
        seen.setOpaque(now);
    }

    /** {@return true if nobody else is about to call {@link #measured}; then {@link #endMeasuring} follows} */
    boolean beginMeasuring() {
        return measuring.compareAndSet(false, true);
    }

    void endMeasuring() {
        measuring.set(false);
    }

    /** {@return nanoseconds; 0 if no run was seen} */
    long usualNanos() {
        return usual.getOpaque();
    }

    /** {@return when a run was counted last} */
    long seenNanos() {
        return seen.getOpaque();
    }

    /** Counts a request that is sent to the device or waits for it; only where there is a choice of devices. */
    void enter() {
        underWay.incrementAndGet();
    }

    void leave() {
        underWay.decrementAndGet();
    }

    int underWay() {
        return underWay.get();
    }
}
