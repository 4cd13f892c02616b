// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Measures on the device whether batches cost clearly less per item: rounds of one run of each size, so that a slow moment
 * hits all sizes, and medians.
 */
final class Probe implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Probe.class);
    private static final int LOWEST = -100;
    private static final int ROUNDS = 15;
    private static final int LEAST_ROUNDS = 3;
    private static final double CLEARLY = 0.85;
    private static final Duration MOST = Duration.ofSeconds(2);

    private final LoadedVersion version;
    private final int batchMax;
    private final Journal journal;

    Probe(LoadedVersion version, int batchMax, Journal journal) {
        this.version = version;
        this.batchMax = batchMax;
        this.journal = journal;
    }

    @Override
    public void run() {
        try {
            Map<Integer, List<Long>> times = measure();
            if (times.getOrDefault(1, List.of()).size() >= LEAST_ROUNDS) {
                decide(times);
            }
        } catch (InferenceException | RuntimeException e) { // a driver is foreign code
            LOG.debug("{}: batches were not measured: {}", version.id(), e.getMessage());
        }
    }

    private Map<Integer, List<Long>> measure() throws InferenceException {
        Map<Integer, List<Long>> times = new LinkedHashMap<>();
        long end = System.nanoTime() + MOST.toNanos();
        for (int round = -1; round < ROUNDS && (round < LEAST_ROUNDS || System.nanoTime() - end < 0); round++) {
            for (int size = 1; size <= batchMax; size *= 2) {
                Long nanos = time(size);
                if (nanos == null) {
                    return Map.of();
                }
                if (round >= 0) { // the first round opens the slots
                    times.computeIfAbsent(size, s -> new ArrayList<>()).add(nanos);
                }
            }
        }
        return times;
    }

    /** {@return the time of one run; null if the version is closed or its device stuck} */
    private @Nullable Long time(int size) throws InferenceException {
        PooledSlot slot = version.acquire(Batches.shapes(version.inputs(), size), Deadline.NONE, LOWEST);
        if (slot == null) {
            return null;
        }
        boolean mine = true;
        try {
            long start = System.nanoTime();
            if (slot.run(Deadline.NONE, start) != PooledSlot.Outcome.RAN) {
                mine = false;
                return null;
            }
            return System.nanoTime() - start;
        } finally {
            if (mine) {
                slot.release();
            }
        }
    }

    private void decide(Map<Integer, List<Long>> times) {
        double one = median(times.getOrDefault(1, List.of()));
        int best = 1;
        double bestRatio = CLEARLY;
        var figures = new StringBuilder();
        for (Map.Entry<Integer, List<Long>> entry : times.entrySet()) {
            double perItem = median(entry.getValue()) / entry.getKey() / one;
            figures.append(String.format(Locale.ROOT, "%d: %.2f, ", entry.getKey(), perItem));
            if (perItem < bestRatio) {
                best = entry.getKey();
                bestRatio = perItem;
            }
        }
        String text = figures.substring(0, figures.length() - 2);
        version.batching(new Batching(best, text));
        LOG.debug("{}: time per item by batch size, relative to 1: {}", version.id(), text);
        journal.note(
                Kind.STATE,
                best > 1
                        ? "queued requests for %s run in batches of up to %d".formatted(version.id(), best)
                        : "queued requests for %s run one by one, as batches do not pay".formatted(version.id()),
                Map.of("version", version.version(), "batch", String.valueOf(best), "perItem", text));
    }

    private static double median(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return sorted.isEmpty() ? 1 : Math.max(1, sorted.get(sorted.size() / 2));
    }
}
