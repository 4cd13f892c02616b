// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import io.edgewright.api.config.Home;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.update.Update;
import io.edgewright.api.update.UpdateAgent;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.api.update.UpdateProgress.State;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Fetches models over HTTP, one after the other, and puts them into the store, which checks them. Thread-safe. */
@Component(name = ModelAgent.PID, immediate = true, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = ModelAgent.Config.class)
public final class ModelAgent implements UpdateAgent {

    static final String PID = "io.edgewright.update";

    private static final Logger LOG = LoggerFactory.getLogger(ModelAgent.class);

    private static final int WAITING = 16;
    private static final int REMEMBERED = 100;
    private static final long MIB = 1024 * 1024;
    private static final Duration PARTS_LAST = Duration.ofDays(7);

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    volatile @Nullable WritableModelStore store;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<EventSink> sinks = List.of();

    private final Map<String, Job> jobs = new LinkedHashMap<>();
    private final ThreadPoolExecutor worker;
    private @Nullable HttpClient http; // made for the first update, as it reads the machine's certificates; under jobs
    private final Path parts;
    private final Download.Limits limits;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright updates",
            description = "Fetches models over HTTP when it is asked to, and stores them.")
    @interface Config {

        @AttributeDefinition(
                name = "Home",
                description = "Folder where updates/ keeps what has arrived so far; empty for the gateway's own.")
        String home() default "";

        @AttributeDefinition(
                name = "Size limit, MiB",
                description = "Largest model that is fetched.",
                min = "1",
                max = "1048576")
        int max_mib() default 2048;

        @AttributeDefinition(
                name = "Stall, seconds",
                description = "A connection over which nothing came for this long is given up and tried again.",
                min = "1",
                max = "3600")
        int stall_seconds() default 30;

        @AttributeDefinition(
                name = "Attempts",
                description =
                        "Attempts in a row that bring nothing before an update fails. What has arrived is kept for a"
                                + " week, and the same update goes on from there.",
                min = "1",
                max = "1000")
        int attempts() default 8;
    }

    /**
     * Starts.
     *
     * @param config the settings
     * @throws IOException if the folder for what arrives cannot be made
     */
    @Activate
    public ModelAgent(Config config) throws IOException {
        this(config, Duration.ofSeconds(1));
    }

    /** @param pause before a second attempt; it doubles from attempt to attempt */
    ModelAgent(Config config, Duration pause) throws IOException {
        this.limits = new Download.Limits(
                between("max.mib", config.max_mib(), 1, 1_048_576) * MIB,
                Duration.ofSeconds(between("stall.seconds", config.stall_seconds(), 1, 3600)),
                (int) between("attempts", config.attempts(), 1, 1000),
                pause);
        this.parts = Files.createDirectories(Home.folder(config.home()).resolve("updates"));
        forgetOldParts();
        this.worker = new ThreadPoolExecutor(
                1, 1, 30, TimeUnit.SECONDS, new ArrayBlockingQueue<>(WAITING), r -> new Thread(r, "edgewright-update"));
        worker.allowCoreThreadTimeOut(true);
    }

    /** Ends what is under way; what has arrived stays for the next time. */
    @Deactivate
    void stop() {
        worker.shutdownNow();
        synchronized (jobs) {
            jobs.values().forEach(Job::interrupt);
        }
    }

    @Override
    public Map<String, UpdateProgress> updates() {
        synchronized (jobs) {
            return jobs.entrySet().stream().collect(Collectors.toUnmodifiableMap(Map.Entry::getKey, j -> j.getValue()
                    .progress()));
        }
    }

    @Override
    public void submit(Update update) {
        check(update);
        forgetOldParts();
        var job = new Job(
                update, new Download(http(), update, parts.resolve(update.sha256() + ".part"), limits), this::publish);
        synchronized (jobs) {
            Job known = jobs.get(update.id());
            if (known != null && !known.progress().ended()) {
                throw new IllegalStateException("update '" + update.id() + "' is under way");
            }
            try {
                worker.execute(() -> run(job));
            } catch (RejectedExecutionException e) {
                throw new IllegalStateException(WAITING + " updates wait already; try again later", e);
            }
            jobs.remove(update.id());
            jobs.put(update.id(), job);
            forgetOldest();
        }
    }

    private HttpClient http() {
        synchronized (jobs) {
            HttpClient client = http;
            if (client == null) {
                client = HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(limits.stall())
                        .followRedirects(HttpClient.Redirect.NORMAL)
                        .build();
                http = client;
            }
            return client;
        }
    }

    @Override
    public boolean cancel(String id) {
        Job job;
        synchronized (jobs) {
            job = jobs.get(id);
        }
        return job != null && job.cancel();
    }

    private void run(Job job) {
        Update update = job.update();
        try {
            job.enter(State.DOWNLOADING, 0, "from " + update.location());
            Download download = job.download();
            boolean resumed = download.run(job::arrived);
            ModelManifest manifest = add(job, resumed);
            Files.deleteIfExists(download.part());
            job.enter(State.SUCCEEDED, 100, "stored as " + manifest.id());
            LOG.info("update {}: {} is stored as {}", update.id(), update.location(), manifest.id());
        } catch (ModelException | IOException | IllegalArgumentException e) {
            if (job.enter(State.FAILED, job.progress().percent(), String.valueOf(e.getMessage()))) {
                LOG.warn("update {} from {} failed: {}", update.id(), update.location(), e.getMessage());
            }
        } catch (InterruptedException e) {
            LOG.debug("update {} was ended", update.id());
        } catch (
                RuntimeException
                        e) { // the thread's last stop: a fault of ours must not leave an update under way for ever
            job.enter(State.FAILED, 0, "the gateway failed; its log says more");
            LOG.error("update {} failed", update.id(), e);
        } finally {
            job.download().clean();
        }
    }

    /** Hands the content to the store; if a part of it is from an earlier time and the whole is wrong, fetches it anew. */
    private ModelManifest add(Job job, boolean resumed) throws ModelException, IOException, InterruptedException {
        try {
            return add(job);
        } catch (ModelException e) {
            if (e.reason() != ModelException.Reason.STORAGE) {
                Files.deleteIfExists(job.download().part());
            }
            if (!resumed || e.reason() != ModelException.Reason.DIGEST_MISMATCH) {
                throw e;
            }
        }
        job.enter(State.DOWNLOADING, 0, "again, as what was there from before did not fit");
        job.download().run(job::arrived);
        return add(job);
    }

    private ModelManifest add(Job job) throws ModelException, IOException, InterruptedException {
        WritableModelStore target = store;
        if (target == null) {
            throw new IOException("no store that models can be added to is running on this gateway");
        }
        Update update = job.update();
        if (!job.enter(State.VERIFYING, 0, "digest and content are checked")) {
            throw new InterruptedException();
        }
        var options = new WritableModelStore.AddOptions(
                Optional.ofNullable(update.properties().get("name")),
                Optional.ofNullable(update.properties().get("version")),
                Map.of(),
                Optional.of(update.sha256()));
        try (InputStream in = Files.newInputStream(job.download().part())) {
            return target.add(in, fileName(update), options);
        }
    }

    private void publish(String id, UpdateProgress progress, long sizeBytes) {
        var event = new Event(
                UpdateProgress.TOPIC,
                Instant.now(),
                Map.of(
                        "id",
                        id,
                        "state",
                        progress.state().name(),
                        "percent",
                        (long) progress.percent(),
                        "message",
                        progress.message(),
                        "sizeBytes",
                        sizeBytes));
        sinks.forEach(sink -> sink.publish(event));
    }

    private void check(Update update) {
        if (!update.kind().equals("model")) {
            throw new IllegalArgumentException("update '" + update.id() + "' is of the kind '" + update.kind()
                    + "', expected model: nothing else can be applied yet");
        }
        String scheme = String.valueOf(update.location().getScheme());
        if (!scheme.matches("https?") || update.location().getHost() == null) {
            throw new IllegalArgumentException(
                    "update '" + update.id() + "' is at " + update.location() + ", expected http://... or https://...");
        }
        if (update.sizeBytes() > limits.bytes()) {
            throw new IllegalArgumentException("update '" + update.id() + "' has " + update.sizeBytes()
                    + " bytes, the limit is " + limits.bytes() + " (max.mib)");
        }
    }

    private void forgetOldest() {
        Iterator<Job> all = jobs.values().iterator();
        while (jobs.size() > REMEMBERED && all.hasNext()) {
            if (all.next().progress().ended()) {
                all.remove();
            }
        }
    }

    /** A gateway runs for years: its start alone is no time for that. */
    private void forgetOldParts() {
        try {
            deleteOldParts();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What is left of former updates in {} could not be deleted: {}", parts, e.toString());
        }
    }

    private void deleteOldParts() throws IOException {
        Instant oldest = Instant.now().minus(PARTS_LAST);
        try (Stream<Path> files = Files.list(parts)) {
            for (Path part : files.filter(f -> f.toString().endsWith(".part")).toList()) {
                if (Files.getLastModifiedTime(part).toInstant().isBefore(oldest)) {
                    Files.deleteIfExists(part);
                }
            }
        }
    }

    private static String fileName(Update update) {
        String path = String.valueOf(update.location().getPath());
        return update.properties().getOrDefault("file", path.substring(path.lastIndexOf('/') + 1));
    }

    private static long between(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException("%s is %d, expected %d to %d".formatted(setting, value, least, most));
        }
        return value;
    }
}
