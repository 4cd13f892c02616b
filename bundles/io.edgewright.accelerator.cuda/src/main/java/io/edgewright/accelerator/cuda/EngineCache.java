// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import ai.onnxruntime.OrtException;
import io.edgewright.api.accelerator.InferenceException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
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
 * it costs time only. Safe for several threads and processes: one at a time loads or builds, as building takes the device's memory.
 */
final class EngineCache {

    private static final String MARK = "loaded";
    private static final String LOCK = "lock";

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

    /** Loads a model with engines from a folder, and leaves there what it builds. */
    @FunctionalInterface
    interface Load<T> {

        /** {@return the model} */
        T with(Path engines) throws OrtException, InferenceException;
    }

    /**
     * Loads a model with the engines that are kept for it. If that fails they may be damaged: they are built anew, once.
     *
     * @param key from {@link #key}
     * @throws OrtException if it cannot be loaded even so; nothing is kept
     * @throws IOException if engines cannot be kept
     */
    <T> T load(String key, Load<T> load) throws OrtException, InferenceException, IOException {
        Files.createDirectories(folder);
        synchronized (EngineCache.class) { // the lock of a file is one between processes
            try (FileChannel file = FileChannel.open(
                            folder.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                    FileLock lock = file.lock()) {
                return lock.isValid() && isWhole(key) ? loadKept(key, load) : build(key, load);
            }
        }
    }

    private <T> T loadKept(String key, Load<T> load) throws OrtException, InferenceException, IOException {
        try {
            T loaded = load.with(folder.resolve(key));
            mark(key);
            return loaded;
        } catch (OrtException e) {
            return build(key, load);
        }
    }

    private <T> T build(String key, Load<T> load) throws OrtException, InferenceException, IOException {
        Path engines = folder.resolve(key);
        delete(engines);
        Files.createDirectories(engines);
        boolean whole = false;
        try {
            T loaded = load.with(engines);
            mark(key);
            whole = true;
            return loaded;
        } finally {
            if (!whole) {
                delete(engines);
            }
        }
    }

    private boolean isWhole(String key) {
        return Files.exists(folder.resolve(key).resolve(MARK));
    }

    /** Says that a model was loaded with that folder, just now. */
    private void mark(String key) throws IOException {
        Path mark = folder.resolve(key).resolve(MARK);
        if (!Files.exists(mark)) {
            Files.createFile(mark);
        }
        Files.setLastModifiedTime(mark, FileTime.from(Instant.now()));
    }

    /** Deletes what was not used for longest. */
    void sweep() throws IOException {
        if (!Files.isDirectory(folder)) {
            return;
        }
        Map<Path, FileTime> used = new HashMap<>();
        for (Path engines : list(folder)) {
            if (!Files.isDirectory(engines)) {
                continue; // the lock
            }
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
