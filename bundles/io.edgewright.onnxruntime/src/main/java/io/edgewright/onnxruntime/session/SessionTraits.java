// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;

/**
 * What a driver decides or knows about one session.
 *
 * @param model name and version, for error texts
 * @param errors what the engine's errors mean on this device
 * @param inputs what a run takes, from {@link OrtTypes#specs}
 * @param outputs what a run gives
 * @param parallelism how many runs side by side make sense, 1 or more
 * @param facts see {@link io.edgewright.api.accelerator.ModelSession#facts}
 * @param outlivesDriver see {@link io.edgewright.api.accelerator.ModelSession#outlivesDriver}
 * @param onFreed called once, when the native memory is gone
 */
public record SessionTraits(
        String model,
        OrtErrors errors,
        List<TensorSpec> inputs,
        List<TensorSpec> outputs,
        int parallelism,
        Map<String, String> facts,
        boolean outlivesDriver,
        Runnable onFreed) {

    /** Checks and copies. */
    public SessionTraits {
        if (parallelism < 1) {
            throw new IllegalArgumentException("parallelism is " + parallelism + ", expected 1 or more");
        }
        inputs = List.copyOf(inputs);
        outputs = List.copyOf(outputs);
        facts = Map.copyOf(facts);
    }
}
