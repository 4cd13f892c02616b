// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestData;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.Picture;
import io.edgewright.vision.PictureReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** The models of these tests. */
final class Models {

    private static final String SCORES = "softmaxout_1";

    private Models() {}

    /** {@return a regression of two scalars: {@code wear = 2 * temperature - flow + 1}} */
    static Path regression(Path folder) throws IOException {
        List<Long> scalar = List.of(1L, 1L);
        return Files.write(
                folder.resolve("regression.onnx"),
                new OnnxWriter(17)
                        .input(new TensorSpec("temperature", ElementType.FLOAT32, scalar))
                        .input(new TensorSpec("flow", ElementType.FLOAT32, scalar))
                        .output(new TensorSpec("wear", ElementType.FLOAT32, scalar))
                        .initializer("w", Tensor.ofFloats(List.of(2L, 1L), 2, -1))
                        .initializer("b", Tensor.ofFloats(List.of(1L), 1))
                        .node("Concat", List.of("temperature", "flow"), List.of("both"), Map.of("axis", 1L))
                        .node("Gemm", List.of("both", "w", "b"), List.of("wear"), Map.of())
                        .toBytes());
    }

    /** {@return a post-processor for {@link #squeezenet}: the index of the greatest score} */
    static Path best(Path folder) throws IOException {
        return Files.write(
                folder.resolve("best.onnx"),
                new OnnxWriter(17)
                        .input(new TensorSpec(SCORES, ElementType.FLOAT16, List.of(1L, 1000L, 1L, 1L)))
                        .output(new TensorSpec("class", ElementType.INT64, List.of(1L, 1L, 1L, 1L)))
                        .node("Cast", List.of(SCORES), List.of("wide"), Map.of("to", 1L))
                        .node("ArgMax", List.of("wide"), List.of("class"), Map.of("axis", 1L))
                        .toBytes());
    }

    /** {@return a classifier of ImageNet's pictures, with 16-bit floats; the test is skipped without the test data} */
    static Path squeezenet() {
        return TestData.require("classification/squeezenet-fp16.onnx");
    }

    /** {@return what the manifest of {@link #squeezenet} has to say} */
    static Map<String, String> squeezenetProperties() throws IOException {
        return Map.of(
                "image.color", "BGR",
                "image.mean", "103.94,116.78,123.68",
                "labels", Files.readString(TestData.require("classification/imagenet_labels.txt")));
    }

    /** {@return a tabby kitten, class 281} */
    static Picture kitten() throws IOException {
        return PictureReader.DEFAULT.read(TestData.require("classification/kitten_224.png"));
    }

    /** {@return a picture as the memory of the input of {@link #squeezenet}} */
    static byte[] asInput(Picture picture) throws IOException {
        var input = new TensorSpec("data_0", ElementType.FLOAT16, List.of(1L, 3L, 224L, 224L));
        var manifest = new ModelManifest(
                ModelId.of("squeezenet", "1.0.0"),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                0,
                List.of(input),
                List.of(),
                Map.of(),
                squeezenetProperties());
        Tensor tensor = Tensor.zeros(input.type(), input.shape());
        ImagePreprocessor.of(manifest, List.of(input)).write(picture, tensor);
        byte[] memory = new byte[tensor.data().limit()];
        tensor.data().get(0, memory);
        return memory;
    }
}
