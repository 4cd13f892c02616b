// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/** A store in a temporary folder that counts what is held open. */
final class MemoryStore implements ModelStore {

    private record Stored(ModelManifest manifest, Path file, List<GoldenCase> golden) {}

    private final Path folder;
    private final Map<ModelId, Stored> models = new ConcurrentHashMap<>();
    private final AtomicInteger open = new AtomicInteger();

    MemoryStore(Path folder) {
        this.folder = folder;
    }

    void put(String name, String version, byte[] content, GoldenCase... golden) throws IOException {
        ModelId id = ModelId.of(name, version);
        Path file = Files.write(folder.resolve(name + "-" + version + ".onnx"), content);
        var manifest = new ModelManifest(
                id, "onnx", "model.onnx", digest(content), content.length, List.of(), List.of(), Map.of(), Map.of());
        models.put(id, new Stored(manifest, file, List.of(golden)));
    }

    /** Adds a model in several forms; the files are empty. */
    void put(ModelManifest manifest) {
        models.put(manifest.id(), new Stored(manifest, folder.resolve(manifest.file()), List.of()));
    }

    void remove(String name, String version) {
        models.remove(ModelId.of(name, version));
    }

    int open() {
        return open.get();
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<ModelManifest> models() {
        return models.values().stream().map(Stored::manifest).toList();
    }

    @Override
    public ModelFile open(ModelId id) throws ModelException {
        Stored stored = models.get(id);
        if (stored == null) {
            throw new ModelException(ModelException.Reason.NOT_FOUND, id + " is not there", null);
        }
        open.incrementAndGet();
        return new Open(stored);
    }

    private static String digest(byte[] content) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private final class Open implements ModelFile {

        private final Stored stored;
        private boolean closed;

        Open(Stored stored) {
            this.stored = stored;
        }

        @Override
        public ModelManifest manifest() {
            return stored.manifest();
        }

        @Override
        public Path path() {
            return stored.file();
        }

        @Override
        public List<GoldenCase> goldenCases() {
            return stored.golden();
        }

        @Override
        public synchronized void close() {
            if (!closed) {
                closed = true;
                open.decrementAndGet();
            }
        }
    }
}
