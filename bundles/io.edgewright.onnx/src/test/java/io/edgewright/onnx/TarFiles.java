// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/** Reads the regular files of a .tar.gz with names of at most 100 characters (POSIX ustar). */
final class TarFiles {

    interface Visitor {

        void file(String name, byte[] content) throws Exception;
    }

    private TarFiles() {}

    static void forEach(Path archive, Visitor visitor) throws Exception {
        try (InputStream in = new GZIPInputStream(Files.newInputStream(archive), 1 << 16)) {
            for (byte[] header = in.readNBytes(512);
                    header.length == 512 && header[0] != 0;
                    header = in.readNBytes(512)) {
                int size = Integer.parseInt(text(header, 124, 12).strip(), 8);
                byte[] content = in.readNBytes(size);
                in.skipNBytes((512 - size % 512) % 512);
                if (content.length < size) {
                    throw new IOException(archive + " is cut short");
                }
                if (header[156] == '0' || header[156] == 0) {
                    visitor.file(text(header, 0, 100), content);
                }
            }
        }
    }

    private static String text(byte[] header, int start, int length) {
        int end = start;
        while (end < start + length && header[end] != 0) {
            end++;
        }
        return new String(header, start, end - start, StandardCharsets.US_ASCII);
    }
}
