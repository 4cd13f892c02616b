// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** What is left of child processes. */
final class Children {

    private Children() {}

    /** Fails if this process has a child. */
    static void assertNone() {
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .as("child processes")
                .isEmpty();
    }

    /** Fails if a closed service has left a file behind. */
    static void assertNothingLeft(Path home) throws IOException {
        Path run = home.resolve("run/isolation");
        if (Files.exists(run)) {
            try (Stream<Path> files = Files.list(run)) {
                assertThat(files).as("folders of processes").isEmpty();
            }
        }
        assertThat(memory(home)).as("shared memory").isEmpty();
    }

    /** {@return the folders of shared memory of that home} */
    static List<Path> memory(Path home) throws IOException {
        Path memory = Path.of("/dev/shm");
        if (!Files.isDirectory(memory)) {
            return List.of();
        }
        String prefix = Folders.memoryPrefix(home);
        try (Stream<Path> files = Files.list(memory)) {
            return files.filter(f -> f.getFileName().toString().startsWith(prefix))
                    .toList();
        }
    }
}
