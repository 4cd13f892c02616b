// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A model file that passes made, alone in a folder with its external data, in the place of the original.
 *
 * @param manifest the original's, but with the file, digest and size of this one
 * @param path the file
 * @param golden pairs of its own; a folder that may be absent
 */
record StepFile(ModelManifest manifest, Path path, Path golden) implements ModelFile {

    private static final long MAX_GOLDEN_BYTES = 256L << 20;

    /**
     * {@return the file in the place of the original}
     *
     * @param original the original's manifest, of its ONNX form
     * @param path the file
     */
    static StepFile of(ModelManifest original, Path path) throws IOException {
        Path folder = path.toAbsolutePath().resolveSibling("");
        String name = String.valueOf(path.getFileName());
        Map<String, String> others = new HashMap<>();
        for (Path file : files(folder)) {
            if (!file.equals(path.toAbsolutePath())) {
                others.put(folder.relativize(file).toString(), Digests.of(file));
            }
        }
        var manifest = new ModelManifest(
                original.id(),
                original.format(),
                name,
                Digests.of(path),
                sizeBytes(folder),
                original.inputs(),
                original.outputs(),
                others,
                original.properties());
        return new StepFile(manifest, path.toAbsolutePath(), folder.resolve(VariantStore.GOLDEN));
    }

    /** {@return the size of all files of the model in a folder, in bytes} */
    static long sizeBytes(Path folder) throws IOException {
        long sum = 0;
        for (Path file : files(folder)) {
            sum += Files.size(file);
        }
        return sum;
    }

    /** {@return the files of the model in a folder: all but records and golden pairs} */
    static List<Path> files(Path folder) throws IOException {
        Path pairs = folder.resolve(VariantStore.GOLDEN);
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(Files::isRegularFile)
                    .filter(f -> !f.startsWith(pairs)
                            && !String.valueOf(f.getFileName()).endsWith(".json"))
                    .sorted()
                    .toList();
        }
    }

    @Override
    public List<GoldenCase> goldenCases() throws IOException {
        return GoldenCase.readAll(golden, MAX_GOLDEN_BYTES);
    }

    @Override
    public void close() {
        // the files stay
    }
}
