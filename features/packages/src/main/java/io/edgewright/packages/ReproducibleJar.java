// SPDX-License-Identifier: Apache-2.0
package io.edgewright.packages;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.time.LocalDateTime;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** A jar whose bytes depend on its content only; the manifest comes first. */
final class ReproducibleJar implements AutoCloseable {

    /** As the build's outputTimestamp; local, so that no time zone matters. */
    private static final LocalDateTime TIME = LocalDateTime.of(2026, 1, 1, 0, 0);

    private final ZipOutputStream out;

    ReproducibleJar(OutputStream target, Manifest manifest) throws IOException {
        this(target);
        var bytes = new ByteArrayOutputStream();
        manifest.write(bytes);
        add(JarFile.MANIFEST_NAME, bytes.toByteArray());
    }

    /** For a copy: the manifest is added first. */
    ReproducibleJar(OutputStream target) {
        this.out = new ZipOutputStream(target);
        out.setLevel(Deflater.BEST_COMPRESSION);
    }

    void add(String name, byte[] content) throws IOException {
        var entry = new ZipEntry(name);
        entry.setTimeLocal(TIME);
        out.putNextEntry(entry);
        out.write(content);
        out.closeEntry();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
