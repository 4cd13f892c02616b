// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * Engines that TensorRT has built, a folder for each model and everything else that they depend on: {@code <folder>/<key>/}. A
 * folder is used only if it has the mark that the model was loaded with it; what a killed process left is built anew. Losing
 * it costs time only. One process at a time may build for one key.
 */
final class EngineCache {

    private static final String MARK = "loaded";

    /** More folders than that are deleted, those not used for longest first. */
    static final int KEPT = 16;

    private final Path folder;

    EngineCache(Path folder) {
        this.folder = folder;
    }

    /**
     * {@return the name of a folder: equal only if everything is equal that an engine depends on}
     *
     * @param digest of the model
     * @param versions of ONNX Runtime and TensorRT
     * @param device its model, compute capability and driver
     * @param options what the engine is built with
     */
    static String key(String digest, String versions, String device, Map<String, String> options) {
        var facts = new StringBuilder(digest)
                .append('\n')
                .append(versions)
                .append('\n')
                .append(device);
        options.entrySet().stream()
                .filter(o -> !o.getKey().endsWith("_path"))
                .sorted(Map.Entry.comparingByKey())
                .forEach(o -> facts.append('\n').append(o.getKey()).append('=').append(o.getValue()));
        try {
            byte[] hash =
                    MessageDigest.getInstance("SHA-256").digest(facts.toString().getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash, 0, 16);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** {@return the folder of that key, there and empty or whole} */
    Path open(String key) throws IOException {
        Path engines = folder.resolve(key);
        if (Files.isDirectory(engines) && !Files.exists(engines.resolve(MARK))) {
            drop(key);
        }
        return Files.createDirectories(engines);
    }

    /** {@return true if something was built for that key} */
    boolean isBuilt(String key) {
        return Files.exists(folder.resolve(key).resolve(MARK));
    }

    /** Says that a model was loaded with that folder, just now. */
    void loaded(String key) throws IOException {
        Path mark = folder.resolve(key).resolve(MARK);
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
        Files.setLastModifiedTime(mark, FileTime.from(Instant.now()));
    }

    /** Deletes the folder of that key. */
    void drop(String key) throws IOException {
        delete(folder.resolve(key));
    }

    /** Deletes what was not used for longest. */
    void sweep() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Map<Path, FileTime> used = new HashMap<>();
        for (Path engines : list(folder)) {
            Path mark = engines.resolve(MARK);
            used.put(engines, Files.getLastModifiedTime(Files.exists(mark) ? mark : engines));
        }
        Comparator<Map.Entry<Path, FileTime>> latestFirst =
                Map.Entry.<Path, FileTime>comparingByValue().reversed();
        for (var old : used.entrySet().stream().sorted(latestFirst).skip(KEPT).toList()) {
            delete(old.getKey());
        }
    }

    private static void delete(Path engines) throws IOException {
        if (Files.isDirectory(engines)) {
            Files.deleteIfExists(engines.resolve(MARK)); // first, so that half of it is never taken for whole
            for (Path file : list(engines)) {
                Files.deleteIfExists(file);
            }
            Files.deleteIfExists(engines);
        }
    }

    private static List<Path> list(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.toList();
        }
    }
}
