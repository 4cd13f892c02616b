// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * What networks are made of, in models of every age: conv, the thing in question, conv. The pass makes a model that passes its check and
 * answers about the same, or it says why not.
 */
class GeneratedModelsTest {

    /** Up to the newest that ONNX Runtime 1.29 calls official. */
    private static final List<Long> OPSETS = List.of(7L, 9L, 10L, 11L, 13L, 17L, 18L, 20L, 22L, 24L, 26L);

    private static final List<Map<String, String>> FORMS = List.of(
            Map.of(),
            Map.of("calibration", "minmax", "activation-type", "int8"),
            Map.of("activations", "dynamic"),
            Map.of("weights", "int4"),
            Map.of("weights", "fp16"));

    @TempDir
    Path folder;

    /** Makes the value {@code mid} of {@code c1: FLOAT32 [1, 8, 8, 8]}, with as many channels. */
    @FunctionalInterface
    private interface Middle {

        void build(Nets nets, long opset);
    }

    private record Kind(String name, long since, long until, Middle middle) {

        static Kind of(String name, Middle middle) {
            return new Kind(name, 7, 99, middle);
        }

        static Kind unary(String operator, long since) {
            return new Kind(operator, since, 99, (nets, opset) -> nets.node(operator, "mid", "c1"));
        }

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Kind> kinds() {
        return Stream.concat(operators(), shapes());
    }

    private static Stream<Kind> operators() {
        return Stream.of(
                Kind.unary("Relu", 7),
                Kind.unary("LeakyRelu", 7),
                Kind.unary("Sigmoid", 7),
                Kind.unary("Tanh", 7),
                Kind.unary("HardSigmoid", 7),
                Kind.unary("HardSwish", 14),
                Kind.unary("Gelu", 20),
                Kind.unary("Erf", 9),
                Kind.unary("Identity", 7),
                Kind.of("Clip", GeneratedModelsTest::clip),
                Kind.of("SiLU", (n, o) -> n.node("Sigmoid", "s", "c1").node("Mul", "mid", "c1", "s")),
                Kind.of("PRelu", (n, o) -> n.constant("slope", n.random(0.2f, 8, 1, 1))
                        .node("PRelu", "mid", "c1", "slope")),
                Kind.of("residual Add", (n, o) -> n.conv("c2", "c1", 8, 8).node("Add", "mid", "c2", "c1")),
                Kind.of("Sub", (n, o) -> n.conv("c2", "c1", 8, 8).node("Sub", "mid", "c2", "c1")),
                Kind.of("scale", (n, o) -> n.constant("scale", n.random(1, 1, 8, 1, 1))
                        .node("Mul", "mid", "c1", "scale")),
                Kind.of("Concat", (n, o) -> n.conv("a", "c1", 8, 4)
                        .conv("b", "c1", 8, 4)
                        .node("Concat", "mid", "a", "b")
                        .set("axis", Attribute.of(1))),
                Kind.of("BatchNormalization", (n, o) -> n.constant("one", ones(8))
                        .constant("zero", n.random(0.1f, 8))
                        .node("BatchNormalization", "mid", "c1", "one", "zero", "zero", "one")),
                Kind.of("InstanceNormalization", (n, o) -> n.constant("one", ones(8))
                        .constant("zero", n.random(0.1f, 8))
                        .node("InstanceNormalization", "mid", "c1", "one", "zero")),
                Kind.of("depthwise Conv", (n, o) -> n.constant("w", n.random(0.3f, 8, 1, 3, 3))
                        .node("Conv", "mid", "c1", "w")
                        .set("group", Attribute.of(8))
                        .set("auto_pad", Attribute.of("SAME_UPPER"))),
                Kind.of("grouped Conv", (n, o) -> n.constant("w", n.random(0.3f, 8, 4, 3, 3))
                        .node("Conv", "mid", "c1", "w")
                        .set("group", Attribute.of(2))
                        .set("strides", Attribute.ofInts(List.of(2L, 2L)))),
                Kind.of("ConvTranspose", (n, o) -> n.constant("w", n.random(0.2f, 8, 8, 2, 2))
                        .node("ConvTranspose", "mid", "c1", "w")
                        .set("strides", Attribute.ofInts(List.of(2L, 2L)))));
    }

