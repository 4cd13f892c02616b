// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.gateway.Packaged.Ended;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the start script makes of the archive of classes that Java writes; with a Java that only writes it. */
final class ArchiveIT {

    private static final String JAVA = """
            #!/bin/sh
            for word; do
                case $word in
                    -XX:ArchiveClassesAtExit=*) echo classes >"${word#*=}" ;;
                esac
            done
            exit %d
            """;

    @TempDir
    Path dir;

    @Test
    void keepsTheArchiveOfATrainingThatEndedWell() throws Exception {
        assertThat(libraryAfterTraining(0)).hasSize(2).anyMatch(name -> name.endsWith(".jsa"));
    }

    @Test
    void keepsNothingOfATrainingThatFailed() throws Exception {
        assertThat(libraryAfterTraining(1)).containsExactly("io.edgewright.launcher.jar");
    }

    /** {@return the names of the files in {@code lib}} */
    private List<String> libraryAfterTraining(int code) throws Exception {
        Path program = dir.resolve("gateway/bin/edgewright");
        Files.createDirectories(program.getParent());
        Files.copy(Path.of(Packaged.PROGRAM), program);
        Path library = Files.createDirectory(dir.resolve("gateway/lib"));
        Files.createFile(library.resolve("io.edgewright.launcher.jar"));

        Ended ended = Packaged.run(
                Map.of("JAVA_HOME", java(code).toString()), List.of("/bin/sh", program.toString(), "--make-archive"));

        assertThat(ended.code()).as(ended.err()).isZero();
        try (Stream<Path> files = Files.list(library)) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private Path java(int code) throws IOException {
        Path home = dir.resolve("java");
        Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
        Files.writeString(java, JAVA.formatted(code));
        assertThat(java.toFile().setExecutable(true)).isTrue();
        Files.writeString(home.resolve("release"), "JAVA_VERSION=\"17.0.1\"\n");
        return home;
    }
}
