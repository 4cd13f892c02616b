// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class OpsetRaiseTest {

    @TempDir
    Path folder;

    static Stream<Arguments> nodes() {
        Attribute channels = Attribute.of(1L);
        List<Long> inner = List.of(2L, 3L);
        return Stream.of(
                Arguments.of(
                        "Softmax over all from an axis on",
                        7,
                        net("Softmax", "x").set("axis", channels)),
                Arguments.of("Softmax without an axis", 11, net("Softmax", "x")),
                Arguments.of(
                        "LogSoftmax of the last axis", 9, net("LogSoftmax", "x").set("axis", Attribute.of(3L))),
                Arguments.of(
                        "Clip with limits as attributes",
                        7,
                        net("Clip", "x").set("min", Attribute.of(-0.5f)).set("max", Attribute.of(0.5f))),
                Arguments.of("Clip with one limit", 10, net("Clip", "x").set("max", Attribute.of(0.5f))),
                Arguments.of("Dropout", 7, net("Dropout", "x").set("ratio", Attribute.of(0.3f))),
                Arguments.of(
                        "Pad with a value",
                        9,
                        net("Pad", "x")
                                .set("pads", Attribute.ofInts(List.of(0L, 0L, 1L, 2L, 0L, 0L, 3L, 0L)))
                                .set("value", Attribute.of(7f))),
                Arguments.of(
                        "Pad by reflection",
                        7,
                        net("Pad", "x")
                                .set("mode", Attribute.of("reflect"))
                                .set("pads", Attribute.ofInts(List.of(0L, 0L, 1L, 2L, 0L, 0L, 3L, 0L)))),
                Arguments.of("ReduceSum of some axes", 8, net("ReduceSum", "x").set("axes", Attribute.ofInts(inner))),
                Arguments.of("ReduceSum of all", 11, net("ReduceSum", "x")),
                Arguments.of("Unsqueeze", 12, net("Unsqueeze", "x").set("axes", Attribute.ofInts(List.of(0L)))),
                Arguments.of("Squeeze", 7, net("Squeeze", "x").set("axes", Attribute.ofInts(List.of(0L)))),
                Arguments.of(
                        "Slice with attributes",
                        9,
                        net("Slice", "x")
                                .set("starts", Attribute.ofInts(List.of(1L, -3L)))
                                .set("ends", Attribute.ofInts(List.of(100L, -1L)))
                                .set("axes", Attribute.ofInts(inner))),
                Arguments.of(
                        "Upsample with attributes",
                        7,
                        net("Upsample", "x").set("scales", Attribute.ofFloats(List.of(1f, 1f, 2f, 3f)))),
                Arguments.of(
                        "Upsample with an input",
                        9,
                        net("Upsample", "x", "s").constant("s", Weights.ofFloats(List.of(4L), 1, 1, 1.5f, 2))),
                Arguments.of(
                        "Resize of its first version",
                        10,
                        net("Resize", "x", "s").constant("s", Weights.ofFloats(List.of(4L), 1, 1, 2.5f, 2))),
                Arguments.of(
                        "BatchNormalization",
                        7,
                        net("BatchNormalization", "x", "s", "b", "m", "v")
                                .constant("s", Weights.ofFloats(List.of(3L), 1, 2, 3))
                                .constant("b", Weights.ofFloats(List.of(3L), 0, 1, 2))
                                .constant("m", Weights.ofFloats(List.of(3L), 1, 0, 1))
                                .constant("v", Weights.ofFloats(List.of(3L), 1, 4, 2))));
    }

    private static Nets net(String operator, String... inputs) {
        return new Nets().node(operator, "y", inputs);
    }

    @ParameterizedTest(name = "{0}, opset {1}")
    @MethodSource("nodes")
    void aRaisedNodeGivesTheSameAnswer(String name, long opset, Nets nets) throws Exception {
        FileModel model = nets.write(folder, opset, "y");
        Path raised = folder.resolve("raised.onnx");
        try (OnnxModel onnx = OnnxModel.read(model.path())) {
            OpsetRaise.apply(onnx);
            assertThat(onnx.opset()).isEqualTo(13);
            onnx.write(raised);
        }
        TestContext context = TestContext.of(model, Map.of(), List.of(), Files.createDirectory(folder.resolve("work")));
        Map<String, Tensor> sample = Nets.samples(1).get(0);
        assertThat(context.answer(raised, sample))
                .isNotEmpty()
                .containsExactly(context.answer(model.path(), sample), Offset.offset(1e-6f));
    }

    @Test
    void whatCannotBeProvedIsRefused() throws Exception {
        refuses(
                7,
                net("Upsample", "x")
                        .set("mode", Attribute.of("linear"))
                        .set("scales", Attribute.ofFloats(List.of(1f, 1f, 2f, 2f))));
        refuses(9, net("Upsample", "x", "s").constant("s", Weights.ofFloats(List.of(4L), 1, 1, 0.5f, 0.5f)));
        refuses(11, net("Hardmax", "x"));
        refuses(6, net("Relu", "x"));
    }

    private void refuses(long opset, Nets nets) throws Exception {
        FileModel model = nets.write(folder, opset, "y");
        try (OnnxModel onnx = OnnxModel.read(model.path())) {
            assertThatExceptionOfType(OptimizationException.class)
                    .isThrownBy(() -> OpsetRaise.apply(onnx))
                    .withMessageContaining("opset " + opset)
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
        }
    }

    @Test
    void aLaterModelStaysAsItIs() throws Exception {
        FileModel model = net("Hardmax", "x").write(folder, 17, "y");
        try (OnnxModel onnx = OnnxModel.read(model.path())) {
            OpsetRaise.apply(onnx);
            assertThat(onnx.opset()).isEqualTo(17);
        }
    }
}
