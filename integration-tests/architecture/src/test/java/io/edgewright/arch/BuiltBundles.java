// SPDX-License-Identifier: Apache-2.0
package io.edgewright.arch;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.function.Executable;

/** The bundles that were built, for tests that open each of them. */
final class BuiltBundles {

    private static final Path FOLDER = Path.of("../../bundles");

    private BuiltBundles() {}

    static Stream<Path> bundles() throws IOException {
        try (Stream<Path> folders = Files.list(FOLDER)) {
            List<Path> jars = folders.map(f -> f.getFileName().toString())
                    .filter(n -> n.startsWith("io.edgewright."))
                    .filter(n -> !n.equals("io.edgewright.testkit") && !n.equals("io.edgewright.launcher"))
                    .sorted()
                    .map(BuiltBundles::jar)
                    .toList();
            return jars.stream();
        }
    }

    static Path jar(String name) {
        return FOLDER.resolve(name).resolve("target").resolve(name + "-0.1.0-SNAPSHOT.jar");
    }

    static String nameOf(Path jar) {
        return jar.getFileName().toString().replace("-0.1.0-SNAPSHOT.jar", "");
    }

    static String header(Path jar, String name) throws IOException {
        try (JarFile file = new JarFile(jar.toFile())) {
            String value = file.getManifest().getMainAttributes().getValue(name);
            return value == null ? "" : value;
        }
    }

    static DynamicTest test(Path jar, Executable body) {
        return DynamicTest.dynamicTest(nameOf(jar), body);
    }
}
