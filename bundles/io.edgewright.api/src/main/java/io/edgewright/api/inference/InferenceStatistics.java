// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.InferenceException;
import java.util.Map;

/**
 * What one served version has done since it was loaded.
 *
 * @param successes requests answered
 * @param failures requests refused or failed, by reason
 * @param inferences items inferred: a batch of 8 counts 8
 * @param executions runs of the model: a batch of 8 counts 1
 * @param pending requests that wait for a slot or in a batch now
 * @param requestNanos total time of successful requests, waiting included
 * @param queueNanos thereof waiting for a slot
 * @param inputNanos thereof filling inputs
 * @param inferNanos thereof running the model
 * @param outputNanos thereof reading outputs
 * @param latency of successful requests, waiting included
 */
public record InferenceStatistics(
        long successes,
        Map<InferenceException.Reason, Long> failures,
        long inferences,
        long executions,
        long pending,
        long requestNanos,
        long queueNanos,
        long inputNanos,
        long inferNanos,
        long outputNanos,
        Histogram latency) {

    /** Copies. */
    public InferenceStatistics {
        failures = Map.copyOf(failures);
    }

    /** {@return requests refused or failed, for any reason} */
    public long failed() {
        return failures.values().stream().mapToLong(Long::longValue).sum();
    }
}
