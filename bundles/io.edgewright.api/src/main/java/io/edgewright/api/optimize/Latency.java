// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.time.Duration;

/**
 * How long runs took.
 *
 * @param p50 the median
 * @param p95 the 95th percentile
 * @param runs how many were timed
 */
public record Latency(Duration p50, Duration p95, int runs) {

    /** Nothing was measured. */
    public static final Latency NONE = new Latency(Duration.ZERO, Duration.ZERO, 0);
}
