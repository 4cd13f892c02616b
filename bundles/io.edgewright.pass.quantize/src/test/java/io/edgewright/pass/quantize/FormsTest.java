// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FormsTest {

    @TempDir
    Path folder;

    private Path target = Path.of("");
    private Path work = Path.of("");

    @BeforeEach
    void makeFolders() throws Exception {
        target = Files.createDirectory(folder.resolve("out")).resolve("model.onnx");
        work = Files.createDirectory(folder.resolve("work"));
    }

    @Test
    void dynamicInt8NeedsNoCalibrationAndBecomesWhatOnnxRuntimeIsFastWith() throws Exception {
        FileModel model = Nets.perceptron().write(folder, "y");
        PassResult result = apply(model, Map.of("activations", "dynamic"), List.of());
        assertThat(result.figures()).containsEntry("products_int8", 2.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
        assertThat(Islands.built(target, folder.resolve("built.onnx")).values())
                .contains("DynamicQuantizeMatMul")
                .doesNotContain("MatMul", "Gemm");
    }

    @ParameterizedTest
    @ValueSource(strings = {"16", "32", "128"})
    void weightsOf4BitsKeepTheAnswers(String block) throws Exception {
        FileModel model = Nets.perceptron().write(folder, "y");
        PassResult result = apply(model, Map.of("weights", "int4", "block", block), List.of());
        assertThat(result.figures()).containsEntry("products_int4", 2.0);
        assertThat(cosine(model)).isGreaterThan(0.98);
    }

    @Test
    void weightsOf4BitsAreExactWhereTheyCanBe() throws Exception {
        Nets nets = new Nets();
        nets.constant("rows", Weights.ofLongs(List.of(2L), 24, 8)).node("Reshape", "flat", "x", "rows");
        float[] weights = new float[8 * 3];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = i < 3 ? -2 : (i * 5 % 16 - 8) * 0.25f; // -8 to 7 times a step, and -8 in each column
        }
        nets.constant("w", Weights.ofFloats(List.of(8L, 3L), weights)).node("MatMul", "y", "flat", "w");
        FileModel model = nets.write(folder, "y");
        apply(model, Map.of("weights", "int4", "block", "16"), List.of());
        Map<String, Tensor> sample = Nets.samples(1).get(0);
        TestContext context = context(model, Map.of(), List.of());
        float[] right = context.answer(model.path(), sample);
        assertThat(context.answer(target, sample)).containsExactly(right, Offset.offset(1e-4f));
    }

    @Test
    void halfFloatsHalveTheFileAndKeepTypesOfInputsAndOutputs() throws Exception {
        Nets nets = Nets.residual();
        nets.constant("big", nets.random(0.01f, 10, 4096)).node("MatMul", "z", "y", "big");
        FileModel model = nets.write(folder, "z", "r1");
        PassResult result = apply(model, Map.of("weights", "fp16"), Nets.samples(16));
        assertThat(result.remarks()).isEmpty();
        assertThat(cosine(model)).isGreaterThan(0.9999);
        assertThat(Files.size(target)).isLessThan(Files.size(model.path()) * 6 / 10);
        try (OnnxModel written = OnnxModel.read(target)) {
            assertThat(written.graph().inputs())
                    .extracting(ValueInfo::type)
                    .containsExactly(Optional.of(DataType.FLOAT32));
            assertThat(written.graph().outputs()).extracting(ValueInfo::name).containsExactly("z", "r1");
        }
    }

    @Test
    void whatIsTooLargeForHalfFloatsStaysFloat() throws Exception {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).constant("million", Weights.ofFloats(List.of(), 1e6f));
        nets.node("Mul", "large", "c1", "million")
                .node("Div", "small", "large", "million")
                .conv("y", "small", 8, 4);
        FileModel model = nets.write(folder, "y");
        PassResult result = apply(model, Map.of("weights", "fp16"), Nets.samples(16));
        assertThat(result.remarks())
                .extracting(NodeRemark::node, NodeRemark::rule)
                .containsExactly(tuple("large", "range"), tuple("small", "range"));
        assertThat(cosine(model)).isGreaterThan(0.9999);
    }

    @Test
    void aModelInHalfFloatsCanBecomeInt8() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        apply(model, Map.of("weights", "fp16"), List.of());
        FileModel half = FileModel.of(Files.move(target, folder.resolve("half.onnx")), "onnx");
        PassResult result = apply(half, Map.of(), Nets.samples(16));
        assertThat(result.figures()).containsEntry("products_int8", 4.0);
        assertThat(cosine(model)).isGreaterThan(0.99);
    }

    @Test
    void formsWithoutMatrixProductsAreLeftAsTheyAre() throws Exception {
        FileModel model = new Nets().conv("y", "x", 3, 4).write(folder, "y");
        for (Map<String, String> form : List.of(Map.of("activations", "dynamic"), Map.of("weights", "int4"))) {
            assertThat(apply(model, form, List.of()).changed()).isFalse();
            assertThat(target).doesNotExist();
        }
    }

    @Test
    void proposalsHoldParametersThatThePassHas() throws Exception {
        FileModel model = Nets.residual().write(folder, "y");
        Map<String, PassParameter> known = new HashMap<>();
        Settings.PARAMETERS.forEach(p -> known.put(p.name(), p));
        Accelerator cpu = TestContext.device("avx2");
        var pass = new QuantizePass();
        assertThat(pass.check(model, cpu).reason()).contains("4 convolutions and matrix products");
        for (Map<String, String> proposal : pass.proposals(model, cpu)) {
            proposal.forEach((name, value) -> {
                assertThat(known).containsKey(name);
                Objects.requireNonNull(known.get(name)).check(value);
            });
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"avx2,fma", "avx2,avx512_vnni", "avx_vnni,avx2", "amx_int8,avx2", ""})
    void weightsHave7BitsWhere8WouldOverflow(String features) {
        Map<String, String> defaults = new HashMap<>();
        Settings.PARAMETERS.forEach(p -> defaults.put(p.name(), p.defaultValue()));
        assumeTrue(System.getProperty("os.arch", "").equals("amd64"), "skipped: about x86-64");
        assertThat(Settings.of(defaults, TestContext.device(features)).weightLimit())
                .isEqualTo(features.contains("vnni") || features.contains("amx_int8") ? 127 : 64);
    }

    @Test
    void realModelsOfOldOpsetsBecomeInt8() throws Exception {
        Path mnist = TestData.require("classification/mnist-cnn-pytorch.onnx"); // opset 9, file format 4
        Path silero = TestData.require("audio/silero_vad.onnx");
        FileModel model = FileModel.of(mnist, "onnx");
        var random = new Random(3);
        List<Map<String, Tensor>> samples = new ArrayList<>();
        for (int s = 0; s < 16; s++) {
            float[] pixels = new float[784];
            for (int i = 0; i < pixels.length; i++) {
                pixels[i] = random.nextFloat();
            }
            samples.add(Map.of("input_image", Tensor.ofFloats(List.of(1L, 1L, 28L, 28L), pixels)));
        }
        PassResult result = apply(model, Map.of(), samples);
        assertThat(result.figures()).containsEntry("products", 4.0).containsEntry("products_int8", 4.0);
        TestContext context = context(model, Map.of(), samples);
        float[] right = context.answer(mnist, samples.get(3));
        assertThat(TestContext.cosine(right, context.answer(target, samples.get(3))))
                .isGreaterThan(0.99);
        assertThat(new QuantizePass()
                        .check(FileModel.of(silero, "onnx"), context.device())
                        .reason())
                .contains("control flow");
    }

    private PassResult apply(FileModel model, Map<String, String> parameters, List<Map<String, Tensor>> samples)
            throws Exception {
        return new QuantizePass().apply(model, target, context(model, parameters, samples));
    }

    private TestContext context(FileModel model, Map<String, String> parameters, List<Map<String, Tensor>> samples) {
        return TestContext.of(model, parameters, samples, work);
    }

    private double cosine(FileModel model) throws Exception {
        TestContext context = context(model, Map.of(), List.of());
        Map<String, Tensor> sample = Nets.samples(20).get(19);
        return TestContext.cosine(context.answer(model.path(), sample), context.answer(target, sample));
    }
}
