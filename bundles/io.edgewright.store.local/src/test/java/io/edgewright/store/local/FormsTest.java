// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxInspector;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FixedInspector;
import io.edgewright.testkit.TestModels;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Packages with a model in several formats. */
@Timeout(60)
class FormsTest {

    private static final byte[] ONNX = TestModels.add(1, List.of(2L, 3L, 4L));
    private static final byte[] LITE = "\u001c\0\0\0TFL3lite".getBytes(StandardCharsets.ISO_8859_1);
    private static final ModelInspector LITE_INSPECTOR = lite(spec("serving_x:0", 2, 3, 4), Map.of());
    private static final ModelInspector TORCH_INSPECTOR = new FixedInspector(
            "torchscript",
            List.of("pt", "jit"),
            new ModelInspector.Inspection(List.of(), List.of(), List.of(), Map.of()));

    @TempDir
    Path home;

    @TempDir
    Path source;

    private LocalModelStore store;

    @BeforeEach
    void openWithoutFurtherInspectors() throws IOException {
        store = store(List.of(new OnnxInspector()));
    }

    @AfterEach
    void close() throws IOException {
        store.deactivate();
    }

    @Test
    void oneModelComesInTwoFormats() throws Exception {
        open(LITE_INSPECTOR);
        ModelManifest added =
                store.add(zip("shelf/model.onnx", ONNX, "shelf/model.tflite", LITE), "s.zip", AddOptions.NONE);

        assertThat(added.formats()).containsExactly("onnx", "tflite");
        assertThat(added.inputs()).containsExactly(spec("x", 2, 3, 4));
        assertThat(added.alternatives().get(0).inputs()).containsExactly(spec("serving_x:0", 2, 3, 4));
        assertThat(added.in("tflite").inputs()).containsExactly(spec("x", 2, 3, 4));
        open(LITE_INSPECTOR);
        assertThat(store.models()).containsExactly(added);
        try (ModelFile lite = store.open(added.id()).in("tflite")) {
            assertThat(lite.path()).hasBinaryContent(LITE);
        }
    }

    @Test
    void theManifestOfAModelOfOneFormatStaysAsItWas() throws Exception {
        open(LITE_INSPECTOR);
        store.add(new ByteArrayInputStream(ONNX), "shelf.onnx", AddOptions.NONE);

        assertThat(home.resolve("models/shelf/1.0.0.json")).content().doesNotContain("forms");
    }

    @Test
    void theManifestSaysWhichFormComesFirst() throws Exception {
        open(LITE_INSPECTOR);
        write("big.onnx", ONNX);
        write("small.tflite", LITE);
        write("model.json", """
                {"name": "shelf", "file": "small.tflite", "forms": [{"file": "big.onnx", "format": "onnx"}]}
                """);

        ModelManifest added = store.add(source, AddOptions.NONE);

        assertThat(added.formats()).containsExactly("tflite", "onnx");
        assertThat(added.digest()).isEqualTo(Staging.digest(source.resolve("small.tflite")));
    }

    @Test
    void aFormThatNothingReadsIsHeldAgainstTheFirstWhenADeviceLoadsIt() throws Exception {
        write("model.onnx", ONNX);
        write("model.tflite", LITE);

        ModelManifest added = store.add(source, AddOptions.NONE);

        assertThat(added.formats()).containsExactly("onnx", "tflite");
        assertThat(added.alternatives().get(0).inputs()).isEqualTo(added.inputs());
    }

    @Test
    void aFormThatDoesNotTellItsTensorsHasThoseOfTheFirst() throws Exception {
        open(TORCH_INSPECTOR);
        write("model.onnx", ONNX);
        write("model.pt", torch());

        assertThat(store.add(source, AddOptions.NONE).in("torchscript").outputs())
                .containsExactly(spec("y", 2, 3, 4));
    }

