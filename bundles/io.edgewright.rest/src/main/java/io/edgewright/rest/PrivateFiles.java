// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.config.DurableFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;

/** Files that only the user may read who runs the gateway: created so, never widened or narrowed afterwards. */
final class PrivateFiles {

    private PrivateFiles() {}

    static void write(Path target, byte[] content) throws IOException {
        Path temporary = DurableFiles.temporaryFor(target);
        try {
            boolean posix =
                    temporary.getFileSystem().supportedFileAttributeViews().contains("posix");
            FileAttribute<?>[] attributes = posix
                    ? new FileAttribute<?>[] {
                        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                    }
                    : new FileAttribute<?>[0];
            Files.createFile(temporary, attributes);
            Files.write(temporary, content);
            DurableFiles.publish(temporary, target);
        } finally {
            Files.deleteIfExists(temporary);
        }
    }
}
