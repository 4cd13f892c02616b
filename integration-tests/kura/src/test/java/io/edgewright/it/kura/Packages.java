// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.Deflater;

/** The deployment packages that were built, and what a later release of them would be. */
final class Packages {

    private static final Path FOLDER = Path.of("../../features/packages/target/packages");
    private static final boolean ARM = System.getProperty("os.arch").equals("aarch64");

    private Packages() {}

    /** {@return the package for this machine} */
    static Path get(String name) {
        Path general = FOLDER.resolve(name + "-0.1.0.SNAPSHOT.dp");
        return Files.exists(general) ? general : forPlatform(name, ARM);
    }

    /** {@return the package for the other kind of machine} */
    static Path forOtherPlatform(String name) {
        return forPlatform(name, !ARM);
    }

    private static Path forPlatform(String name, boolean arm) {
        return FOLDER.resolve(name + (arm ? "-linux-aarch64" : "-linux-x86-64") + "-0.1.0.SNAPSHOT.dp");
    }

    /** {@return the same package and bundles in another version} */
    static Path inVersion(String version, Path original, Path folder) throws IOException {
        Path target = Files.createDirectories(folder).resolve(version + "-" + original.getFileName());
        try (InputStream in = Files.newInputStream(original);
                OutputStream out = Files.newOutputStream(target)) {
            rewrite(in, out, version, true);
        }
        return target;
    }

    private static void rewrite(InputStream in, OutputStream out, String version, boolean bundles) throws IOException {
        var jar = new JarInputStream(in);
        Manifest manifest = jar.getManifest();
        Attributes headers = manifest.getMainAttributes();
        headers.putValue(bundles ? "DeploymentPackage-Version" : "Bundle-Version", version);
        if (bundles) {
            manifest.getEntries().values().forEach(section -> section.putValue("Bundle-Version", version));
        }
        var target = new JarOutputStream(out, manifest);
        target.setLevel(Deflater.BEST_SPEED);
        for (JarEntry entry = jar.getNextJarEntry(); entry != null; entry = jar.getNextJarEntry()) {
            target.putNextEntry(new JarEntry(entry.getName()));
            byte[] content = jar.readAllBytes();
            if (bundles) {
                var bytes = new ByteArrayOutputStream();
                rewrite(new ByteArrayInputStream(content), bytes, version, false);
                content = bytes.toByteArray();
            }
            target.write(content);
            target.closeEntry();
        }
        target.finish();
    }
}
