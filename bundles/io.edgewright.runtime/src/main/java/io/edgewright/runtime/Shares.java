// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Which share of the requests each device of a spread deployment has answered lately. Thread-safe. */
final class Shares {

    private static final Duration WINDOW = Duration.ofSeconds(30);

    private final Time time;
    private Map<LoadedVersion, Long> before = Map.of(); // guarded by this, as all here
    private Map<LoadedVersion, Long> mark = Map.of();
    private long markNanos;

    Shares(Time time) {
        this.time = time;
        this.markNanos = time.nanos();
    }

    /**
     * {@return a share for each version, in percent: what it answered in the last half to whole minute; without requests,
     * what its speed would give it}
     *
     * @param total what the shares add up to
     */
    synchronized List<Integer> percents(List<LoadedVersion> versions, int total) {
        Map<LoadedVersion, Long> now = new HashMap<>();
        versions.forEach(v -> now.put(v, v.recorder().successes()));
        if (time.nanos() - markNanos > WINDOW.toNanos()) {
            before = mark;
            mark = now;
            markNanos = time.nanos();
        }
        List<Double> weights = new ArrayList<>();
        for (LoadedVersion version : versions) {
            weights.add((double) (now.getOrDefault(version, 0L) - before.getOrDefault(version, 0L)));
        }
        if (weights.stream().allMatch(w -> w == 0)) {
            weights.clear();
            versions.forEach(
                    v -> weights.add(v.slots() / (double) Math.max(1, v.pace().usualNanos())));
        }
        return rounded(weights, total);
    }

    private static List<Integer> rounded(List<Double> weights, int total) {
        double sum = weights.stream().mapToDouble(Double::doubleValue).sum();
        List<Integer> percents = new ArrayList<>();
        double exact = 0;
        int given = 0;
        for (double weight : weights) { // what was rounded off goes to the next, so that the sum is right
            exact += total * weight / sum;
            int percent = (int) Math.round(exact) - given;
            percents.add(percent);
            given += percent;
        }
        return percents;
    }
}
