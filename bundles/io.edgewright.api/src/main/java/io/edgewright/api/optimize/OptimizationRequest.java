// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import io.edgewright.api.model.ModelId;

/**
 * The wish for a better form of a model on one device.
 *
 * @param model which model; it comes in ONNX
 * @param accelerator the id of the device that it will run on
 * @param pipeline which passes; not {@link Pipeline#NONE}
 * @param gate what the result must hold
 * @param budget what result and search may cost
 * @param calibration sample inputs
 */
public record OptimizationRequest(
        ModelId model, String accelerator, Pipeline pipeline, Gate gate, Budget budget, CalibrationSource calibration) {

    /** Checks. */
    public OptimizationRequest {
        if (pipeline.isNone()) {
            throw new IllegalArgumentException("the pipeline is none, expected auto or steps such as graph;quantize");
        }
    }
}
