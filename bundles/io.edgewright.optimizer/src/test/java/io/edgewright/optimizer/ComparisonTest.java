// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Agreement.Measure;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ComparisonTest {

    private static final ModelManifest FACES = new ModelManifest(
            ModelId.of("faces", "1.0.0"),
            "onnx",
            "model.onnx",
            "0".repeat(64),
            1,
            List.of(spec("input", 1, 3, 8, 8)),
            List.of(spec("scores", 1, 2, 2), spec("boxes", 1, 2, 4)),
            Map.of(),
            Map.of());

    @Test
    void aDetectorAgreesByTheBoxesThatBothFind() {
        Comparison two = compare(faces(0.9f, 0.9f), faces(0.9f, 0.1f));

        assertThat(two.compared()).isEqualTo(1);
        assertThat(two.agreement().measure()).isEqualTo(Measure.BOXES);
        assertThat(two.agreement().score()).isEqualTo(2 / 3.0);
    }

    @Test
    void aDetectorThatFindsNothingAgreesByItsNumbersOnly() {
        Agreement far = compare(faces(0.1f, 0.1f), faces(0.3f, 0.1f)).agreement();

        assertThat(far.measure()).isEqualTo(Measure.VALUES);
        assertThat(far.score()).isZero();
        Comparison near = compare(faces(0.1f, 0.1f), faces(0.1f, 0.1f));
        assertThat(near.agreement().score()).isEqualTo(1);
        assertThat(near.compared()).isZero();
    }

    private static Comparison compare(Map<String, Tensor> expected, Map<String, Tensor> found) {
        var comparison = new Comparison(FACES, new Spread(List.of(expected, faces(0.11f, 0.1f))));
        comparison.add(expected, found, Samples.UNKNOWN);
        return comparison;
    }

    /** Two faces side by side, and how sure the model is of them. */
    private static Map<String, Tensor> faces(float left, float right) {
        return Map.of(
                "scores", Tensor.ofFloats(List.of(1L, 2L, 2L), 1 - left, left, 1 - right, right),
                "boxes", Tensor.ofFloats(List.of(1L, 2L, 4L), 0, 0, 0.4f, 1, 0.6f, 0, 1, 1));
    }

    private static TensorSpec spec(String name, long... shape) {
        return new TensorSpec(
                name, ElementType.FLOAT32, Arrays.stream(shape).boxed().toList());
    }
}
