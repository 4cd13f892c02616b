// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.util.concurrent.atomic.AtomicLongArray;

/**
 * What one slot has done. Written only by the thread that holds the slot, so that counting costs no more than a store;
 * read by any.
 */
final class SlotCounters {

    static final int SUCCESSES = 0;
    static final int INFERENCES = 1;
    static final int EXECUTIONS = 2;
    static final int REQUEST_NANOS = 3;
    static final int QUEUE_NANOS = 4;
    static final int INPUT_NANOS = 5;
    static final int INFER_NANOS = 6;
    static final int OUTPUT_NANOS = 7;
    static final int BUCKETS = 8;
    static final int LENGTH = BUCKETS + Latency.BUCKETS;

    private static final int PADDING = 8; // keeps the counters of two slots off one cache line

    private final AtomicLongArray values = new AtomicLongArray(LENGTH + 2 * PADDING);

    /**
     * Counts one run: points in time, in the order in which they came.
     *
     * @param items how many requests it answered
     */
    void success(int items, long start, long acquired, long written, long ran, long read) {
        add(SUCCESSES, items);
        add(INFERENCES, items);
        add(EXECUTIONS, 1);
        add(REQUEST_NANOS, (read - start) * items);
        add(QUEUE_NANOS, (acquired - start) * items);
        add(INPUT_NANOS, written - acquired);
        add(INFER_NANOS, ran - written);
        add(OUTPUT_NANOS, read - ran);
        add(BUCKETS + Latency.bucket(read - start), items);
    }

    long get(int counter) {
        return values.getOpaque(counter + PADDING);
    }

    private void add(int counter, long amount) {
        int at = counter + PADDING;
        values.setOpaque(at, values.getPlain(at) + amount);
    }
}
