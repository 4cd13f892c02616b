// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ModelFormTest {

    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);
    private static final String C = "c".repeat(64);
    private static final TensorSpec IMAGES = floats("images", -1L, 3L, 8L, 8L);
    private static final TensorSpec SCORES = floats("scores", -1L, 10L);

    @Test
    void isSeenInEachFormUnderTheNamesOfTheFirst() {
        ModelManifest model =
                model(form(List.of(floats("serving_default_x:0", 1, 3, 8, 8)), List.of(floats("y:0", 1, 10))));

        ModelManifest lite = model.in("tflite");

        assertThat(model.formats()).containsExactly("onnx", "tflite");
        assertThat(lite.id()).isEqualTo(model.id());
        assertThat(lite.formats()).containsExactly("tflite");
        assertThat(lite.file()).isEqualTo("lite/model.tflite");
        assertThat(lite.digest()).isEqualTo(B);
        assertThat(lite.sizeBytes()).isEqualTo(7);
        assertThat(lite.inputs()).containsExactly(floats("images", 1, 3, 8, 8));
        assertThat(lite.outputs()).containsExactly(floats("scores", 1, 10));
        assertThat(lite.files()).isEqualTo(Map.of("labels.txt", C, "onnx/model.onnx", A));
        assertThat(lite.properties()).isEqualTo(model.properties());
        assertThat(model.in("onnx").files()).isEqualTo(model.files());
        assertThat(model.in("onnx").formats()).containsExactly("onnx");
    }

    @Test
    void saysWhichFormatsItComesIn() {
        ModelManifest model = model(form(List.of(IMAGES), List.of(SCORES)));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> model.in("torchscript"))
                .withMessageContainingAll("m:1", "[onnx, tflite]", "torchscript");
    }

    @Test
    void findsTheFileOfEachForm() {
        ModelManifest model = model(form(List.of(IMAGES), List.of(SCORES)));
        boolean[] closed = {false};
        ModelFile file = new ModelFile() {
            @Override
            public ModelManifest manifest() {
                return model;
            }

            @Override
            public Path path() {
                return Path.of("/store/x/onnx/model.onnx");
            }

            @Override
            public void close() {
                closed[0] = true;
            }
        };

        ModelFile lite = file.in("tflite");

        assertThat(lite.path()).isEqualTo(Path.of("/store/x/lite/model.tflite"));
        assertThat(lite.manifest()).isEqualTo(model.in("tflite"));
        assertThat(file.in("onnx").path()).isEqualTo(file.path());
        lite.close();
        assertThat(closed).containsExactly(true);
    }

    @Test
    void matchesByNameWhereTheNamesAreTheSameAndByPositionElse() {
        TensorSpec x = floats("x", 1);
        TensorSpec y = floats("y", 2);

        assertThat(ModelForm.match("inputs", List.of(x, y), List.of(y, x))).containsExactly(x, y);
        assertThat(ModelForm.match("inputs", List.of(x, y), List.of(floats("a", 1), floats("b", 2))))
                .containsExactly(floats("a", 1), floats("b", 2));
    }

    @Test
    void takesAFormThatLeavesOpenWhatTheOtherFixes() {
        var anyRank = new TensorSpec("any", ElementType.FLOAT32, TensorSpec.ANY_SHAPE);

        assertThat(ModelForm.match("inputs", List.of(IMAGES), List.of(anyRank))).containsExactly(anyRank);
        assertThat(ModelForm.match("inputs", List.of(anyRank), List.of(IMAGES))).containsExactly(IMAGES);
    }

    @Test
    void refusesAnotherLayout() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model(form(List.of(floats("x", 1, 8, 8, 3)), List.of(SCORES))))
                .withMessageContainingAll(
                        "lite/model.tflite", "'x'", "[1, 8, 8, 3]", "'images'", "[-1, 3, 8, 8]", "layout");
    }

    @Test
    void refusesAQuantizedFormOfAFloatModel() {
        var bytes = new TensorSpec("x", ElementType.UINT8, List.of(-1L, 3L, 8L, 8L));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> model(form(List.of(bytes), List.of(SCORES))))
                .withMessageContainingAll("UINT8", "FLOAT32", "quantized");
    }

    @Test
    void refusesAnotherCountOfTensors() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> model(form(List.of(IMAGES), List.of(SCORES, SCORES))))
                .withMessageContainingAll("2 outputs", "expected 1");
    }

    @Test
    void refusesAFormThatIsThereTwiceOrWhoseDigestIsAnother() {
        var twice = new ModelForm("onnx", "lite/model.tflite", B, 7, List.of(IMAGES), List.of(SCORES));
        var other = new ModelForm("tflite", "lite/model.tflite", C, 7, List.of(IMAGES), List.of(SCORES));

        assertThatIllegalArgumentException().isThrownBy(() -> model(twice)).withMessageContaining("twice");
        assertThatIllegalArgumentException().isThrownBy(() -> model(other)).withMessageContainingAll(B, C);
    }

    @Test
    void knowsFormatsByExtensionAndByContent() {
        assertThat(KnownFormat.ofFile("a/Model.TFLite")).contains(KnownFormat.TFLITE);
        assertThat(KnownFormat.ofFile("silero.jit")).contains(KnownFormat.TORCHSCRIPT);
        assertThat(KnownFormat.ofFile("notes")).isEmpty();
        assertThat(KnownFormat.of("onnx")).contains(KnownFormat.ONNX);
        assertThat(KnownFormat.ofContent(bytes("\u001c\0\0\0TFL3..."))).contains(KnownFormat.TFLITE);
        assertThat(KnownFormat.ofContent(zip("silero/data.pkl"))).contains(KnownFormat.TORCHSCRIPT);
        assertThat(KnownFormat.ofContent(zip("silero/data/0"))).contains(KnownFormat.TORCHSCRIPT);
        assertThat(KnownFormat.ofContent(zip("detector/data/weights.bin"))).isEmpty();
        assertThat(KnownFormat.ofContent(zip("shelf/model.onnx"))).isEmpty();
        assertThat(KnownFormat.ofContent(bytes("PK\3\4"))).isEmpty();
        assertThat(KnownFormat.ofContent(new byte[0])).isEmpty();
    }

    private static ModelManifest model(ModelForm form) {
        return new ModelManifest(
                ModelId.of("m", "1"),
                "onnx",
                "onnx/model.onnx",
                A,
                1,
                List.of(IMAGES),
                List.of(SCORES),
                Map.of("labels.txt", C, "lite/model.tflite", B),
                Map.of("task", "classification"),
                List.of(form));
    }

    private static ModelForm form(List<TensorSpec> inputs, List<TensorSpec> outputs) {
        return new ModelForm("tflite", "lite/model.tflite", B, 7, inputs, outputs);
    }

    private static TensorSpec floats(String name, long... shape) {
        return new TensorSpec(
                name, ElementType.FLOAT32, Arrays.stream(shape).boxed().toList());
    }

    private static byte[] zip(String entry) {
        return bytes("PK\3\4" + "\0".repeat(22) + (char) entry.length() + "\0\0\0" + entry + "content");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
