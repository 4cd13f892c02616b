// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ModelManifestTest {

    private static final String DIGEST = "0123456789abcdef".repeat(4);

    @TempDir
    Path dir;

    @Test
    void answersPropertiesAndLabels() {
        ModelManifest manifest = manifest("model.onnx", DIGEST, Map.of("labels", " cat \ndog\n", "task", "detection"));

        assertThat(manifest.labels()).containsExactly("cat", "dog");
        assertThat(manifest.property("task", "")).isEqualTo("detection");
        assertThat(manifest.property("decoder", "none")).isEqualTo("none");
        assertThat(manifest("model.onnx", DIGEST, Map.of()).labels()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "/etc/passwd", "../x", "a/../x", "a//b", "./x", "a\\b", "a\nb"})
    void refusesAPathThatLeavesTheFolder(String path) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manifest(path, DIGEST, Map.of()))
                .withMessageContaining("leaves the model's folder");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "abc", "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"})
    void refusesWhatIsNoDigest(String digest) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> manifest("model.onnx", digest, Map.of()))
                .withMessageContaining("64 lower-case");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ".hidden", "a/b", "a b", "ä"})
    void refusesANameThatIsNoFolderName(String name) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ModelId.of(name, "1"))
                .withMessageContaining("'" + name + "'");
    }

    @Test
    void readsGoldenPairsByCaseAndTensorName() throws IOException {
        Tensor one = Tensor.ofFloats(List.of(1L), 1);
        write("b/input.x.npy", one);
        write("a/input.in%2Fput%3A0+1.npy", one);
        write("a/output.y.npy", one);

        List<GoldenCase> cases = GoldenCase.readAll(dir, 100);

        assertThat(cases).extracting(GoldenCase::name).containsExactly("a", "b");
        assertThat(cases.get(0).inputs()).containsExactly(Map.entry("in/put:0+1", one));
        assertThat(cases.get(0).outputs()).containsExactly(Map.entry("y", one));
        assertThat(GoldenCase.readAll(dir.resolve("absent"), 100)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a/notes.txt", "a/input.npy", "a/other.x.npy", "a/input.x%zz.npy"})
    void saysWhichGoldenFileIsMisnamed(String file) throws IOException {
        write(file, Tensor.ofFloats(List.of(1L), 1));

        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> GoldenCase.readAll(dir, 100))
                .withMessageContaining(file.substring(2));
    }

    private void write(String path, Tensor tensor) throws IOException {
        Path file = dir.resolve(path);
        Files.createDirectories(file.getParent());
        Npy.write(file, tensor);
    }

    private static ModelManifest manifest(String file, String digest, Map<String, String> properties) {
        return new ModelManifest(
                ModelId.of("m", "1"), "onnx", file, digest, 1, List.of(), List.of(), Map.of(), properties);
    }
}
