// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/**
 * A model file outside any store, for tests of drivers. Its manifest has the true digest and size, and no tensors.
 *
 * @param manifest what is known about it
 * @param path the file
 */
public record FileModel(ModelManifest manifest, Path path) implements ModelFile {

    /**
     * {@return a file that exists as a model}
     *
     * @param path the file; its name up to the last dot becomes the model's name
     * @param format such as {@code onnx}
     * @throws IOException if the file cannot be read
     */
    public static FileModel of(Path path, String format) throws IOException {
        String file = path.getFileName().toString();
        String name = file.contains(".") ? file.substring(0, file.lastIndexOf('.')) : file;
        byte[] content = Files.readAllBytes(path);
        var manifest = new ModelManifest(
                ModelId.of(name, "1.0.0"),
                format,
                file,
                digest(content),
                content.length,
                List.of(),
                List.of(),
                Map.of(),
                Map.of());
        return new FileModel(manifest, path);
    }

    /**
     * {@return a new file with this content as a model}
     *
     * @param folder where it is written
     * @param file its name, such as {@code add.onnx}
     * @param format such as {@code onnx}
     * @param content its bytes
     * @throws IOException if the file cannot be written
     */
    public static FileModel write(Path folder, String file, String format, byte[] content) throws IOException {
        return of(Files.write(folder.resolve(file), content), format);
    }

    @Override
    public void close() {
        // the file belongs to the test
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }
}
