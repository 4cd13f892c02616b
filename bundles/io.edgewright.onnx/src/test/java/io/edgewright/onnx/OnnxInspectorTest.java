// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OnnxInspectorTest {

    private static final TensorSpec X = new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 3L));
    private static final TensorSpec Y = new TensorSpec("y", ElementType.FLOAT32, List.of(-1L, 3L));

    @TempDir
    Path dir;

    private final OnnxInspector inspector = new OnnxInspector();

    @Test
    void answersInputsWithoutInitializersAndOutputsInGraphOrder() throws Exception {
        byte[] model = new OnnxWriter(17)
                .input(X)
                .input(new TensorSpec("c", ElementType.FLOAT32, List.of(1L)))
                .input(new TensorSpec("n", ElementType.INT64, TensorSpec.ANY_SHAPE))
                .output(Y)
                .initializer("c", Tensor.ofFloats(List.of(1L), 1))
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();

        Inspection inspection = inspect(model);

        assertThat(inspection.inputs())
                .containsExactly(X, new TensorSpec("n", ElementType.INT64, TensorSpec.ANY_SHAPE));
        assertThat(inspection.outputs()).containsExactly(Y);
        assertThat(inspection.externalFiles()).isEmpty();
        assertThat(inspection.properties())
                .containsEntry("onnx.opset", "17")
                .containsEntry("onnx.ir", "8")
                .containsEntry("onnx.producer", "edgewright-testkit");
    }

    @Test
    void turnsTheImageKeysOfOnnxIntoThoseOfTheManifest() throws Exception {
        byte[] model = simple().metadata("Image.BitmapPixelFormat", "Bgr8")
                .metadata("Image.NominalPixelRange", "Normalized_0_1")
                .metadata("task", "detection")
                .metadata("author", "someone")
                .toBytes();

        assertThat(inspect(model).properties())
                .containsEntry("image.color", "BGR")
                .containsEntry("image.scale", "0.00392156862745098")
                .containsEntry("task", "detection")
                .doesNotContainKey("author");
    }

    @Test
    void listsOperatorsMetadataAndForeignDomains() throws Exception {
        OnnxModelInfo info = OnnxModelInfo.read(simple().metadata("a", "b").toBytes());

        assertThat(info.operators()).containsExactly("Relu");
        assertThat(info.opsets()).containsExactly(Map.entry("", 17L));
        assertThat(info.metadata()).containsExactly(Map.entry("a", "b"));
        assertThat(info.customDomains()).isEmpty();
    }

    @Test
    void readsALargeFileWithoutItsWeights() throws Exception {
        // a model whose last field, unknown to us, is a hole of 3 GiB: nothing may be read of it
        byte[] model = simple().toBytes();
        Path file = dir.resolve("large.onnx");
        try (var out = new RandomAccessFile(file.toFile(), "rw")) {
            out.write(model);
            for (int i = 0; i < 3; i++) {
                out.write(new byte[] {(byte) 0xFA, 0x3F, (byte) 0x80, (byte) 0x80, (byte) 0x80, (byte) 0x80, 4});
                out.seek(out.getFilePointer() + (1L << 30));
            }
            out.setLength(out.getFilePointer());
        }

        assertThat(inspector.inspect(file).inputs()).containsExactly(X);
    }

    @Test
    void acceptsExternalDataBesideTheModel() throws Exception {
        assertThat(inspect(external("weights.bin")).externalFiles()).containsExactly("weights.bin");
        assertThat(inspect(external("./data/w.bin")).externalFiles()).containsExactly("data/w.bin");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/etc/passwd",
                "../w.bin",
                "a/../../w.bin",
                "..\\w.bin",
                "C:w.bin",
                "",
                ".",
                "*/_ORT_MEM_ADDR_/*",
                "a\0b"
            })
    void refusesExternalDataOutsideTheFolder(String location) {
        assertInvalid(external(location), "lies outside the model's folder");
    }

    @Test
    void refusesExternalDataBehindALinkThatLeavesTheFolder(@TempDir Path elsewhere) throws IOException {
        Path secret = Files.writeString(elsewhere.resolve("secret"), "s");
        Files.createSymbolicLink(dir.resolve("w.bin"), secret);

        assertInvalid(external("w.bin"), "leads to");
    }

    @Test
    void saysThatAFileIsNoModel() {
        assertInvalid("this is a text, not a model".getBytes(StandardCharsets.UTF_8), "is no valid ONNX file");
        assertInvalid(new byte[0], "no IR version");
        assertInvalid(new byte[] {8, 8}, "no graph");
        assertInvalid(new byte[] {8, 8, 7 << 3 | 2, 0}, "no outputs");
    }

    @Test
    void saysThatAFileIsCutShort() {
        byte[] model = TestModels.perceptron(1, 1, 16, 32, 16);
        assertInvalid(Arrays.copyOf(model, model.length / 2), "cut short");
    }

    @Test
    void stopsAtAbsurdLengthsAndNesting() {
        byte[] length = {8, 8, 7 << 3 | 2, -1, -1, -1, -1, -1, -1, -1, -1, 127};
        assertInvalid(length, "claims");

        byte[] graph = new byte[0];
        for (int i = 0; i < 60; i++) { // graph in attribute in node in graph
            graph = field(1, field(5, field(6, graph)));
        }
        byte[] nested = field(7, graph);
        byte[] model = Arrays.copyOf(new byte[] {8, 8}, nested.length + 2);
        System.arraycopy(nested, 0, model, 2, nested.length);
        assertInvalid(model, "nested deeper than 100");
    }

    @Test
    void tellsAMissingFileFromABadOne() {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> inspector.inspect(dir.resolve("absent.onnx")))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE));
    }

    @Test
    void answersDamagedModelsWithinBounds() throws IOException {
        var random = new Random(20261122);
        byte[][] seeds = {
            TestModels.signalNet(1, 16), TestModels.add(1, List.of(-1L, 4L)), external("weights.bin"),
        };
        Path file = dir.resolve("fuzz.onnx");
        for (int i = 0; i < 10_000; i++) {
            byte[] bytes = mutate(seeds[i % seeds.length], random);
            Files.write(file, bytes);
            try {
                inspector.inspect(file);
            } catch (ModelException e) {
                assertThat(e.reason()).isEqualTo(Reason.INVALID_MODEL);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"conformance/onnx-node-tests.tar.gz", "conformance/onnx-simple-light.tar.gz"})
    void readsEveryModelOfTheOnnxTestSuite(String archive) throws Exception {
        int[] models = {0};
        TarFiles.forEach(TestData.require(archive), (name, content) -> {
            if (name.endsWith(".onnx")) {
                OnnxModelInfo info = OnnxModelInfo.read(content);
                assertThat(info.outputs().size() + info.unsupportedOutputs().size())
                        .as(name)
                        .isPositive();
                models[0]++;
            }
        });
        assertThat(models[0]).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "classification/mnist-8.onnx",
                "classification/squeezenet-fp16.onnx",
                "detection/fastestdet-coco.onnx",
                "audio/silero_vad.onnx",
                "drone/pulp_dronet_v2.onnx"
            })
    void readsRealModels(String model) throws Exception {
        Inspection inspection = inspector.inspect(TestData.require(model));

        assertThat(inspection.inputs()).isNotEmpty();
        assertThat(inspection.outputs()).isNotEmpty();
        assertThat(inspection.properties()).doesNotContainKey("unsupported.inputs");
    }

    static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int change = random.nextInt(6); change >= 0; change--) {
            int at = random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes[at] = (byte) random.nextInt();
                case 1 -> bytes[at] ^= (byte) (1 << random.nextInt(8));
                case 2 -> Arrays.fill(bytes, at, Math.min(bytes.length, at + 9), (byte) -1);
                default -> bytes = Arrays.copyOf(bytes, Math.max(1, at));
            }
        }
        return bytes;
    }

    private static OnnxWriter simple() {
        return new OnnxWriter(17).input(X).output(Y).node("Relu", List.of("x"), List.of("y"), Map.of());
    }

    private static byte[] external(String location) {
        return simple().externalInitializer("w", new TensorSpec("w", ElementType.FLOAT32, List.of(3L)), location)
                .toBytes();
    }

    private static byte[] field(int number, byte[] content) {
        byte[] out = new byte[content.length + 6];
        out[0] = (byte) (number << 3 | 2);
        int length = content.length;
        for (int i = 1; i < 5; i++) {
            out[i] = (byte) (length & 0x7F | 0x80);
            length >>>= 7;
        }
        System.arraycopy(content, 0, out, 6, content.length);
        return out;
    }

    private Inspection inspect(byte[] model) throws IOException, ModelException {
        return inspector.inspect(Files.write(dir.resolve("m.onnx"), model));
    }

    private void assertInvalid(byte[] model, String message) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> inspect(model))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_MODEL));
    }
}