    @Test
    void whatAFileLeavesOpenIsSaidByTheManifestOrTheFirstForm() throws Exception {
        open(new FixedInspector(
                "torchscript",
                List.of("pt"),
                new ModelInspector.Inspection(
                        List.of(new TensorSpec("x", ElementType.FLOAT32, TensorSpec.ANY_SHAPE)),
                        List.of(new TensorSpec("output_0", ElementType.FLOAT32, TensorSpec.ANY_SHAPE)),
                        List.of(),
                        Map.of(ModelInspector.TENSORS_OPEN, "true"))));

        assertThat(store.add(new ByteArrayInputStream(torch()), "bare.pt", AddOptions.NONE)
                        .outputs())
                .containsExactly(new TensorSpec("output_0", ElementType.FLOAT32, TensorSpec.ANY_SHAPE));
        write("model.pt", torch());
        write("model.json", """
                {"name": "said", "outputs": [{"name": "p", "type": "INT8", "shape": [2]}]}""");
        assertThat(store.add(source, AddOptions.NONE).outputs())
                .containsExactly(new TensorSpec("p", ElementType.INT8, List.of(2L)));
        Files.delete(source.resolve("model.json"));
        write("model.onnx", ONNX);
        assertThat(store.add(source, AddOptions.NONE).in("torchscript").outputs())
                .containsExactly(spec("y", 2, 3, 4));
    }

    @Test
    void saysWhatToInstallForAModelThatNothingReads() throws Exception {
        write("model.tflite", LITE);

        assertRefused("io.edgewright.accelerator.litert", () -> store.add(source, AddOptions.NONE));
        assertRefused(
                "io.edgewright.accelerator.litert", () -> store.add(source.resolve("model.tflite"), AddOptions.NONE));
        assertRefused(
                "io.edgewright.accelerator.torch",
                () -> store.add(new ByteArrayInputStream(torch()), "a.jit", AddOptions.NONE));
        assertThat(store.models()).isEmpty();
    }

    @Test
    void saysThatAFileDoesNotTellItsTensors() throws Exception {
        open(TORCH_INSPECTOR);

        assertRefused(
                "does not tell its inputs",
                () -> store.add(new ByteArrayInputStream(torch()), "a.jit", AddOptions.NONE));
        write("model.jit", torch());
        write("model.json", """
                {"name": "t", "inputs": [{"name": "x", "type": "FLOAT32", "shape": [2]}],
                 "outputs": [{"name": "y", "type": "FLOAT32", "shape": [2]}]}
                """);
        assertThat(store.add(source, AddOptions.NONE).inputs()).containsExactly(spec("x", 2));
    }

    @Test
    void knowsAFileByItsContentWhateverItIsCalled() throws Exception {
        open(LITE_INSPECTOR);

        ModelManifest added = store.add(new ByteArrayInputStream(LITE), "upload.onnx", AddOptions.NONE);

        assertThat(added.format()).isEqualTo("tflite");
        assertThat(added.file()).isEqualTo("model.tflite");
    }

    @Test
    void refusesAnotherLayout() throws Exception {
        open(lite(spec("x", 2, 4, 3), Map.of()));
        write("model.onnx", ONNX);
        write("model.tflite", LITE);

        assertRefused("layout", () -> store.add(source, AddOptions.NONE));
        assertThat(store.models()).isEmpty();
    }

    @Test
    void refusesADeclaredDifferenceInHowPicturesAreRead() throws Exception {
        ModelInspector onnx = FixedInspector.of(
                "onnx", List.of(spec("x", 2, 3, 4)), List.of(spec("y", 2, 3, 4)), Map.of("image.color", "BGR"));
        store.deactivate();
        store = store(List.of(onnx, lite(spec("x", 2, 3, 4), Map.of("image.color", "RGB"))));
        write("model.onnx", ONNX);
        write("model.tflite", LITE);

        assertRefused("image.color RGB, expected BGR", () -> store.add(source, AddOptions.NONE));
    }

