// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Pipeline;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class OptimizerMetricsTest {

    private static final ModelId MODEL = ModelId.of("m", "1.0.0");

    @Test
    void countsRequestsByStateAndTellsDriftByTensor() {
        var request = new OptimizationRequest(
                MODEL, "cpu", Pipeline.AUTO, Gate.DEFAULT, Budget.DEFAULT, CalibrationSource.OF_PACKAGE);
        var done = new Optimization(
                "1", request, Optimization.State.DONE, 1, "", Instant.EPOCH, 0, Measurement.NONE, List.of(), "");
        var out = new Exposition();
        new OptimizerMetrics(
                        out,
                        List.of(done),
                        List.of(new Drift("shelf", MODEL, 400, 100, true, Map.of("input x", 0.5), true)))
                .write();

        assertThat(new String(out.toBytes(), StandardCharsets.UTF_8))
                .contains(
                        "edgewright_optimizations{state=\"done\"} 1",
                        "edgewright_optimizations{state=\"failed\"} 0",
                        "edgewright_drift_psi{deployment=\"shelf\",tensor=\"input x\"} 0.5",
                        "edgewright_drift_alarm{deployment=\"shelf\"} 1");
    }
}
