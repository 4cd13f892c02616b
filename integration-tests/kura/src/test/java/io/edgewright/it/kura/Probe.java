// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.osgi.framework.Constants;

/** A bundle of the test classes below {@code probe}, which run inside the framework. */
final class Probe {

    private static final Path CLASSES = Path.of("target/test-classes");

    private Probe() {}

    static InputStream open() throws IOException {
        var manifest = new Manifest();
        Attributes main = manifest.getMainAttributes();
        main.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        main.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        main.putValue(Constants.BUNDLE_SYMBOLICNAME, "probe");
        main.putValue(Constants.DYNAMICIMPORT_PACKAGE, "*");
        var bytes = new ByteArrayOutputStream();
        try (var jar = new JarOutputStream(bytes, manifest)) {
            for (Path file : files()) {
                jar.putNextEntry(new JarEntry(CLASSES.relativize(file).toString()));
                Files.copy(file, jar);
                jar.closeEntry();
            }
        }
        return new ByteArrayInputStream(bytes.toByteArray());
    }

    private static List<Path> files() throws IOException {
        try (Stream<Path> files = Files.walk(CLASSES.resolve("io/edgewright/it/kura/probe"))) {
            return files.filter(Files::isRegularFile).toList();
        }
    }
}
