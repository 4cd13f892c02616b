// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.graph.GraphRun;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.SampledPass;
import io.edgewright.testkit.TestData;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Models that others have made: they lose channels and still run, or are refused in one line. */
class RealModelsTest {

    @TempDir
    Path folder;

    private final PrunePass pass = new PrunePass();

    @ParameterizedTest
    @ValueSource(
            strings = {
                "classification/mnist-8.onnx",
                "classification/mnist-cnn-pytorch.onnx",
                "drone/pulp_dronet_v2.onnx",
                "detection/yunet_n_320.onnx",
                "detection/fastestdet-coco.onnx",
                "detection/ultraface-RFB-320.onnx"
            })
    void loseHalfOfTheirChannelsAndKeepTheShapesOfTheirAnswers(String name) throws Exception {
        FileModel model = FileModel.of(TestData.require(name), "onnx");
        Path target = folder.resolve("made.onnx");

        PassResult result = pass.apply(model, target, SampledPass.of(pass, "recovery=none", model, List.of(), folder));

        assertThat(result.changed()).isTrue();
        assertThat(result.figures().getOrDefault("products_after", 0.0))
                .isLessThan(0.7 * result.figures().getOrDefault("products_before", 0.0));
        assertThat(answers(target)).isEqualTo(answers(model.path()));
    }

    /** The shapes of what a model answers to zeros. */
    private static Map<String, List<Long>> answers(Path file) throws Exception {
        Map<String, List<Long>> shapes = new HashMap<>();
        try (GraphRun run = GraphRun.open(file, Map.of())) {
            run.run();
            for (TensorSpec output : run.outputs()) {
                shapes.put(output.name(), run.output(output.name()).shape());
            }
        }
        return shapes;
    }

    @ParameterizedTest
    @CsvSource({"classification/squeezenet-fp16.onnx,FLOAT16", "audio/silero_vad.onnx,control flow"})
    void areRefusedInOneLine(String name, String why) throws Exception {
        FileModel model = FileModel.of(TestData.require(name), "onnx");

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> pass.apply(
                        model, folder.resolve("made.onnx"), SampledPass.of(pass, "", model, List.of(), folder)))
                .withMessageContaining(why)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED))
                .satisfies(e -> assertThat(e.getMessage()).doesNotContain("\n"));
    }
}
