// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.Npy;
import io.edgewright.api.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/** Several named arrays in one file: a ZIP archive of {@code <name>.npy} (numpy.savez). */
final class NpzFile {

    private static final String ENDING = ".npy";

    private NpzFile() {}

    /**
     * {@return the arrays by name, in their order}
     *
     * @param mostBytes of one array
     */
    static Map<String, Tensor> read(Path file, long mostBytes) throws IOException {
        Map<String, Tensor> arrays = new LinkedHashMap<>();
        try (var zip = new ZipInputStream(Files.newInputStream(file))) {
            for (ZipEntry entry = zip.getNextEntry(); entry != null; entry = zip.getNextEntry()) {
                String name = entry.getName();
                arrays.put(
                        name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name,
                        Npy.read(zip, mostBytes));
            }
        } catch (IOException | IllegalArgumentException e) { // the latter on a name that is no text
            throw new IOException("'" + file + "' is no whole archive of arrays: " + e, e);
        }
        return arrays;
    }

    /** {@return the bytes of such a file} */
    static byte[] bytes(Map<String, Tensor> arrays) throws IOException {
        var bytes = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(bytes)) {
            zip.setLevel(Deflater.BEST_SPEED);
            for (Map.Entry<String, Tensor> array : new TreeMap<>(arrays).entrySet()) {
                zip.putNextEntry(new ZipEntry(array.getKey() + ENDING));
                Npy.write(zip, array.getValue());
                zip.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
