// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.tuple;

import io.edgewright.api.optimize.Evaluator.Candidate;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class StaticInt8Test {

    @TempDir
    Path folder;

    private Path target = Path.of("");
    private Path work = Path.of("");

    @BeforeEach
    void makeFolders() throws Exception {
        target = Files.createDirectory(folder.resolve("out")).resolve("model.onnx");
        work = Files.createDirectory(folder.resolve("work"));
    }

    @ParameterizedTest
    @CsvSource({"percentile, auto, auto", "minmax, uint8, full", "entropy, uint8, reduced"})
    void everyProductOfAResidualNetRunsInInt8(String calibration, String type, String range) throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        PassResult result =
                apply(model, Map.of("calibration", calibration, "activation-type", type, "weight-range", range));
        assertThat(result.figures()).containsEntry("products", 4.0).containsEntry("products_int8", 4.0);
        assertThat(result.remarks()).isEmpty();
        assertThat(cosine(model)).isGreaterThan(0.99);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void signedActivationsWorkToo() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        apply(model, Map.of("activation-type", "int8"));
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void oneStepForAllChannelsWorksToo() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        PassResult result = apply(model, Map.of("per-channel", "false"));
        assertThat(result.figures()).containsEntry("products_int8", 4.0);
        assertThat(cosine(model)).isGreaterThan(0.98);
    }

    @Test
    void theSameInputsGiveTheSameFile() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        apply(model, Map.of());
        byte[] first = Files.readAllBytes(target);
        Files.delete(target);
        apply(model, Map.of());
        assertThat(Files.readAllBytes(target)).isEqualTo(first);
    }

    @Test
    void inputsAndOutputsKeepTheirNames() throws Exception {
        FileModel model = Nets.residual().write(folder, "r2", "y", "c3");
        apply(model, Map.of());
        try (OnnxModel written = OnnxModel.read(target)) {
            assertThat(written.graph().inputs()).extracting(ValueInfo::name).containsExactly("x");
            assertThat(written.graph().outputs()).extracting(ValueInfo::name).containsExactly("r2", "y", "c3");
        }
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @ParameterizedTest
    @ValueSource(strings = {"HardSwish", "Tanh", "HardSigmoid", "Softplus"})
    void anOperatorWithoutInt8FormBecomesAnIslandThatIsTold(String operator) throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).node(operator, "island", "c1").conv("y", "island", 8, 8);
        FileModel model = nets.write(folder, 14, "y");
        PassResult result = apply(model, Map.of());
        assertThat(result.figures()).containsEntry("products_int8", 2.0);
        assertThat(result.remarks())
                .extracting(NodeRemark::node, NodeRemark::rule)
                .containsExactly(tuple("island", "no-int8-kernel"));
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void whatMovesLimitsAndJoinsValuesRunsInInt8Too() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8)
                .node("MaxPool", "pool", "c1")
                .set("kernel_shape", Attribute.ofInts(List.of(2L, 2L)))
                .set("strides", Attribute.ofInts(List.of(2L, 2L)))
                .node("Relu", "r1", "pool");
        nets.conv("c2", "r1", 8, 8)
                .node("Sigmoid", "gate", "c2")
                .node("Mul", "silu", "c2", "gate")
                .node("Concat", "both", "silu", "r1")
                .set("axis", Attribute.of(1L));
        nets.constant("zero", Weights.ofFloats(List.of(), 0)).constant("six", Weights.ofFloats(List.of(), 6));
        nets.conv("c3", "both", 16, 8).node("Clip", "clip", "c3", "zero", "six").conv("y", "clip", 8, 4);
        FileModel model = nets.write(folder, "y");
        PassResult result = apply(model, Map.of());
        assertThat(result.remarks()).isEmpty();
        assertThat(result.figures()).containsEntry("products_int8", 4.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
        assertThat(builtOperators()).doesNotContain("Conv", "FusedConv", "Relu", "Clip", "Sigmoid", "Mul", "Add");
    }

    @Test
    void aBiasFarLargerThanTheWeightsIsKept() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).node("Relu", "r1", "c1").conv("y", "r1", 8, 4);
        nets.constant("c1.w", nets.random(1e-9f, 8, 3, 3, 3));
        nets.constant("c1.b", Weights.ofFloats(List.of(8L), 1, 2, 3, 4, 5, 6, 7, 1000));
        FileModel model = nets.write(folder, "y");
        apply(model, Map.of("calibration", "minmax"));
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void constantChannelsAndDeadValuesDoNoHarm() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8)
                .node("Relu", "r1", "c1")
                .conv("c2", "r1", 8, 8)
                .node("Relu", "r2", "c2");
        nets.conv("y", "r1", 8, 4).conv("z", "r2", 8, 4);
        float[] bias = new float[8];
        Arrays.fill(bias, -100);
        nets.constant("c2.b", Weights.ofFloats(List.of(8L), bias)); // nothing passes this Relu
        float[] weights = nets.floats("c1.w");
        Arrays.fill(weights, 0, 27, 0);
        nets.constant("c1.w", Weights.ofFloats(List.of(8L, 3L, 3L, 3L), weights));
        FileModel model = nets.write(folder, "y", "z");
        PassResult result = apply(model, Map.of());
        assertThat(result.figures()).containsEntry("products_int8", 4.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void weightsThatTwoProductsShareServeBoth() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).node("Relu", "r1", "c1");
        nets.constant("w", nets.random(0.2f, 8, 8, 1, 1));
        nets.node("Conv", "y", "r1", "w").node("Conv", "z", "y", "w");
        FileModel model = nets.write(folder, "y", "z");
        PassResult result = apply(model, Map.of("bias-correction", "false"));
        assertThat(result.figures()).containsEntry("products_int8", 3.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
        try (OnnxModel written = OnnxModel.read(target)) {
            assertThat(written.graph().initializers().keySet())
                    .filteredOn(n -> n.startsWith("w_q"))
                    .hasSize(1);
        }
    }

    @Test
    void customOperatorsAndControlFlowAreLeftAlone() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8);
        nets.graph.add(new Node("com.microsoft", "Gelu", List.of("c1"), List.of("g")).named("g"));
        nets.conv("c2", "g", 8, 4);
        var body = new Graph("then");
        body.add(new Node("Neg", List.of("c2"), List.of("t")));
        body.setOutputs(List.of(ValueInfo.untyped("t")));
        var other = new Graph("else");
        other.add(new Node("Identity", List.of("c2"), List.of("e")));
        other.setOutputs(List.of(ValueInfo.untyped("e")));
        nets.constant("true", Weights.of(DataType.BOOL, List.of(), ByteBuffer.wrap(new byte[] {1})));
        nets.node("If", "y", "true").set("then_branch", Attribute.of(body)).set("else_branch", Attribute.of(other));
        FileModel model = nets.write(folder, "y");
        PassResult result = apply(model, Map.of());
        assertThat(result.remarks())
                .extracting(NodeRemark::rule)
                .containsExactlyInAnyOrder("custom-operator", "control-flow");
        assertThat(result.figures()).containsEntry("products_int8", 2.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void anInputOfOpenRankAndOneWithOpenSizesAreFine() throws Exception {
        for (ValueInfo input : List.of(
                ValueInfo.of("x", DataType.FLOAT32),
                ValueInfo.of("x", DataType.FLOAT32, List.of(Dim.symbolic("N"), Dim.of(3), Dim.UNKNOWN, Dim.UNKNOWN)))) {
            Nets nets = Nets.residual();
            nets.graph.setInputs(List.of(input));
            FileModel model = nets.write(folder, "y");
            assertThat(apply(model, Map.of()).figures()).containsEntry("products_int8", 4.0);
            assertThat(cosine(model)).isGreaterThan(0.99);
            Files.delete(target);
        }
    }

    @Test
    void aModelOfOneProductAloneIsFine() throws Exception {
        Nets nets = new Nets();
        nets.constant("w", nets.random(0.3f, 8, 5)).node("MatMul", "y", "x", "w");
        FileModel model = nets.write(folder, "y");
        assertThat(apply(model, Map.of()).figures()).containsEntry("products_int8", 1.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void aNodeThatIsToStayFloatDoes() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        PassResult result = apply(model, Map.of("keep", "c2 y"));
        assertThat(result.figures()).containsEntry("products_int8", 2.0);
        assertThat(result.remarks())
                .extracting(NodeRemark::node, NodeRemark::rule)
                .contains(tuple("c2", "asked-for"), tuple("y", "asked-for"));
    }

    @Test
    void productsGoBackToFloatUntilTheAnswersAgree() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        PassResult all = apply(model, Map.of("percentile", "90"));
        double before = leastCosine(model);
        Files.delete(target);
        double wanted = (1 + before) / 2;
        PassResult mixed =
                apply(model, Map.of("percentile", "90", "mixed", String.format(Locale.ROOT, "%.9f", wanted)));
        assertThat(all.figures()).containsEntry("products_left_float_for_accuracy", 0.0);
        assertThat(mixed.figures().get("products_left_float_for_accuracy")).isBetween(1.0, 3.0);
        assertThat(mixed.remarks()).extracting(NodeRemark::rule).contains("sensitive");
        assertThat(leastCosine(model)).isGreaterThanOrEqualTo(wanted - 1e-6);
    }

    @Test
    void onlyWhatReadsAnInputStaysFloatForBeingSlower() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        PassResult result = apply(model, Map.of("slower", "float"));
        List<String> slower = result.remarks().stream()
                .filter(r -> r.rule().equals("slower"))
                .map(NodeRemark::node)
                .toList();
        assertThat(slower).isSubsetOf("c1"); // that depends on the processor
        assertThat(result.figures()).containsEntry("products_int8", 4.0 - slower.size());
        assertThat(cosine(model)).isGreaterThan(0.99);
        assertThat(work).isEmptyDirectory();
    }

    @Test
    void whatConvolutionsMakeIsJoinedInInt8() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).conv("c2", "x", 3, 4).node("Relu", "r2", "c2");
        nets.node("Concat", "y", "c1", "r2").set("axis", Attribute.of(1));
        FileModel model = nets.write(folder, "y");
        apply(model, Map.of());
        assertThat(builtOperators()).contains("QLinearConcat").doesNotContain("Concat");
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void infiniteValuesKeepWhatReadsThemInFloat() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).node("Exp", "e", "c1").conv("y", "e", 8, 4).conv("z", "c1", 8, 4);
        nets.constant("c1.b", Weights.ofFloats(List.of(8L), 500, 0, 0, 0, 0, 0, 0, 0));
        FileModel model = nets.write(folder, "y", "z");
        PassResult result = apply(model, Map.of());
        assertThat(result.figures()).containsEntry("products_int8", 2.0);
        assertThat(result.remarks())
                .extracting(NodeRemark::node, NodeRemark::rule)
                .contains(tuple("y", "not-finite"));
    }

    @Test
    void tooFewSamplesAreRefused() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, Map.of(), Nets.samples(3)))
                .withMessageContainingAll("3 calibration samples", "expected 16")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
        assertThat(target).doesNotExist();
    }

    @Test
    void samplesThatDoNotFitOrAreNoNumbersAreRefused() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        refusesSample(model, Map.of("x", Tensor.ofFloats(List.of(1L, 3L, 4L, 4L), new float[48])), "[1, 3, 4, 4]");
        refusesSample(model, Map.of("z", Tensor.ofFloats(Nets.SHAPE, new float[192])), "lacks the input x");
        refusesSample(model, Map.of("x", Tensor.ofLongs(Nets.SHAPE, new long[192])), "INT64");
        float[] bad = new float[192];
        bad[7] = Float.NaN;
        refusesSample(model, Map.of("x", Tensor.ofFloats(Nets.SHAPE, bad)), "no number");
    }

    private void refusesSample(FileModel model, Map<String, Tensor> bad, String message) {
        List<Map<String, Tensor>> samples = new ArrayList<>(Nets.samples(16));
        samples.set(2, bad);
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, Map.of(), samples))
                .withMessageContainingAll("sample 3", message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
        assertThat(target).doesNotExist();
    }

    @Test
    void aQuantizedModelAndOneWithoutProductsAreLeftAsTheyAre() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        apply(model, Map.of());
        FileModel quantized = FileModel.of(Files.move(target, folder.resolve("quantized.onnx")), "onnx");
        PassResult again = apply(quantized, Map.of());
        assertThat(again.changed()).isFalse();
        assertThat(again.summary()).contains("quantized already");
        FileModel plain = new Nets().node("Relu", "y", "x").write(folder, "y");
        assertThat(apply(plain, Map.of()).summary()).contains("no convolution or matrix product");
        assertThat(target).doesNotExist();
    }

    @Test
    void endsWhenItIsNoLongerWanted() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        TestContext context = TestContext.of(model, Map.of(), Nets.samples(16), work);
        var stopped = new TestContext(model, context.parameters(), context.samples(), work, () -> true);
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> new QuantizePass().apply(model, target, stopped))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        assertThat(work).isEmptyDirectory();
    }

    private PassResult apply(FileModel model, Map<String, String> parameters) throws Exception {
        return apply(model, parameters, Nets.samples(16));
    }

    private PassResult apply(FileModel model, Map<String, String> parameters, List<Map<String, Tensor>> samples)
            throws Exception {
        return new QuantizePass().apply(model, target, TestContext.of(model, parameters, samples, work));
    }

    private double cosine(FileModel model) throws Exception {
        TestContext context = TestContext.of(model, Map.of(), Nets.samples(16), folder);
        Map<String, Tensor> sample = Nets.samples(20).get(19);
        return TestContext.cosine(context.answer(model.path(), sample), context.answer(target, sample));
    }

    private double leastCosine(FileModel model) throws Exception {
        return TestContext.of(model, Map.of(), Nets.samples(16), folder)
                .agreement(Candidate.of(target), 16)
                .score();
    }

    private List<String> builtOperators() throws Exception {
        return List.copyOf(Islands.built(target, folder.resolve("built.onnx")).values());
    }
}
