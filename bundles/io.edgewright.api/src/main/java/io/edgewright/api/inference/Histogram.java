// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import java.util.List;

/**
 * Counts of durations by size.
 *
 * @param upperBoundsMillis the upper bound of each bucket in milliseconds, ascending; a last bucket without bound follows
 * @param counts one more than bounds; not cumulative
 * @param sumMillis the sum of all durations
 */
public record Histogram(List<Double> upperBoundsMillis, List<Long> counts, double sumMillis) {

    /** Checks and copies. */
    public Histogram {
        upperBoundsMillis = List.copyOf(upperBoundsMillis);
        counts = List.copyOf(counts);
        if (counts.size() != upperBoundsMillis.size() + 1) {
            throw new IllegalArgumentException(
                    "%d counts for %d bounds, expected one more".formatted(counts.size(), upperBoundsMillis.size()));
        }
    }

    /** {@return how many durations were counted} */
    public long count() {
        return counts.stream().mapToLong(Long::longValue).sum();
    }

    /**
     * {@return an estimate of a quantile in milliseconds, linear within its bucket; 0 if nothing was counted; the last
     * bound if it lies beyond}
     *
     * @param q 0..1, such as 0.99
     */
    public double quantileMillis(double q) {
        double wanted = q * count();
        double below = 0;
        double lower = 0;
        for (int i = 0; i < upperBoundsMillis.size(); i++) {
            long here = counts.get(i);
            if (here > 0 && below + here >= wanted) {
                return lower + (upperBoundsMillis.get(i) - lower) * Math.max(0, wanted - below) / here;
            }
            below += here;
            lower = upperBoundsMillis.get(i);
        }
        return below == 0 && counts.get(counts.size() - 1) == 0 ? 0 : lower;
    }
}
