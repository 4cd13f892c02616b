// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import io.edgewright.api.config.Home;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.ModelStoreListener;
import io.edgewright.api.model.WritableModelStore;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keeps models below {@code <home>/models}, by content. */
@Component(
        name = LocalModelStore.PID,
        service = {WritableModelStore.class, ModelStore.class, LocalModelStore.class},
        immediate = true,
        property = {"kura.ui.service.hide:Boolean=true", "service.ranking:Integer=100"})
@Designate(ocd = LocalModelStore.Config.class)
public final class LocalModelStore implements WritableModelStore {

    static final String PID = "io.edgewright.store.local";

    private static final Logger LOG = LoggerFactory.getLogger(LocalModelStore.class);

    @ObjectClassDefinition(id = PID, name = "Local model store", description = "Keeps models on this gateway's disk.")
    @interface Config {

        @AttributeDefinition(
                name = "Home",
                description =
                        "Folder for everything durable; empty: edgewright.home. A change takes effect at a restart.")
        String home() default "";

        @AttributeDefinition(
                name = "Largest model (MiB)",
                description = "A larger model is refused, packed or unpacked.",
                min = "1")
        long max_model_mib() default 4096;

        @AttributeDefinition(
                name = "Disk to leave free (MiB)",
                description = "A model that would leave less is refused.",
                min = "0")
        long min_free_mib() default 256;

        @AttributeDefinition(
                name = "Always verify",
                description = "Compute the digest of a model each time it is opened, not only the first time.")
        boolean verify_always() default false;
    }

