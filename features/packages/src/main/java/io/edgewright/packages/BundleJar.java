// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collections;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.stream.Collectors;

/** A bundle as it was built, and what is left of it for one platform. */
final class BundleJar {

    private static final String NATIVE_CODE = "Bundle-NativeCode";

    private final Path file;
    private final String name;
    private final String version;
    private final boolean carriesNatives;

    private BundleJar(Path file, String name, String version, boolean carriesNatives) {
        this.file = file;
        this.name = name;
        this.version = version;
        this.carriesNatives = carriesNatives;
    }

    /** {@return the bundle that its module has built} */
    static BundleJar built(Path modules, String name, String mavenVersion) throws IOException {
        return read(modules.resolve(Path.of(name, "target", name + "-" + mavenVersion + ".jar")));
    }

    private static BundleJar read(Path file) throws IOException {
        try (var jar = new JarFile(file.toFile())) {
            Attributes headers = jar.getManifest().getMainAttributes();
            String name = headers.getValue("Bundle-SymbolicName");
            String version = headers.getValue("Bundle-Version");
            if (name == null || version == null) {
                throw new IOException(file + " is no bundle, expected Bundle-SymbolicName and Bundle-Version");
            }
            boolean natives =
                    jar.stream().anyMatch(e -> Platform.of(e.getName()).isPresent());
            return new BundleJar(file, name.split(";")[0].strip(), version, natives);
        }
    }

    String name() {
        return name;
    }

    String version() {
        return version;
    }

    boolean carriesNatives() {
        return carriesNatives;
    }

    /** {@return the whole jar} */
    byte[] content() throws IOException {
        return Files.readAllBytes(file);
    }

    /** {@return the jar without what is for other platforms} */
    byte[] contentFor(Platform platform) throws IOException {
        if (!carriesNatives) {
            return content();
        }
        var bytes = new ByteArrayOutputStream();
        try (var in = new JarFile(file.toFile());
                var out = new ReproducibleJar(bytes, manifestFor(platform, in.getManifest()))) {
            for (JarEntry entry : Collections.list(in.entries())) {
                boolean ours =
                        Platform.of(entry.getName()).map(platform::equals).orElse(true);
                if (ours && !entry.isDirectory() && !entry.getName().equals(JarFile.MANIFEST_NAME)) {
                    try (var content = in.getInputStream(entry)) {
                        out.add(entry.getName(), content.readAllBytes());
                    }
                }
            }
        }
        return bytes.toByteArray();
    }

    private static Manifest manifestFor(Platform platform, Manifest all) {
        var manifest = new Manifest(all);
        Attributes headers = manifest.getMainAttributes();
        String natives = headers.getValue(NATIVE_CODE);
        if (natives == null) {
            String requirements = headers.getValue("Require-Capability");
            headers.putValue(
                    "Require-Capability",
                    requirements == null ? platform.requirement() : requirements + "," + platform.requirement());
        } else { // no further requirement: Equinox finds the libraries by the first one that it knows
            headers.putValue(
                    NATIVE_CODE,
                    Arrays.stream(natives.split(","))
                            .filter(clause -> Platform.of(pathIn(clause))
                                    .map(platform::equals)
                                    .orElse(false)) // not '*', for any
                            .collect(Collectors.joining(",")));
        }
        return manifest;
    }

    private static String pathIn(String nativeCodeClause) {
        return nativeCodeClause.split(";")[0].strip();
    }
}
