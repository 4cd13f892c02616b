// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxModelTest {

    @TempDir
    Path dir;

    private static Graph perceptron(Weights weights) {
        Graph graph = new Graph("perceptron");
        graph.setInputs(List.of(ValueInfo.of("x", DataType.FLOAT32, List.of(Dim.symbolic("N"), Dim.of(32)))));
        graph.setOutputs(List.of(ValueInfo.of("y", DataType.FLOAT32)));
        graph.setInitializer("w", weights);
        graph.add(new Node("MatMul", List.of("x", "w"), List.of("y")).named("layer"));
        return graph;
    }

    private static Weights ramp() {
        float[] values = new float[32 * 16];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        return Weights.ofFloats(List.of(32L, 16L), values);
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void readsWhatItWrote(Storage storage) throws IOException {
        OnnxModel model = OnnxModel.of(8, 17, perceptron(ramp()));
        model.metadata().put("made.by", "test");
        Path file = dir.resolve("m.onnx");
        model.write(file, storage);

        try (OnnxModel read = OnnxModel.read(file)) {
            assertThat(read.opset()).isEqualTo(17);
            assertThat(read.irVersion()).isEqualTo(8);
            assertThat(read.metadata()).containsEntry("made.by", "test");
            assertThat(read.graph().inputs().get(0)).hasToString("x: FLOAT32 [N, 32]");
            assertThat(read.graph().outputs().get(0)).hasToString("y: FLOAT32 [...]");
            assertThat(read.graph().nodes()).singleElement().hasToString("MatMul 'layer'");
            assertThat(read.graph().initializer("w").orElseThrow().contentEquals(ramp()))
                    .isTrue();
        }
        assertThat(Files.exists(dir.resolve("m.onnx.data"))).isEqualTo(storage == Storage.BESIDE);
        assertThat(OnnxModelInfo.read(file).externalFiles()).hasSize(storage == Storage.BESIDE ? 1 : 0);
    }

    @ParameterizedTest
    @EnumSource(Storage.class)
    void replacesTheFileThatItWasReadFrom(Storage storage) throws IOException {
        Path file = dir.resolve("m.onnx");
        OnnxModel.of(8, 17, perceptron(ramp())).write(file, storage);
        try (OnnxModel read = OnnxModel.read(file)) {
            read.graph().nodes().get(0).named("other");
            read.write(file, storage);
        }
        try (OnnxModel read = OnnxModel.read(file)) {
            assertThat(read.graph().nodes().get(0).name()).isEqualTo("other");
            assertThat(read.graph().initializer("w").orElseThrow().contentEquals(ramp()))
                    .isTrue();
        }
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files).allMatch(f -> f.getFileName().toString().startsWith("m.onnx"));
        }
    }

    @Test
    void keepsEveryKindOfAttribute() throws IOException {
        Graph body = new Graph("body");
        body.setOutputs(List.of(ValueInfo.untyped("x")));
        Node node = new Node("com.example", "Everything", List.of("x"), List.of("y"))
                .set("int", Attribute.of(-5))
                .set("real", Attribute.of(0.5f))
                .set("text", Attribute.of("käse"))
                .set("tensor", Attribute.of(ramp()))
                .set("body", Attribute.of(body))
                .set("ints", Attribute.ofInts(List.of(1L, -1L)))
                .set("none", Attribute.ofInts(List.of()))
                .set("reals", Attribute.ofFloats(List.of(1.5f)))
                .set("texts", Attribute.ofTexts(List.of("a", "")))
                .set("tensors", new Attribute.Tensors(List.of(ramp())))
                .set("bodies", new Attribute.Bodies(List.of(body.copy())));
        Graph graph = new Graph("g");
        graph.setInputs(List.of(ValueInfo.untyped("x")));
        graph.setOutputs(List.of(ValueInfo.untyped("y")));
        graph.add(node);
        OnnxModel model = OnnxModel.of(8, 17, graph);
        model.opsets().put("com.example", 1L);

        Node read = OnnxModel.read(model.toBytes()).graph().nodes().get(0);

        assertThat(read.attributes().keySet())
                .containsExactlyElementsOf(node.attributes().keySet());
        assertThat(read.intOr("int", 0)).isEqualTo(-5);
        assertThat(read.realOr("real", 0)).isEqualTo(0.5f);
        assertThat(read.textOr("text", "")).isEqualTo("käse");
        assertThat(read.tensor("tensor").orElseThrow().contentEquals(ramp())).isTrue();
        assertThat(read.intsOr("ints", List.of())).containsExactly(1L, -1L);
        assertThat(read.attribute("none")).contains(Attribute.ofInts(List.of()));
        assertThat(read.attribute("reals")).contains(Attribute.ofFloats(List.of(1.5f)));
        assertThat(read.attribute("texts")).contains(Attribute.ofTexts(List.of("a", "")));
        assertThat(read.subgraphs()).hasSize(2);
        assertThat(read.reads()).containsExactly("x");
    }

    @Test
    void keepsStringsAndSmallTypes() throws IOException {
        Graph graph = perceptron(ramp());
        graph.setInitializer("s", Weights.of(Tensor.ofStrings(List.of(2L), List.of("a", "Käse"))));
        graph.setInitializer("i4", Weights.of(DataType.INT4, List.of(3L), ByteBuffer.wrap(new byte[] {0x21, 0x03})));
        OnnxModel read = OnnxModel.read(OnnxModel.of(10, 21, graph).toBytes());

        assertThat(read.graph().initializer("s").orElseThrow().tensor().toStrings())
                .containsExactly("a", "Käse");
        assertThat(read.graph().initializer("i4").orElseThrow().bytes().get(0)).isEqualTo((byte) 0x21);
        assertThat(read.graph().initializer("i4").orElseThrow().byteSize()).isEqualTo(2);
    }

    @Test
    void readsFloatsOfEveryWidth() {
        ByteBuffer bytes = ByteBuffer.wrap(new byte[] {0x00, 0x3E, 0x01, 0x00, 0x00, (byte) 0xFC});
        assertThat(Weights.of(DataType.FLOAT16, List.of(3L), bytes).toFloats())
                .containsExactly(1.5f, 0x1p-24f, Float.NEGATIVE_INFINITY);
        ByteBuffer brain = ByteBuffer.wrap(new byte[] {(byte) 0xC0, 0x3F});
        assertThat(Weights.of(DataType.BFLOAT16, List.of(1L), brain).toFloats()).containsExactly(1.5f);
    }

    @Test
    void refusesWeightsOfTheWrongSize() {
        assertThatExceptionOfType(IllegalArgumentException.class)
                .isThrownBy(() -> Weights.of(DataType.FLOAT32, List.of(2L, 2L), ByteBuffer.allocate(12)))
                .withMessage("FLOAT32 [2, 2] takes 16 bytes, found 12");
        byte[] model = new OnnxWriter(17)
                .input(new TensorSpec("x", io.edgewright.api.tensor.ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", io.edgewright.api.tensor.ElementType.FLOAT32, List.of(1L)))
                .initializer("w", Tensor.ofFloats(List.of(100L), new float[100]))
                .node("Relu", List.of("x"), List.of("y"), java.util.Map.of())
                .toBytes();
        assertThat(model).contains(8, 100, 16, 1); // dims and type of w
        for (int i = 0; i + 3 < model.length; i++) {
            if (model[i] == 8 && model[i + 1] == 100 && model[i + 2] == 16) {
                model[i + 1] = 99;
                break;
            }
        }
        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> OnnxModel.read(model))
                .withMessage("tensor 'w': FLOAT32 [99] takes 396 bytes, found 400");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../w.bin", "/etc/passwd", "."})
    void refusesWeightsOutsideOfItsFolder(String location) throws IOException {
        var spec = new TensorSpec("w", io.edgewright.api.tensor.ElementType.FLOAT32, List.of(3L));
        Path file = Files.write(
                dir.resolve("m.onnx"),
                new OnnxWriter(17)
                        .externalInitializer("w", spec, location)
                        .node("Identity", List.of("w"), List.of("y"), java.util.Map.of())
                        .output(new TensorSpec("y", spec.type(), spec.shape()))
                        .toBytes());

        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> OnnxModel.read(file))
                .withMessageContaining("outside the model's folder");
    }

    @Test
    void saysWhenWeightsAreReadTooLate() throws IOException {
        Path file = dir.resolve("m.onnx");
        OnnxModel.of(8, 17, perceptron(ramp())).write(file);
        Weights late;
        try (OnnxModel read = OnnxModel.read(file)) {
            late = read.graph().initializer("w").orElseThrow();
        }
        assertThatExceptionOfType(UncheckedIOException.class).isThrownBy(late::bytes);
    }

    @Test
    void answersDamagedModelsWithMalformedModelExceptionOnly() throws IOException {
        var random = new Random(20261122);
        byte[][] seeds = {
            TestModels.signalNet(1, 16),
            TestModels.add(1, List.of(-1L, 4L)),
            OnnxModel.of(8, 17, perceptron(ramp())).toBytes()
        };
        int refused = 0;
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = OnnxInspectorTest.mutate(seeds[i % seeds.length], random);
            try {
                OnnxModel model = OnnxModel.read(bytes);
                model.problems();
                model.copy().toBytes();
            } catch (MalformedModelException e) {
                assertThat(e.getMessage()).isNotBlank();
                refused++;
            } catch (IllegalStateException e) {
                assertThat(e.getMessage()).containsAnyOf("cycle", "not valid");
                refused++;
            }
        }
        assertThat(refused).isBetween(1000, 9999);
    }

    @Test
    void answersDamagedNamesOfFilesWithMalformedModelExceptionOnly() throws IOException {
        var random = new Random(20261122);
        Path file = dir.resolve("m.onnx");
        OnnxModel.of(8, 17, perceptron(ramp())).write(file, Storage.BESIDE);
        byte[] seed = Files.readAllBytes(file);
        int refused = 0;
        for (int i = 0; i < 2_000; i++) {
            Files.write(file, OnnxInspectorTest.mutate(seed, random));
            try (OnnxModel model = OnnxModel.read(file)) {
                assertThat(model.copy().toBytes().length).isLessThan(4096);
            } catch (MalformedModelException e) {
                refused++;
            } catch (IllegalStateException e) {
                assertThat(e.getMessage()).containsAnyOf("cycle", "not valid");
                refused++;
            }
        }
        assertThat(refused).isBetween(500, 1999);
    }

    @Test
    void saysThatTheFileOfItsWeightsIsMissing() throws IOException {
        Path file = dir.resolve("m.onnx");
        OnnxModel.of(8, 17, perceptron(ramp())).write(file, Storage.BESIDE);
        Files.delete(dir.resolve("m.onnx.data"));

        assertThatExceptionOfType(MalformedModelException.class)
                .isThrownBy(() -> OnnxModel.read(file))
                .withMessageContaining("'m.onnx.data', which is no file beside the model");
    }

    @ParameterizedTest
    @ValueSource(strings = {"conformance/onnx-node-tests.tar.gz", "conformance/onnx-simple-light.tar.gz"})
    void keepsEveryModelOfTheOnnxTestSuite(String archive) throws Exception {
        List<String> problems = new ArrayList<>();
        int[] models = {0};
        TarFiles.forEach(TestData.require(archive), (name, content) -> {
            if (name.endsWith(".onnx")) {
                OnnxModel model = OnnxModel.read(content);
                model.problems().forEach(p -> problems.add(name + ": " + p));
                byte[] written = model.toBytes();
                assertThat(OnnxModelInfo.read(written)).as(name).isEqualTo(OnnxModelInfo.read(content));
                assertThat(OnnxModel.read(written).toBytes()).as(name).isEqualTo(written);
                models[0]++;
            }
        });
        assertThat(models[0]).isPositive();
        assertThat(problems).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "audio/silero_vad.onnx",
                "classification/mnist-8.onnx",
                "classification/mnist-cnn-pytorch.onnx",
                "classification/squeezenet-fp16.onnx",
                "detection/fastestdet-coco.onnx",
                "detection/ultraface-RFB-320.onnx",
                "detection/yunet_n_320.onnx",
                "drone/pulp_dronet_v2.onnx"
            })
    void keepsRealModels(String name) throws Exception {
        Path original = TestData.require(name);
        Path written = dir.resolve("m.onnx");
        try (OnnxModel model = OnnxModel.read(original)) {
            assertThat(model.problems()).isEmpty();
            model.write(written);
        }
        assertThat(OnnxModelInfo.read(written)).isEqualTo(OnnxModelInfo.read(original));
        try (OnnxModel before = OnnxModel.read(original);
                OnnxModel after = OnnxModel.read(written)) {
            before.graph().initializers().forEach((key, weights) -> assertThat(
                            after.graph().initializer(key).orElseThrow().contentEquals(weights))
                    .as(key)
                    .isTrue());
        }
    }
}
