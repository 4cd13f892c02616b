// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ModelFolderTest {

    @Test
    void packsAllButHiddenFilesAndLinks(@TempDir Path dir) throws Exception {
        Path folder = Files.createDirectory(dir.resolve("shelf"));
        Files.writeString(folder.resolve("model.onnx"), "weights");
        Files.createDirectories(folder.resolve("golden/one"));
        Files.writeString(folder.resolve("golden/one/input.x.npy"), "x");
        Files.writeString(folder.resolve(".hidden"), "h");
        Files.createDirectory(folder.resolve(".git"));
        Files.writeString(folder.resolve(".git/config"), "h");
        Files.createSymbolicLink(folder.resolve("link.txt"), folder.resolve("model.onnx"));

        ModelFolder.zip(folder, dir.resolve("shelf.zip"));

        try (var zip = new ZipFile(dir.resolve("shelf.zip").toFile())) {
            assertThat(zip.stream().map(ZipEntry::getName)).containsExactly("golden/one/input.x.npy", "model.onnx");
            assertThat(zip.getInputStream(zip.getEntry("model.onnx"))).hasContent("weights");
        }
    }
}
