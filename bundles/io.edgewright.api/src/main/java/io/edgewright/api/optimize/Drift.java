// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.model.ModelId;
import java.util.Map;

/**
 * How far what a deployment sees and answers has moved from what it saw and answered at first.
 *
 * <p>The measure is the population stability index over 10 bins that hold equal shares of the reference:
 * {@code sum((w - r) * ln(w / r))} with the shares {@code w} of the latest window and {@code r} of the reference. By custom
 * below 0.1 nothing has changed, and above 0.25 much has.
 *
 * @param deployment whose
 * @param model the version that serves; another one begins anew
 * @param samples how many inferences were seen
 * @param psi by tensor, such as {@code input x} and {@code output y}; empty until the first window is full
 * @param alarm true if one of them is above the limit
 */
public record Drift(String deployment, ModelId model, long samples, Map<String, Double> psi, boolean alarm) {

    /** Copies. */
    public Drift {
        psi = Map.copyOf(psi);
    }
}
