// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelProbeTest {

    @TempDir
    Path dir;

    private static OnnxWriter halves() {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 4L)))
                .node("Transpose", List.of("x"), List.of("y"), Map.of());
    }

    @Test
    void tellsTypeAndShapeOfAnOutput() throws Exception {
        OnnxWriter writer = halves().output(new TensorSpec("y", ElementType.FLOAT32, TensorSpec.ANY_SHAPE));
        Path file = Files.write(dir.resolve("m.onnx"), writer.toBytes());
        Map<String, String> said = new HashMap<>();

        ModelProbe.outputTypes(
                file, (name, type, shape, symbols) -> said.put(name, type + " " + shape[0] + " " + symbols[1]));

        assertThat(said).containsExactly(Map.entry("y", "FLOAT32 4 d0"));
    }

    @Test
    void runsAModelWithoutInputs() throws Exception {
        OnnxWriter writer = new OnnxWriter(17)
                .initializer("a", Tensor.ofLongs(List.of(2L), 1, 2))
                .initializer("b", Tensor.ofLongs(List.of(2L), 10, 20))
                .node("Add", List.of("a", "b"), List.of("y"), Map.of())
                .output(new TensorSpec("y", ElementType.INT64, List.of(2L)));
        Path file = Files.write(dir.resolve("m.onnx"), writer.toBytes());

        assertThat(ModelProbe.answers(file)).containsExactly(Map.entry("y", Tensor.ofLongs(List.of(2L), 11, 22)));
    }

    @Test
    void saysThatTheEngineDoesNotTakeAModel() throws Exception {
        Path file = Files.write(dir.resolve("m.onnx"), "no model".getBytes(StandardCharsets.UTF_8));

        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> ModelProbe.answers(file))
                .withMessageContaining("m.onnx");
    }
}