    /** Replaced as a whole when one comes or goes. Read it once per operation. */
    @Reference(
            cardinality = ReferenceCardinality.AT_LEAST_ONE,
            policy = ReferencePolicy.DYNAMIC,
            service = ModelInspector.class)
    private volatile List<ModelInspector> inspectors = List.of();

    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            service = ModelStoreListener.class)
    private volatile List<ModelStoreListener> listeners = List.of();

    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC, service = EventSink.class)
    private volatile List<EventSink> sinks = List.of();

    private final Path folder;
    private final StoreLock lock;
    private final Blobs blobs;
    private final Catalog catalog;
    private volatile Limits limits;
    private volatile List<ModelManifest> models;
    private boolean stopped;

    @Activate
    public LocalModelStore(Config config) throws IOException {
        this.limits = Limits.of(config);
        this.folder = Home.folder(config.home()).resolve("models");
        this.lock = StoreLock.take(folder);
        this.blobs = new Blobs(folder.resolve("blobs").resolve("sha256"));
        this.catalog = new Catalog(folder, blobs);
        try {
            deleteLeftovers();
            catalog.load();
        } catch (IOException | RuntimeException e) { // a walk through folders fails unchecked
            lock.close();
            throw e;
        }
        this.models = catalog.models();
        LOG.info("Local model store in {} with {} models", folder, models.size());
    }

    /** For tests and other uses without Declarative Services. */
    LocalModelStore(
            Config config, List<ModelInspector> inspectors, List<ModelStoreListener> listeners, List<EventSink> sinks)
            throws IOException {
        this(config);
        this.inspectors = List.copyOf(inspectors);
        this.listeners = List.copyOf(listeners);
        this.sinks = List.copyOf(sinks);
    }

    @Modified
    void modified(Config config) {
        limits = Limits.of(config);
        if (!Home.folder(config.home()).resolve("models").equals(folder)) {
            LOG.warn("Local model store stays in {}: a new home takes effect at a restart", folder);
        }
    }

    @Deactivate
    synchronized void deactivate() throws IOException {
        stopped = true;
        lock.close();
    }

    @Override
    public String name() {
        return "local";
    }

    @Override
    public List<ModelManifest> models() {
        return models;
    }

    @Override
    public ModelManifest add(Path source, AddOptions options) throws ModelException {
        return add(source.toString(), options, reader -> reader.read(source));
    }

    @Override
    public ModelManifest add(InputStream content, String fileName, AddOptions options) throws ModelException {
        return add(fileName, options, reader -> reader.read(content, fileName));
    }

    @Override
    public ModelFile open(ModelId id) throws ModelException {
        Path target = handles().resolve(UUID.randomUUID().toString());
        boolean done = false;
        try {
            ModelManifest manifest = link(id, target);
            for (var file : allFiles(manifest).entrySet()) {
                blobs.verify(file.getValue(), target.resolve(file.getKey()), limits.verifyAlways());
            }
            done = true;
            return new OpenModel(manifest, target);
        } catch (ModelException e) {
            if (e.reason() == Reason.DIGEST_MISMATCH) {
                damaged(id, e);
            }
            throw e;
        } catch (IOException e) {
            throw storage("model " + id + " could not be opened", e);
        } finally {
            if (!done) {
                discard(target);
            }
        }
    }

    @Override
    public void remove(ModelId id) throws ModelException {
        synchronized (this) {
            try {
                checkRunning();
                catalog.remove(id);
            } catch (IOException e) {
                throw storage("model " + id + " could not be removed whole", e);
            } finally {
                models = catalog.models();
            }
        }
        LOG.info("Removed model {}", id);
        changed("removed", id, Map.of());
    }

    /** {@return models on disk that cannot be served, and why} */
    synchronized Map<String, String> damaged() {
        return catalog.damaged();
    }

    /** {@return the folder and the bytes that may still be written to its disk} */
    long freeBytes() throws IOException {
        return Files.getFileStore(folder).getUsableSpace() - limits.freeBytes();
    }

    Path folder() {
        return folder;
    }

    private interface Reading {

        Candidate read(PackageReader reader) throws IOException, ModelException;
    }

    private ModelManifest add(String what, AddOptions options, Reading reading) throws ModelException {
        ModelManifest stored;
        boolean[] isNew = {false};
        try (Staging staging = new Staging(folder.resolve(".incoming"), limits)) {
            Candidate candidate = reading.read(new PackageReader(inspectors, staging, options));
            staging.force();
            stored = commit(candidate, isNew);
        } catch (IOException e) {
            throw storage("'" + what + "' could not be stored", e);
        }
        if (isNew[0]) {
            LOG.info("Added model {} ({} bytes, {})", stored.id(), stored.sizeBytes(), stored.digest());
            changed("added", stored.id(), Map.of("digest", stored.digest(), "sizeBytes", stored.sizeBytes()));
        }
        return stored;
    }

    private synchronized ModelManifest commit(Candidate candidate, boolean[] isNew) throws IOException, ModelException {
        checkRunning();
        ModelId id = catalog.idFor(candidate);
        Optional<ModelManifest> same = catalog.same(id, candidate);
        Set<String> published = new HashSet<>();
        try {
            ModelManifest manifest = same.isPresent() ? same.get() : manifest(id, candidate);
            for (Staging.Copied copied : candidate.content().values()) {
                if (published.add(copied.digest())) {
                    blobs.publish(copied);
                }
            }
            isNew[0] = !models.contains(manifest);
            if (same.isPresent()) {
                catalog.healed(manifest);
            } else {
                catalog.put(manifest, candidate.sizes());
            }
            models = catalog.models();
            return manifest;
        } finally {
            catalog.deleteUnneeded(published); // nothing, unless the manifest could not be written
        }
    }

    private static ModelManifest manifest(ModelId id, Candidate candidate) throws ModelException {
        try {
            return new ModelManifest(
                    id,
                    candidate.format(),
                    candidate.file(),
                    candidate.digest(),
                    candidate.sizeBytes(),
                    candidate.inputs(),
                    candidate.outputs(),
                    candidate.others(),
                    candidate.properties(),
                    candidate.alternatives());
        } catch (IllegalArgumentException e) {
            throw new ModelException(Reason.INVALID_MODEL, String.valueOf(e.getMessage()), e);
        }
    }

    private synchronized ModelManifest link(ModelId id, Path target) throws IOException, ModelException {
        checkRunning();
        ModelManifest manifest = catalog.get(id);
        for (var file : allFiles(manifest).entrySet()) {
            blobs.link(file.getValue(), target.resolve(file.getKey()));
        }
        return manifest;
    }

    private void damaged(ModelId id, ModelException e) {
        synchronized (this) {
            catalog.markDamaged(id, String.valueOf(e.getMessage()));
            models = catalog.models();
        }
        LOG.error("Model {}: {}", id, e.getMessage());
        changed("removed", id, Map.of("message", String.valueOf(e.getMessage())));
    }

    private void changed(String what, ModelId id, Map<String, Object> more) {
        for (ModelStoreListener listener : listeners) {
            try {
                listener.modelsChanged(this);
            } catch (RuntimeException | LinkageError e) { // foreign code, and may be half gone
                LOG.warn("A listener failed on a change of the local store", e); // the model is stored all the same
            }
        }
        Map<String, Object> values = new HashMap<>(more);
        values.put("store", name());
        values.put("name", id.name());
        values.put("version", id.version().toString());
        var event = new Event("model/" + id.name() + "/" + what, Instant.now(), values);
        for (EventSink sink : sinks) {
            try {
                sink.publish(event);
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("An event sink failed on {}", event.topic(), e);
            }
        }
    }

    private void checkRunning() throws ModelException {
        if (stopped) {
            throw new ModelException(Reason.STORAGE, "the local model store is stopped", null);
        }
    }

    /** Handles of this run; another bundle may hold one while the store is replaced. */
    private Path handles() {
        return folder.resolve(".open").resolve(StoreLock.process());
    }

    /** What cannot be deleted keeps no model from being served. */
    private void deleteLeftovers() {
        try {
            Staging.deleteTree(folder.resolve(".incoming"));
            deleteForeignHandles();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What a killed process left in {} could not be deleted: {}", folder, e.toString());
        }
    }

    private void deleteForeignHandles() throws IOException {
        Path all = folder.resolve(".open");
        if (Files.isDirectory(all)) {
            try (Stream<Path> runs = Files.list(all)) {
                for (Path run : runs.filter(r -> !r.equals(handles())).toList()) {
                    Staging.deleteTree(run);
                }
            }
        }
    }

    private static void discard(Path handle) {
        try {
            Staging.deleteTree(handle);
        } catch (IOException e) {
            LOG.warn("Could not delete {}; the next start will: {}", handle, e.toString());
        }
    }

    private static Map<String, String> allFiles(ModelManifest manifest) {
        Map<String, String> files = new HashMap<>(manifest.files());
        files.put(manifest.file(), manifest.digest());
        return files;
    }

    private static ModelException storage(String what, IOException e) {
        return new ModelException(Reason.STORAGE, what + ": " + e, e);
    }
}
