// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Pipeline;

/**
 * How a deployment wishes its model to be optimized.
 *
 * @param pipeline which passes; perhaps none
 * @param calibration sample inputs
 * @param gate what a variant must hold
 * @param budget what it may cost
 */
record Improvement(Pipeline pipeline, CalibrationSource calibration, Gate gate, Budget budget) {

    /** Reads and checks a configuration. */
    static Improvement of(Deployment.Config config) {
        return new Improvement(
                Pipeline.parse(config.passes()),
                CalibrationSource.parse(config.calibration()),
                new Gate(
                        config.gate_agreement_percent() / 100,
                        Gate.DEFAULT.leastCosine(),
                        Gate.DEFAULT.mostError(),
                        config.gate_loss_points() / 100),
                Budget.parse(config.budget()));
    }

    OptimizationRequest request(ModelId model, String accelerator) {
        return new OptimizationRequest(model, accelerator, pipeline, gate, budget, calibration);
    }
}
