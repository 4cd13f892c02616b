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
 * @param samples how many inferences were seen since the gateway started
 * @param captured how many inputs are kept of those, and of those before, for calibration
 * @param compared true if there is a reference to compare with; it lasts over a restart
 * @param psi by tensor, such as {@code input x} and {@code output y}; empty until a window was compared
 * @param alarm true if one of them was above the limit in the latest two windows
 */
public record Drift(
        String deployment,
        ModelId model,
        long samples,
        int captured,
        boolean compared,
        Map<String, Double> psi,
        boolean alarm) {

    /** Copies. */
    public Drift {
        psi = Map.copyOf(psi);
    }
}
