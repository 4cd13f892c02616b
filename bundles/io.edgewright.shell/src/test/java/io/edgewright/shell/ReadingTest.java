// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class ReadingTest {

    private static final Run RUN = new Run("x", "x", inputs -> {}, Optional.empty());

    @Test
    void readsClassesWithTheLabelsOfTheModel() {
        Signature signature = Models.signature(
                List.of(Models.floats("x", 1L, 4L)),
                List.of(Models.floats("y", 1L, 3L)),
                Map.of("labels", "cat\ndog\nbird"));
        var reading = new Reading(signature, false, 2, 0.5f);

        Answer answer =
                reading.read(Models.outputs(Map.of("y", Tensor.ofFloats(List.of(1L, 3L), 0.1f, 0.2f, 0.7f))), RUN);

        assertThat(answer.kind()).isEqualTo(Answer.Kind.CLASSIFICATION);
        assertThat(answer.classes()).extracting(c -> c.label()).containsExactly("bird", "dog");
    }

    @Test
    void leavesTensorsOfOtherModelsAsTheyAre() {
        Signature signature = Models.signature(
                List.of(Models.floats("x", 1L)), List.of(Models.floats("y", 2L, 2L), Models.floats("z", 1L)), Map.of());
        var reading = new Reading(signature, false, 5, 0.5f);

        Answer answer = reading.read(
                Models.outputs(Map.of(
                        "y", Tensor.ofFloats(List.of(2L, 2L), 1, 2, 3, 4), "z", Tensor.ofFloats(List.of(1L), 5))),
                RUN);

        assertThat(answer.kind()).isEqualTo(Answer.Kind.TENSORS);
        assertThat(answer.outputs().keySet()).containsExactly("y", "z");
        assertThat(TensorText.line("y", Models.outputs(answer.outputs()).output("y")))
                .isEqualTo(
                        "y FLOAT32 [2, 2]  min 1.00000  max 4.00000  mean 2.50000  [1.00000, 2.00000, 3.00000, 4.00000]");
        assertThat(TensorText.json("z", Models.outputs(answer.outputs()).output("z"))
                        .get("datatype")
                        .getAsString())
                .isEqualTo("FP32");
    }
}
