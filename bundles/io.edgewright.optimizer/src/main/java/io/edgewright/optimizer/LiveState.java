// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelId;
import java.util.Map;
import java.util.Objects;

/**
 * What outlasts a restart of all that was seen of a deployment: no inference, only what they are compared with.
 *
 * @param model the version that served
 * @param digest of it
 * @param mostBytes how much of its inputs may be kept
 * @param alarm true while its data have drifted
 * @param psi by tensor, when this was written; empty before the first comparison
 * @param reference by tensor; empty until it is learnt
 */
record LiveState(
        ModelId model,
        String digest,
        long mostBytes,
        boolean alarm,
        Map<String, Double> psi,
        Map<String, Bins> reference) {

    /** Checks and copies. */
    LiveState {
        Objects.requireNonNull(model, "model");
        Objects.requireNonNull(digest, "digest");
        if (mostBytes < 1) {
            throw new IllegalArgumentException("mostBytes is " + mostBytes + ", expected 1 or more");
        }
        psi = Map.copyOf(psi);
        reference = Map.copyOf(reference);
    }
}
