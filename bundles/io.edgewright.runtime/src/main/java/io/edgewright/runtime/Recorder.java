// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.LongAdder;

/** What one version has done, over all its slots. Thread-safe. */
final class Recorder {

    private final List<SlotCounters> live = new CopyOnWriteArrayList<>();
    private final long[] retired = new long[SlotCounters.LENGTH];
    private final Map<Reason, LongAdder> failures = new EnumMap<>(Reason.class);

    Recorder() {
        for (Reason reason : Reason.values()) {
            failures.put(reason, new LongAdder());
        }
    }

    /** {@return counters for a new slot} */
    SlotCounters open() {
        var counters = new SlotCounters();
        live.add(counters);
        return counters;
    }

    /** Keeps what a closed slot has counted. */
    synchronized void retire(SlotCounters counters) {
        if (live.remove(counters)) {
            for (int i = 0; i < retired.length; i++) {
                retired[i] += counters.get(i);
            }
        }
    }

    void failed(Reason reason) {
        LongAdder counter = failures.get(reason);
        if (counter != null) {
            counter.increment();
        }
    }

    /** {@return requests answered} */
    synchronized long successes() {
        long sum = retired[SlotCounters.SUCCESSES];
        for (SlotCounters counters : live) {
            sum += counters.get(SlotCounters.SUCCESSES);
        }
        return sum;
    }

    synchronized InferenceStatistics statistics(long pending) {
        long[] sums = retired.clone();
        for (SlotCounters counters : live) {
            for (int i = 0; i < sums.length; i++) {
                sums[i] += counters.get(i);
            }
        }
        Map<Reason, Long> failed = new EnumMap<>(Reason.class);
        failures.forEach((reason, count) -> {
            if (count.sum() > 0) {
                failed.put(reason, count.sum());
            }
        });
        List<Long> buckets = new ArrayList<>();
        for (int i = SlotCounters.BUCKETS; i < sums.length; i++) {
            buckets.add(sums[i]);
        }
        return new InferenceStatistics(
                sums[SlotCounters.SUCCESSES],
                failed,
                sums[SlotCounters.INFERENCES],
                sums[SlotCounters.EXECUTIONS],
                pending,
                sums[SlotCounters.REQUEST_NANOS],
                sums[SlotCounters.QUEUE_NANOS],
                sums[SlotCounters.INPUT_NANOS],
                sums[SlotCounters.INFER_NANOS],
                sums[SlotCounters.OUTPUT_NANOS],
                new Histogram(Latency.BOUNDS_MILLIS, buckets, sums[SlotCounters.REQUEST_NANOS] / 1e6));
    }
}
