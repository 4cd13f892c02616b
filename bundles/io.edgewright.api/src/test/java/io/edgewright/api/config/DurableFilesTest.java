// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DurableFilesTest {

    @TempDir
    Path dir;

    @Test
    void createsAndReplacesFilesAndTheirFolders() throws IOException {
        Path file = dir.resolve("a/b/c.json");
        DurableFiles.write(file, bytes("old"));
        DurableFiles.write(file, bytes("new"));

        assertThat(file).hasContent("new");
        assertThat(names(dir.resolve("a/b"))).containsExactly("c.json");
    }

    @Test
    void leavesTheOldFileWhenTheNewOneCannotBePutInPlace() throws IOException {
        Path folder = dir.resolve("taken");
        Files.createDirectories(folder.resolve("x"));

        assertThatExceptionOfType(IOException.class).isThrownBy(() -> DurableFiles.write(folder, bytes("new")));
        assertThat(names(dir)).containsExactly("taken");
        assertThat(names(folder)).containsExactly("x");
    }

    @Test
    void appendsToANewAndAnOldFile() throws IOException {
        Path file = dir.resolve("log/events");
        DurableFiles.append(file, bytes("a\n"));
        DurableFiles.append(file, bytes("b\n"));

        assertThat(file).hasContent("a\nb\n");
    }

    @Test
    void publishesAFileWrittenUnderATemporaryName() throws IOException {
        Path target = dir.resolve("x/blob");
        Path temporary = DurableFiles.temporaryFor(target);
        assertThat(DurableFiles.isTemporary(temporary)).isTrue();
        assertThat(DurableFiles.isTemporary(target)).isFalse();
        Files.write(temporary, bytes("whole"));

        DurableFiles.publish(temporary, target);

        assertThat(target).hasContent("whole");
        assertThat(names(dir.resolve("x"))).containsExactly("blob");
    }

    @Test
    void deletesLeftoversAndNothingElse() throws IOException {
        Path kept = Files.write(dir.resolve("kept"), bytes("k"));
        Files.write(DurableFiles.temporaryFor(dir.resolve("cut")), bytes("half"));

        DurableFiles.deleteLeftovers(dir);
        DurableFiles.deleteLeftovers(dir.resolve("absent"));
        assertThat(names(dir)).containsExactly("kept");

        DurableFiles.delete(kept);
        DurableFiles.delete(kept);
        assertThat(kept).doesNotExist();
    }

    @Test
    void takesTheConfiguredHomeBeforeTheSystemProperty() {
        assertThat(Home.folder(dir.toString())).isEqualTo(dir);
        assertThat(Home.folder("relative")).isAbsolute();
        String before = System.getProperty(Home.PROPERTY, "");
        System.setProperty(Home.PROPERTY, dir.resolve("home").toString());
        try {
            assertThat(Home.folder("")).isEqualTo(dir.resolve("home"));
            assertThat(Home.folder(" ")).isEqualTo(dir.resolve("home"));
        } finally {
            System.setProperty(Home.PROPERTY, before);
        }
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static Stream<String> names(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).toList().stream();
        }
    }
}
