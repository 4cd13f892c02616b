// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

/**
 * What was measured of one model on one device. Numbers are NaN where nothing was measured.
 *
 * @param agreement with the original's answers
 * @param accuracy the share of right answers, 0..1; NaN without labels
 * @param latency of a run, timed in turns with the original
 * @param speedup how many times as fast as the original: the median over turns
 * @param sizeBytes of the model file and its external data together
 * @param memoryBytes of its session, as far as the driver or the process tell; 0 if unknown
 */
public record Measurement(
        Agreement agreement, double accuracy, Latency latency, double speedup, long sizeBytes, long memoryBytes) {

    /** Nothing was measured. */
    public static final Measurement NONE = new Measurement(Agreement.NONE, Double.NaN, Latency.NONE, Double.NaN, 0, 0);
}
