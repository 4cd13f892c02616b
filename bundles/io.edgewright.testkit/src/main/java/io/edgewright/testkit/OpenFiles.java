// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The files that this process holds open, as Linux shows them. */
final class OpenFiles {

    private static final Path DESCRIPTORS = Path.of("/proc/self/fd");

    private OpenFiles() {}

    static boolean areShown() {
        return Files.isDirectory(DESCRIPTORS);
    }

    /** Files of that folder only: the test framework opens and closes others as it likes. */
    static long below(Path folder) throws IOException {
        Path real = folder.toRealPath();
        try (Stream<Path> links = Files.list(DESCRIPTORS)) {
            return links.filter(link -> pointsBelow(real, link)).count();
        }
    }

    private static boolean pointsBelow(Path folder, Path link) {
        try {
            return Files.readSymbolicLink(link).startsWith(folder);
        } catch (IOException e) {
            return false; // closed meanwhile
        }
    }
}