    @Test
    void refusesFilesOfWhichNobodySaysThatTheyAreOneModel() throws Exception {
        open(LITE_INSPECTOR);
        write("a.onnx", ONNX);
        write("b.tflite", LITE);

        assertRefused("[a.onnx, b.tflite]", () -> store.add(source, AddOptions.NONE));
    }

    @Test
    void refusesOneFormatTwice() throws Exception {
        open(TORCH_INSPECTOR);
        write("model.onnx", ONNX);
        write("model.pt", torch());
        write("model.jit", torch());

        assertRefused("torchscript is there twice", () -> store.add(source, AddOptions.NONE));
    }

    @Test
    void refusesWhatTheManifestPromisesWronglyOfAForm() throws Exception {
        open(LITE_INSPECTOR);
        write("model.onnx", ONNX);
        write("model.tflite", LITE);
        for (Map.Entry<String, String> wrong : Map.of(
                        "\"sizeBytes\": 5",
                        "sizeBytes 5",
                        "\"digest\": \"" + "0".repeat(64) + "\"",
                        "expected 0000",
                        "\"inputs\": []",
                        "promises inputs []",
                        "\"format\": \"magic\"",
                        "magic",
                        "\"file\": \"../x\"",
                        "../x")
                .entrySet()) {
            String file = wrong.getKey().contains("file") ? "" : "\"file\": \"model.tflite\", ";
            write("model.json", "{\"file\": \"model.onnx\", \"forms\": [{" + file + wrong.getKey() + "}]}");
            if (wrong.getKey().contains("magic")) {
                assertThat(store.add(source, AddOptions.NONE).formats()).containsExactly("onnx", "magic");
                continue; // a format of somebody's own is taken as it is promised
            }
            assertThatExceptionOfType(ModelException.class)
                    .as(wrong.getKey())
                    .isThrownBy(() -> store.add(source, AddOptions.NONE))
                    .withMessageContaining(wrong.getValue());
        }
        write("model.json", "{\"file\": \"model.onnx\", \"forms\": 7}");
        assertRefused("a list of objects", () -> store.add(source, AddOptions.NONE));
        write("model.json", "{\"file\": \"model.onnx\", \"forms\": [{}]}");
        assertRefused("no 'file'", () -> store.add(source, AddOptions.NONE));
    }

    private void open(ModelInspector... more) throws IOException {
        List<ModelInspector> all = new ArrayList<>(List.of(more));
        all.add(new OnnxInspector());
        store.deactivate();
        store = store(all);
    }

    private LocalModelStore store(List<ModelInspector> inspectors) throws IOException {
        return new LocalModelStore(
                Configs.of(LocalModelStore.Config.class, Map.of("home", home.toString(), "min.free.mib", 0L)),
                inspectors,
                List.of(),
                List.of());
    }

    private static ModelInspector lite(TensorSpec input, Map<String, String> properties) {
        return FixedInspector.of("tflite", List.of(input), List.of(spec("Identity", 2, 3, 4)), properties);
    }

    private static TensorSpec spec(String name, long... shape) {
        return new TensorSpec(
                name, ElementType.FLOAT32, Arrays.stream(shape).boxed().toList());
    }

    private void write(String path, String content) throws IOException {
        write(path, content.getBytes(StandardCharsets.UTF_8));
    }

    private void write(String path, byte[] content) throws IOException {
        Files.write(source.resolve(path), content);
    }

    private static byte[] torch() throws IOException {
        return zip("m/data.pkl", new byte[] {1}, "m/constants.pkl", new byte[] {2})
                .readAllBytes();
    }

    private static ByteArrayInputStream zip(String first, byte[] one, String second, byte[] two) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(first));
            zip.write(one);
            zip.putNextEntry(new ZipEntry(second));
            zip.write(two);
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static void assertRefused(String message, ThrowingCallable call) {
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(call)
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_MODEL));
    }
}
