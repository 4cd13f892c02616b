// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A model for {@link TextDriver}: a line in its metadata that says how long a run takes, in microseconds, and by how much the answers are
 * wrong. It has a classification output of 4 numbers.
 */
record TextModel(int micros, double error, int padding) {

    static final ModelId ID = ModelId.of("digits", "1.0.0");

    private static final Pattern TEXT = Pattern.compile("text:([0-9]+) ([0-9.E-]+) (x*):");

    static TextModel read(Path file) throws IOException {
        Matcher text = TEXT.matcher(new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1));
        if (!text.find()) {
            throw new IOException(file + " is no text model");
        }
        return new TextModel(
                Integer.parseInt(text.group(1)),
                Double.parseDouble(text.group(2)),
                text.group(3).length());
    }

    void write(Path file) throws IOException {
        Files.write(
                file,
                new OnnxWriter(17)
                        .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 4L)))
                        .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L, 4L)))
                        .node("Identity", List.of("x"), List.of("y"), Map.of())
                        .metadata("text", "text:" + micros + " " + error + " " + "x".repeat(padding) + ":")
                        .toBytes());
    }

    /** {@return a store that has this model} */
    ModelStore store(Path folder) throws IOException {
        Path file = folder.resolve("model.onnx");
        write(file);
        var manifest = new ModelManifest(
                ID,
                "onnx",
                "model.onnx",
                Digests.of(file),
                Files.size(file),
                List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 4L))),
                List.of(new TensorSpec("y", ElementType.FLOAT32, List.of(1L, 4L))),
                Map.of(),
                Map.of("labels", "a\nb\nc\nd"));
        return new ModelStore() {
            @Override
            public String name() {
                return "text";
            }

            @Override
            public List<ModelManifest> models() {
                return List.of(manifest);
            }

            @Override
            public ModelFile open(ModelId id) {
                return new Open(manifest, file);
            }
        };
    }

    private record Open(ModelManifest manifest, Path path) implements ModelFile {

        @Override
        public List<GoldenCase> goldenCases() {
            return List.of();
        }

        @Override
        public void close() {
            // the file stays
        }
    }
}