    private static Stream<Kind> shapes() {
        List<Long> two = List.of(2L, 2L);
        return Stream.of(
                Kind.of("MaxPool", (n, o) -> n.node("MaxPool", "mid", "c1").set("kernel_shape", Attribute.ofInts(two))),
                Kind.of("AveragePool", (n, o) -> n.node("AveragePool", "mid", "c1")
                        .set("kernel_shape", Attribute.ofInts(two))
                        .set("pads", Attribute.ofInts(List.of(1L, 1L, 1L, 1L)))),
                Kind.unary("GlobalAveragePool", 7),
                Kind.of("ReduceMean", GeneratedModelsTest::reduceMean),
                Kind.of("Softmax", (n, o) -> n.node("Softmax", "mid", "c1").set("axis", Attribute.of(1))),
                Kind.of("Transpose", (n, o) -> n.node("Transpose", "mid", "c1")
                        .set("perm", Attribute.ofInts(List.of(0L, 1L, 3L, 2L)))),
                Kind.of("DepthToSpace", (n, o) -> n.conv("c2", "c1", 8, 32)
                        .node("DepthToSpace", "mid", "c2")
                        .set("blocksize", Attribute.of(2))),
                new Kind("Upsample", 9, 9, (n, o) -> n.constant("scales", Weights.ofFloats(List.of(4L), 1, 1, 2, 2))
                        .node("Upsample", "mid", "c1", "scales")),
                new Kind("Resize", 11, 99, (n, o) -> n.constant("scales", Weights.ofFloats(List.of(4L), 1, 1, 2, 2))
                        .constant("roi", Weights.ofFloats(List.of(0L)))
                        .node("Resize", "mid", "c1", "roi", "scales")),
                Kind.of("shuffle", (n, o) -> n.constant("five", Weights.ofLongs(List.of(5L), 1, 2, 4, 8, 8))
                        .constant("four", Weights.ofLongs(List.of(4L), 1, 8, 8, 8))
                        .node("Reshape", "halves", "c1", "five")
                        .node("Transpose", "turned", "halves")
                        .set("perm", Attribute.ofInts(List.of(0L, 2L, 1L, 3L, 4L)))
                        .node("Reshape", "mid", "turned", "four")),
                Kind.of("MatMul", (n, o) -> n.constant("w", n.random(0.3f, 8, 8))
                        .node("MatMul", "mid", "c1", "w")),
                Kind.of("Gemm with one bias for all", (n, o) -> n.constant("rows", Weights.ofLongs(List.of(2L), 64, 8))
                        .constant("four", Weights.ofLongs(List.of(4L), 1, 8, 8, 8))
                        .constant("w", n.random(0.3f, 8, 8))
                        .constant("b", Weights.ofFloats(List.of(), 0.5f))
                        .node("Reshape", "flat", "c1", "rows")
                        .node("Gemm", "g", "flat", "w", "b")
                        .node("Reshape", "mid", "g", "four")),
                Kind.of("MatMul of 4 dimensions", (n, o) -> n.constant("w", n.random(0.3f, 1, 8, 8, 8))
                        .node("MatMul", "mid", "c1", "w")),
                Kind.of("attention", (n, o) -> n.node("Softmax", "weights", "c1")
                        .set("axis", Attribute.of(3))
                        .node("MatMul", "mid", "weights", "c1")));
    }

    private static void clip(Nets nets, long opset) {
        if (opset < 11) {
            nets.node("Clip", "mid", "c1").set("min", Attribute.of(0f)).set("max", Attribute.of(6f));
        } else {
            nets.constant("min", Weights.ofFloats(List.of(), 0)).constant("max", Weights.ofFloats(List.of(), 6));
            nets.node("Clip", "mid", "c1", "min", "max");
        }
    }

    private static void reduceMean(Nets nets, long opset) {
        if (opset < 18) {
            nets.node("ReduceMean", "mid", "c1").set("axes", Attribute.ofInts(List.of(2L, 3L)));
        } else {
            nets.constant("axes", Weights.ofLongs(List.of(2L), 2, 3)).node("ReduceMean", "mid", "c1", "axes");
        }
    }

    private static Weights ones(int count) {
        float[] ones = new float[count];
        Arrays.fill(ones, 1);
        return Weights.ofFloats(List.of((long) count), ones);
    }

    static Stream<Arguments> kindsAndOpsets() {
        return kinds().flatMap(kind -> OPSETS.stream()
                .filter(opset -> opset >= kind.since && opset <= kind.until)
                .map(opset -> Arguments.of(kind, opset)));
    }

    @ParameterizedTest(name = "{0}, opset {1}")
    @MethodSource("kindsAndOpsets")
    void becomesInt8AndAnswersAboutTheSame(Kind kind, long opset) throws Exception {
        PassResult result = quantized(kind, opset, Map.of());
        assertThat(result.figures().get("products_int8")).isGreaterThanOrEqualTo(2);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("kinds")
    void takesEveryFormOrSaysWhyNot(Kind kind) throws Exception {
        for (Map<String, String> form : FORMS) {
            quantized(kind, Math.min(kind.until, 22), form);
        }
    }

    @Test
    void modelsThatAreOlderAreRefused() throws Exception {
        FileModel model = model(kinds().findFirst().orElseThrow(), 6);
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, Map.of()))
                .withMessageContaining("opset 6, expected 7 or later")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }

    private PassResult quantized(Kind kind, long opset, Map<String, String> form) throws Exception {
        FileModel model = model(kind, opset);
        PassResult result = apply(model, form);
        if (!result.changed()) {
            assertThat(result.summary()).as("%s %s", kind, form).isNotBlank();
            assertThat(target()).doesNotExist();
            return result;
        }
        try (OnnxModel written = OnnxModel.read(target())) {
            assertThat(written.problems()).as("%s %s", kind, form).isEmpty();
        }
        TestContext context = TestContext.of(model, Map.of(), Nets.samples(1), folder);
        Map<String, Tensor> sample = Nets.samples(20).get(19);
        assertThat(TestContext.cosine(context.answer(model.path(), sample), context.answer(target(), sample)))
                .as("%s %s", kind, form)
                .isGreaterThan(0.95);
        Files.delete(target());
        return result;
    }

    private FileModel model(Kind kind, long opset) throws Exception {
        Nets nets = new Nets().conv("c1", "x", 3, 8);
        kind.middle.build(nets, opset);
        return nets.conv("y", "mid", 8, 4).write(folder, opset, "y");
    }

    private PassResult apply(FileModel model, Map<String, String> form) throws Exception {
        Path work = Files.createDirectories(folder.resolve("work"));
        return new QuantizePass().apply(model, target(), TestContext.of(model, form, Nets.samples(16), work));
    }

    private Path target() {
        return folder.resolve("quantized.onnx");
    }
}
