// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The manifests on disk and the files they need. A manifest is written last and deleted first: whoever dies in between
 * leaves files without a manifest, and those are swept away at the next start. Guarded by the store's lock.
 */
final class Catalog {

    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);
    private static final String EXTENSION = ".json";
    private static final String MODEL_FOLDER = "[A-Za-z0-9_-][A-Za-z0-9._-]*"; // the names that a ModelId may have

    private final Path folder;
    private final Blobs blobs;
    private final Map<ModelId, ModelManifest> models = new HashMap<>();

    /** Manifests that are on disk but cannot be served: id or file name to what is wrong. */
    private final Map<String, String> damaged = new HashMap<>();

    /** Manifests that are on disk: an entry may be damaged. */
    private final Map<ModelId, ModelManifest> onDisk = new HashMap<>();

    Catalog(Path folder, Blobs blobs) {
        this.folder = folder;
        this.blobs = blobs;
    }

    /** Reads what is there and sweeps away what a killed process left. One model that cannot be read keeps no other away. */
    void load() throws IOException {
        blobs.create();
        boolean complete = true;
        for (Path model : modelFolders()) {
            complete &= loadAll(model);
        }
        if (complete) {
            deleteUnused();
        } else {
            LOG.warn("A manifest below {} cannot be read: its files are kept, and no unused file is deleted", folder);
        }
    }

    List<ModelManifest> models() {
        return List.copyOf(models.values());
    }

    Map<String, String> damaged() {
        return Map.copyOf(damaged);
    }

    ModelManifest get(ModelId id) throws ModelException {
        ModelManifest manifest = models.get(id);
        if (manifest == null) {
            String reason = damaged.get(id.toString());
            throw new ModelException(
                    Reason.NOT_FOUND,
                    reason == null ? "no model " + id + " in the local store" : "model " + id + ": " + reason,
                    null);
        }
        return manifest;
    }

    /** {@return the id that the candidate gets; the id of a stored model if that has the same content} */
    ModelId idFor(Candidate candidate) throws ModelException {
        try {
            if (candidate.version().isPresent()) {
                return new ModelId(candidate.name(), candidate.version().get());
            }
            int major = 0;
            for (ModelManifest stored : onDisk.values()) {
                if (stored.id().name().equals(candidate.name())) {
                    if (candidate.sameContent(stored)) {
                        return stored.id();
                    }
                    major = Math.max(major, stored.id().version().major());
                }
            }
            return new ModelId(candidate.name(), ModelVersion.parse(major + 1 + ".0.0"));
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, String.valueOf(e.getMessage()), e);
        }
    }

    /** {@return the stored model of this id, if it has the same content} */
    Optional<ModelManifest> same(ModelId id, Candidate candidate) throws ModelException {
        ModelManifest stored = onDisk.get(id);
        if (stored != null && !candidate.sameContent(stored)) {
            throw new ModelException(
                    Reason.ALREADY_EXISTS,
                    "model %s is stored with digest %s, and the new one has %s: give it another version"
                            .formatted(id, stored.digest(), candidate.digest()),
                    null);
        }
        return Optional.ofNullable(stored);
    }

    void put(ModelManifest manifest, Map<String, Long> sizes) throws IOException {
        DurableFiles.write(file(manifest.id()), PackageJson.write(manifest, sizes));
        onDisk.put(manifest.id(), manifest);
        models.put(manifest.id(), manifest);
        damaged.remove(manifest.id().toString());
        damaged.remove(folder.relativize(file(manifest.id())).toString());
    }

    /** A stored model whose files have been put in place again. */
    void healed(ModelManifest manifest) {
        models.put(manifest.id(), manifest);
        damaged.remove(manifest.id().toString());
    }

    void remove(ModelId id) throws IOException, ModelException {
        ModelManifest manifest = onDisk.get(id);
        if (manifest == null) {
            throw new ModelException(Reason.NOT_FOUND, "no model " + id + " in the local store", null);
        }
        Path file = file(manifest.id());
        DurableFiles.delete(file);
        onDisk.remove(id);
        models.remove(id);
        damaged.remove(id.toString());
        deleteIfEmpty(folder.resolve(id.name()));
        deleteUnneeded(digests(manifest));
    }

    void deleteUnneeded(Set<String> digests) throws IOException {
        Set<String> needed = needed();
        for (String digest : digests) {
            if (!needed.contains(digest)) {
                blobs.delete(digest);
            }
        }
    }

    void markDamaged(ModelId id, String message) {
        if (models.remove(id) != null) {
            damaged.put(id.toString(), message);
        }
    }

    private void deleteUnused() {
        try {
            DurableFiles.deleteLeftovers(folder);
            blobs.deleteAllBut(needed());
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What nothing needs below {} could not be deleted: {}", folder, e.toString());
        }
    }

    /** {@return false if something of this model cannot be read} */
    private boolean loadAll(Path model) {
        try {
            boolean complete = true;
            for (Path file : manifestFiles(model)) {
                complete &= load(file);
            }
            return complete;
        } catch (IOException | UncheckedIOException e) {
            unreadable(model, e);
            return false;
        }
    }

    private boolean load(Path file) {
        String name = folder.relativize(file).toString();
        try {
            PackageJson json = PackageJson.read(file);
            ModelManifest manifest = json.manifest();
            if (!file(manifest.id()).equals(file)) {
                throw new ModelException(
                        Reason.INVALID_MODEL, "it is the manifest of " + manifest.id() + ", found as " + name, null);
            }
            onDisk.put(manifest.id(), manifest);
            String missing = missing(manifest, json.sizes());
            if (missing.isEmpty()) {
                models.put(manifest.id(), manifest);
            } else {
                damaged.put(manifest.id().toString(), "damaged on disk: " + missing);
                LOG.error("Model {} is damaged on disk: {}. Add it again or remove it", manifest.id(), missing);
            }
            return true;
        } catch (ModelException | IOException e) {
            unreadable(file, e);
            return false;
        }
    }

    private void unreadable(Path file, Exception e) {
        String why = e instanceof ModelException ? String.valueOf(e.getMessage()) : e.toString();
        damaged.put(folder.relativize(file).toString(), "unreadable manifest: " + why);
        LOG.error("Manifest {} cannot be read: {}. Add the model again", file, why);
    }

    private String missing(ModelManifest manifest, Map<String, Long> sizes) {
        Map<String, String> all = new HashMap<>(manifest.files());
        all.put(manifest.file(), manifest.digest());
        for (var entry : all.entrySet()) {
            try {
                if (!blobs.looksWhole(entry.getValue(), sizes.getOrDefault(entry.getKey(), -1L))) {
                    return "'%s' (%s) is missing or has the wrong size".formatted(entry.getKey(), entry.getValue());
                }
            } catch (IOException e) {
                return "'%s' (%s) cannot be read: %s".formatted(entry.getKey(), entry.getValue(), e);
            }
        }
        return "";
    }

    private Set<String> needed() {
        Set<String> needed = new HashSet<>();
        onDisk.values().forEach(manifest -> needed.addAll(digests(manifest)));
        return needed;
    }

    /** {@return the folders that may be of models; others are nobody's business, such as the {@code lost+found} of a disk} */
    private List<Path> modelFolders() throws IOException {
        try (Stream<Path> folders = Files.list(folder)) {
            return folders.filter(Files::isDirectory)
                    .filter(f -> String.valueOf(f.getFileName()).matches(MODEL_FOLDER))
                    .toList();
        }
    }

    private static List<Path> manifestFiles(Path model) throws IOException {
        DurableFiles.deleteLeftovers(model);
        List<Path> files;
        try (Stream<Path> versions = Files.list(model)) {
            files = versions.filter(f -> f.toString().endsWith(EXTENSION) && Files.isRegularFile(f))
                    .toList();
        }
        deleteIfEmpty(model);
        return files;
    }

    private Path file(ModelId id) {
        return folder.resolve(id.name()).resolve(id.version() + EXTENSION);
    }

    private static void deleteIfEmpty(Path folder) throws IOException {
        try (Stream<Path> entries = Files.list(folder)) {
            if (entries.findAny().isPresent()) {
                return;
            }
        }
        try {
            Files.deleteIfExists(folder);
        } catch (DirectoryNotEmptyException e) {
            LOG.debug("{} was filled meanwhile", folder, e);
        }
    }

    private static Set<String> digests(ModelManifest manifest) {
        Set<String> digests = new HashSet<>(manifest.files().values());
        digests.add(manifest.digest());
        return digests;
    }
}
