// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.List;
import java.util.Map;

/**
 * A model after passes, for one device.
 *
 * @param key names it on this gateway: made of the model's digest, passes, parameters, calibration data, driver and device
 * @param pipeline the passes
 * @param verdict what became of it
 * @param reason why, one line for people
 * @param measurement what was measured; {@link Measurement#NONE} if it did not come to that
 * @param steps what each pass did; may end early if one refused
 * @param load settings of the driver, as in {@link io.edgewright.api.accelerator.LoadOptions#properties()}
 */
public record Variant(
        String key,
        Pipeline pipeline,
        Verdict verdict,
        String reason,
        Measurement measurement,
        List<PassRecord> steps,
        Map<String, String> load) {

    /** What became of a variant. Names are stable. */
    public enum Verdict {
        /** It holds the gate and the budget, and no other one is better in everything: it is on the Pareto front. */
        FRONT,
        /** It holds the gate and the budget, but another one is better in everything. */
        DOMINATED,
        /** It is neither faster nor smaller than the original. */
        NO_GAIN,
        /** It does not hold the gate or the budget. */
        GATE_FAILED,
        /** A pass refused the model. */
        REFUSED,
        /** It could not be made or measured. */
        FAILED
    }

    /** Copies. */
    public Variant {
        steps = List.copyOf(steps);
        load = Map.copyOf(load);
    }
}
