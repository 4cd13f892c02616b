// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Serves the models of a folder in Triton's layout, and follows what people and tools do to it. */
@Component(
        name = DirectoryModelStore.PID,
        service = ModelStore.class,
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = DirectoryModelStore.Config.class, factory = true)
public final class DirectoryModelStore implements ModelStore {

    static final String PID = "io.edgewright.store.directory";

    private static final Logger LOG = LoggerFactory.getLogger(DirectoryModelStore.class);

    @ObjectClassDefinition(
            id = PID,
            name = "Model directory",
            description = "Serves models from a folder <model>/<number>/model.onnx, as Triton lays them out.")
    @interface Config {

        @AttributeDefinition(name = "Name", description = "Short name of this store, unique on the gateway.")
        String name() default "directory";

        @AttributeDefinition(name = "Folder", description = "The folder with a folder per model.")
        String path() default "";

        @AttributeDefinition(
                name = "Look every (seconds)",
                description = "How often the folder is looked at; also when the system tells of changes.",
                min = "1")
        int poll_seconds() default 10;

        @AttributeDefinition(
                name = "Watch",
                description = "Let the system tell of changes; of no use on most network file systems.")
        boolean watch() default true;

        @AttributeDefinition(name = "Home", description = "Folder for copies of models in use; empty: edgewright.home.")
        String home() default "";
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

    private final String name;
    private final Scanner scanner;
    private final Path copies;
    private final Watcher watcher;
    private volatile List<ModelManifest> models = List.of();

    @Activate
    public DirectoryModelStore(Config config) throws IOException {
        if (config.path().isBlank()) {
            throw new IllegalArgumentException("path is empty, expected the folder with the models");
        }
        if (config.poll_seconds() < 1) {
            throw new IllegalArgumentException("poll.seconds is " + config.poll_seconds() + ", expected 1 or more");
        }
        if (!config.name().matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
            throw new IllegalArgumentException("name '" + config.name()
                    + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', '-', not starting with a dot");
        }
        this.name = config.name();
        Path root = Path.of(config.path()).toAbsolutePath();
        this.scanner = new Scanner(root);
        Path allCopies = Home.folder(config.home())
                .resolve("cache")
                .resolve("store.directory")
                .resolve(name);
        this.copies = allCopies.resolve(process());
        deleteForeignCopies(allCopies);
        LOG.info("Model directory {} follows {}", name, root);
        this.watcher = new Watcher(
                "edgewright-store-directory-" + name,
                Duration.ofSeconds(config.poll_seconds()),
                config.watch(),
                this::scan);
    }

    /** For tests: nothing runs by itself until {@link #start}. */
    DirectoryModelStore(
            Config config, List<ModelInspector> inspectors, List<ModelStoreListener> listeners, List<EventSink> sinks)
            throws IOException {
        this(config);
        this.inspectors = List.copyOf(inspectors);
        this.listeners = List.copyOf(listeners);
        this.sinks = List.copyOf(sinks);
    }

    /** After the fields are there, which the first scan reads. */
    @Activate
    void start() {
        watcher.start();
    }

    @Deactivate
    void stop() {
        watcher.stop();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<ModelManifest> models() {
        return models;
    }

    @Override
    public ModelFile open(ModelId id) throws ModelException {
        ModelManifest manifest = models.stream()
                .filter(m -> m.id().equals(id))
                .findFirst()
                .orElseThrow(() ->
                        new ModelException(Reason.NOT_FOUND, "no model " + id + " in directory '" + name + "'", null));
        Path folder = copies.resolve(UUID.randomUUID().toString());
        boolean done = false;
        try {
            Map<String, String> files = new HashMap<>(manifest.files());
            files.put(manifest.file(), manifest.digest());
            for (var file : files.entrySet()) {
                copy(manifest, folder, file.getKey(), file.getValue());
            }
            done = true;
            return new Snapshot(manifest, folder);
        } catch (NoSuchFileException e) {
            throw new ModelException(Reason.NOT_FOUND, "model " + id + " was just removed: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new ModelException(Reason.STORAGE, "model " + id + " could not be copied: " + e, e);
        } finally {
            if (!done) {
                new Snapshot(manifest, folder).close();
            }
        }
    }

    /**
     * Looks at the folder once, on the watcher's thread.
     *
     * @return the folders to watch, and whether to look again soon
     */
    Watcher.Result scan() throws IOException {
        Scanner.Changes changes = scanner.scan(inspectors);
        models = List.copyOf(scanner.models());
        changes.added().forEach(id -> changed("added", id));
        changes.removed().forEach(id -> changed("removed", id));
        if (!changes.added().isEmpty() || !changes.removed().isEmpty()) {
            for (ModelStoreListener listener : listeners) {
                try {
                    listener.modelsChanged(this);
                } catch (RuntimeException | LinkageError e) { // foreign code, and may be half gone
                    LOG.warn("A listener failed on a change of model directory {}", name, e);
                }
            }
        }
        return new Watcher.Result(scanner.folders(), changes.settling());
    }

    private void copy(ModelManifest manifest, Path folder, String path, String expected)
            throws IOException, ModelException {
        Path source = scanner.folder(manifest.id()).resolve(path);
        String found = Trees.copy(source, folder.resolve(path));
        if (!found.equals(expected)) {
            throw new ModelException(
                    Reason.DIGEST_MISMATCH,
                    "'%s' has SHA-256 %s, expected %s: it is being changed; try again when it has settled"
                            .formatted(source, found, expected),
                    null);
        }
    }

    private void changed(String what, ModelId id) {
        LOG.info("Model directory {}: {} {}", name, what, id);
        var event = new Event(
                "model/" + id.name() + "/" + what,
                Instant.now(),
                Map.of("store", name, "name", id.name(), "version", id.version().toString()));
        for (EventSink sink : sinks) {
            try {
                sink.publish(event);
            } catch (RuntimeException | LinkageError e) {
                LOG.warn("An event sink failed on {}", event.topic(), e);
            }
        }
    }

    /** A handle may outlive this component, but not its process. */
    private static void deleteForeignCopies(Path all) throws IOException {
        if (Files.isDirectory(all)) {
            try (Stream<Path> runs = Files.list(all)) {
                for (Path run : runs.filter(r -> !r.endsWith(process())).toList()) {
                    Trees.delete(run);
                }
            }
        }
    }

    /** The number alone comes again after a restart, in a container even always. */
    private static String process() {
        ProcessHandle process = ProcessHandle.current();
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start;
    }
}
