// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.Home;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs engines in Java processes of their own.
 *
 * <p>Outside a framework, such as in the unit tests of a driver, {@link #ProcessIsolation(Path)} makes one that works the same;
 * {@link #close} it afterwards. The process then gets the class path of this one.
 *
 * <p>A session whose process has ended stays lost: its runs fail with {@code DEVICE_UNAVAILABLE}. That is what the runtime
 * acts on: it serves from the next device at once, loads the model again in the background with its back-off, and tests it
 * before it serves. A process started again within a run would do the same work in front of a caller's deadline, without the
 * test, and hide from health that a device fails.
 */
@Component(name = ProcessIsolation.PID, service = Isolation.class, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = ProcessIsolation.Config.class)
public final class ProcessIsolation implements Isolation, AutoCloseable {

    static final String PID = "io.edgewright.isolation";

    private static final Logger LOG = LoggerFactory.getLogger(ProcessIsolation.class);

    private static final Duration GRACE = Duration.ofMillis(500);

    private final boolean required;
    private final Duration grace;
    private final Folders folders;
    private final Verdicts verdicts;
    private final Processes processes;
    private final AtomicBoolean warned = new AtomicBoolean();

    @ObjectClassDefinition(
            id = PID,
            name = "Isolation",
            description =
                    "Runs engines in processes of their own: to try models of unknown origin, and for drivers that"
                            + " are set to run there.")
    @interface Config {

        @AttributeDefinition(
                name = "Home folder",
                description = "Where processes work and verdicts are kept; empty for edgewright.home.",
                required = false)
        String home() default "";

        @AttributeDefinition(
                name = "Refuse what cannot be tried",
                description =
                        "Refuses models of unknown origin where no such process can be started, instead of warning.")
        boolean required() default false;

        @AttributeDefinition(
                name = "Time to end a run (ms)",
                description = "How long a run that is cut off may take to end, in milliseconds, before its process is"
                        + " ended.",
                min = "1",
                max = "60000")
        int cancel_millis() default 500;
    }

    /** @param config where, and how strict */
    @Activate
    public ProcessIsolation(Config config) {
        this(Home.folder(config.home()), config.required(), Duration.ofMillis(config.cancel_millis()));
    }

    /**
     * For use without a framework.
     *
     * @param home a folder for its files; use another one for each process
     */
    public ProcessIsolation(Path home) {
        this(home, false, GRACE);
    }

    ProcessIsolation(Path home, boolean required, Duration grace) {
        this(home, required, grace, new Folders(home));
    }

    ProcessIsolation(Path home, Folders folders) {
        this(home, false, GRACE, folders);
    }

    private ProcessIsolation(Path home, boolean required, Duration grace, Folders folders) {
        if (grace.isNegative() || grace.isZero() || grace.toMillis() > 60_000) {
            throw new IllegalArgumentException("cancel.millis is " + grace.toMillis() + ", expected 1 to 60000");
        }
        this.required = required;
        this.grace = grace;
        this.folders = folders;
        this.verdicts = new Verdicts(home.resolve("variants").resolve("vetted"));
        this.processes = new Processes(folders);
        try {
            folders.deleteLeftovers();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What an earlier process left behind could not be deleted: {}", e.toString());
        }
    }

    @Override
    public Map<String, String> start(EngineSpec engine) throws InferenceException {
        try {
            EngineProcess process = processes.start(engine);
            try {
                return process.found();
            } finally {
                processes.end(process);
            }
        } catch (IOException e) {
            throw unavailable("no process for " + name(engine) + " could be started: " + e.getMessage(), e);
        } catch (ProcessEnded e) {
            throw unavailable(name(engine) + " failed in a process of its own: " + e.detail(), e);
        } catch (InterruptedException e) {
            throw interrupted(name(engine), e);
        }
    }

    @Override
    public void vet(EngineSpec engine, ModelFile model, String device) throws InferenceException {
        String key;
        try {
            key = Verdicts.key(engine, model, device);
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s cannot be read: %s".formatted(model.manifest().id(), model.path(), e.getMessage()),
                    e);
        }
        String known = verdicts.find(key);
        if (known.isEmpty()) {
            known = tryOut(engine, model, device, key);
        }
        if (!known.equals(Verdicts.PASSED)) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s was tried in a process of its own and %s; it is not loaded here"
                            .formatted(model.manifest().id(), known),
                    null);
        }
    }

    @Override
    public ModelSession open(EngineSpec engine, ModelFile model, String device, LoadOptions options)
            throws InferenceException {
        String name = model.manifest().id().toString();
        try {
            Processes.Shared shared = processes.acquire(engine);
            boolean whole = false;
            try {
                var session = IsolatedSession.open(
                        new IsolatedSession.Host(name, shared.process(), () -> processes.release(shared), grace),
                        model,
                        device,
                        options);
                whole = true;
                return session;
            } finally {
                if (!whole) {
                    processes.release(shared);
                }
            }
        } catch (IOException e) {
            throw unavailable("model " + name + ": no process could be started: " + e.getMessage(), e);
        } catch (ProcessEnded e) {
            throw unavailable("model " + name + " could not be loaded in a process of its own: " + e.detail(), e);
        } catch (InterruptedException e) {
            throw interrupted("model " + name, e);
        }
    }

    /** Ends all processes; their sessions are lost. */
    @Override
    @Deactivate
    public void close() {
        processes.close();
        try {
            folders.delete();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("The folder of processes could not be deleted: {}", e.toString());
        }
    }

    private String tryOut(EngineSpec engine, ModelFile model, String device, String key) throws InferenceException {
        EngineProcess process;
        try {
            process = processes.start(engine);
        } catch (IOException e) {
            return untried("the process could not be started: " + e.getMessage());
        } catch (ProcessEnded e) {
            return untried("the process failed by itself: " + e.detail());
        } catch (InferenceException e) {
            return untried("the engine did not start in it: " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted("model " + model.manifest().id(), e);
        }
        try (Connection connection = process.connect()) {
            WireWriter request = connection.request(Wire.TRY);
            Wire.manifest(request, model.manifest());
            request.text(model.path().toAbsolutePath().toString()).text(device);
            request.number64(engine.limit().toMillis() / 2);
            process.ask(connection);
        } catch (ProcessEnded e) {
            return judge(model, key, e);
        } catch (InferenceException e) {
            return untried("the engine could not try it: " + e.getMessage());
        } catch (InterruptedException e) {
            throw interrupted("model " + model.manifest().id(), e);
        } finally {
            processes.end(process);
        }
        verdicts.keep(key, Verdicts.PASSED);
        return Verdicts.PASSED;
    }

    private String judge(ModelFile model, String key, ProcessEnded e) throws InferenceException {
        return switch (e.ending()) {
            case CRASHED -> {
                String crashed = "crashed it: " + e.detail();
                LOG.warn("Model {} {}", model.manifest().id(), crashed);
                verdicts.keep(key, crashed);
                yield crashed;
            }
            case EXCEEDED, KILLED -> "exceeded its limits: " + e.detail();
            case BROKEN, CLOSED -> untried("the process failed by itself: " + e.detail());
        };
    }

    private String untried(String why) throws InferenceException {
        if (required) {
            throw unavailable(
                    "the model must be tried in a process of its own first (required of " + PID + "), but " + why,
                    null);
        }
        if (warned.compareAndSet(false, true)) {
            LOG.warn("Models of unknown origin are loaded untried: {}", why);
        }
        return Verdicts.PASSED;
    }

    private static String name(EngineSpec engine) {
        return "engine " + engine.type().getName();
    }

    private static InferenceException unavailable(String message, @Nullable Throwable cause) {
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, cause);
    }

    private static InferenceException interrupted(String what, InterruptedException e) {
        Thread.currentThread().interrupt();
        return unavailable("interrupted while a process for " + what + " was at work", e);
    }
}
