// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Packs a model's folder for its way to a gateway. */
final class ModelFolder {

    private ModelFolder() {}

    /** Hidden files and links stay behind; weights hardly shrink, so speed is preferred. */
    static void zip(Path folder, Path zip) throws IOException {
        List<Path> files;
        try (Stream<Path> walk = Files.walk(folder)) {
            files = walk.filter(p -> Files.isRegularFile(p, LinkOption.NOFOLLOW_LINKS))
                    .map(folder::relativize)
                    .filter(p -> StreamSupport.stream(p.spliterator(), false)
                            .noneMatch(part -> part.toString().startsWith(".")))
                    .sorted()
                    .toList();
        }
        try (var out = new ZipOutputStream(Files.newOutputStream(zip))) {
            out.setLevel(Deflater.BEST_SPEED);
            for (Path file : files) {
                out.putNextEntry(new ZipEntry(file.toString().replace('\\', '/')));
                Files.copy(folder.resolve(file), out);
                out.closeEntry();
            }
        }
    }
}
