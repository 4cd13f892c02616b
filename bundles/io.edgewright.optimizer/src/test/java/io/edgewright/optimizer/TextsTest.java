// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TextsTest {

    @Test
    void ofManyVariantsThatDoNotPayOneLineNamesTheNearestAndWhatCouldNotBeMade() {
        List<Variant> judged = List.of(
                variant("graph", Verdict.NO_GAIN, 1.01, "1.01 times as fast: no gain"),
                variant("graph;slow", Verdict.NO_GAIN, 0.5, "0.50 times as fast: no gain"),
                variant("graph;far", Verdict.GATE_FAILED, 1.2, "agrees in 10 %"),
                variant("graph;near", Verdict.GATE_FAILED, 1.5, "agrees in 95 %"),
                variant("graph;prune", Verdict.REFUSED, Double.NaN, "prune: it has control flow"),
                variant("graph;prune;x", Verdict.REFUSED, Double.NaN, "prune: it has control flow"));

        assertThat(Texts.whyNone(judged, List.of("distill: it has control flow")))
                .isEqualTo("graph is 1.01 times as fast: no gain;"
                        + " graph;near is 1.50 times as fast, but agrees in 95 %;"
                        + " prune: it has control flow; distill: it has control flow");
    }

    @Test
    void aCommandRepeatsAllThatARequestAskedFor() {
        var request = new OptimizationRequest(
                ModelId.of("faces", "1.0.0"),
                "cpu",
                Pipeline.AUTO,
                Gate.DEFAULT,
                Budget.parse("minutes=2"),
                new CalibrationSource(CalibrationSource.Kind.FOLDER, "/data/it's here", "/data/labels.csv"));
        Map<String, String> properties =
                Map.of("image.color", "BGR", "image.mean", "103.94,116.78,123.68", "image.scale", "1", "task", "x");

        assertThat(CommandText.of(request, Pipeline.parse("graph;quantize(calibration=minmax)"), properties))
                .isEqualTo("./edgewright optimize MODEL.onnx --scale 1 --mean 103.94,116.78,123.68 --bgr"
                        + " --calibration '/data/it'\\''s here' --labels /data/labels.csv"
                        + " --passes 'graph;quantize(calibration=minmax)' --budget minutes=2"
                        + " --least-agreement 98 --most-loss 0.5 --accelerator cpu --out OUT");
    }

    private static Variant variant(String pipeline, Verdict verdict, double speedup, String reason) {
        var measured = new Measurement(Agreement.NONE, Double.NaN, Latency.NONE, speedup, 0, 0);
        return new Variant("", Pipeline.parse(pipeline), verdict, reason, measured, List.of(), Map.of());
    }
}
