// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A provider whose library has been tried and works, here or in processes of its own. Thread-safe. */
final class Provider implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Provider.class);

    private static final String PASSED = "passed";
    private static final String FORMAT = "onnx";

    /** Where the library and the models run. */
    enum Mode {
        /** Here, at once. */
        NEVER,
        /** Here, after a process of its own has outlived the library, and each model of unknown origin. */
        TRY,
        /** In processes of their own. */
        ALWAYS
    }

    /**
     * What to start.
     *
     * @param home where verdicts are kept
     * @param limit the longest time for a process to start or to try or load a model
     * @param memoryBytes the most memory for it
     */
    record Settings(Wishes wishes, Mode mode, Path home, Duration limit, long memoryBytes) {}

    private final Mode mode;
    private final PluginEngine engine;
    private final EngineSpec spec;
    private final Optional<Isolation> isolation;
    private final Optional<Reports> reports;
    private final List<Accelerator> accelerators;

    private Provider(
            Mode mode,
            PluginEngine engine,
            EngineSpec spec,
            Optional<Isolation> isolation,
            Optional<Reports> reports,
            List<Accelerator> accelerators) {
        this.mode = mode;
        this.engine = engine;
        this.spec = spec;
        this.isolation = isolation;
        this.reports = reports;
        this.accelerators = accelerators;
    }

    /**
     * {@return a provider that works}
     *
     * @param isolation the service that starts processes, where there is one
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE}; the message says what to do
     */
    static Provider start(Settings settings, Optional<Isolation> isolation) throws InferenceException {
        Wishes wishes = settings.wishes();
        if (isolation.isEmpty() && settings.mode() == Mode.ALWAYS) {
            throw LibraryFile.unavailable("the setting isolation is 'always', but nothing here starts processes."
                    + " Install the bundle io.edgewright.isolation");
        }
        Path library = LibraryFile.find(wishes.library(), wishes.preset());
        String fingerprint = LibraryFile.fingerprint(library, List.of(OrtRuntime.version(), OrtRuntime.cpuFeatures()));
        EngineSpec spec = spec(settings, wishes.withReport(false), fingerprint);
        Path kept = settings.home().resolve("variants").resolve("providers").resolve(fingerprint);
        var engine = new PluginEngine();
        Map<String, String> found;
        if (settings.mode() == Mode.ALWAYS) {
            found = tryOut(spec, isolation.get(), library, wishes.preset());
        } else {
            if (settings.mode() == Mode.TRY) {
                tryOnce(kept.resolve(PASSED), spec, isolation, library, wishes.preset());
            }
            found = engine.start(wishes.withReport(false).write());
        }
        Optional<Reports> reports = Optional.empty();
        if (wishes.report() && settings.mode() != Mode.NEVER && isolation.isPresent()) {
            reports = Optional.of(new Reports(kept, spec(settings, wishes, fingerprint), isolation.get()));
        }
        return new Provider(settings.mode(), engine, spec, isolation, reports, PluginEngine.accelerators(found));
    }

    List<Accelerator> accelerators() {
        return accelerators;
    }

    /** See {@link io.edgewright.api.accelerator.AcceleratorDriver#load}. */
    ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        String format = model.manifest().format();
        if (!format.equals(FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has format '%s', expected '%s'"
                            .formatted(model.manifest().id(), format, FORMAT),
                    null);
        }
        if (accelerators.stream().noneMatch(a -> a.id().equals(device.id()))) {
            throw new IllegalArgumentException("device '" + device.id() + "' is not this driver's, expected one of "
                    + accelerators.stream().map(Accelerator::id).toList());
        }
        if (mode == Mode.TRY && !options.trusted() && isolation.isPresent()) {
            isolation.get().vet(spec, model, device.id());
        }
        Map<String, String> facts = reports.isPresent() ? reports.get().of(model, device.id(), options) : Map.of();
        ModelSession session = mode == Mode.ALWAYS && isolation.isPresent()
                ? isolation.get().open(spec, model, device.id(), options)
                : engine.load(model, device.id(), options);
        return new ReportedSession(session, facts);
    }

    @Override
    public void close() {
        engine.close();
    }

    private static EngineSpec spec(Settings settings, Wishes wishes, String fingerprint) throws InferenceException {
        Map<String, String> texts = new HashMap<>(wishes.write());
        try {
            List<Path> runtime = OrtRuntime.loadedLibraries();
            texts.put(PluginEngine.RUNTIME, runtime.get(0).toString());
            texts.put(PluginEngine.RUNTIME_JNI, runtime.get(1).toString());
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, "the libraries of ONNX Runtime are not to be found: " + e, e);
        }
        texts.put(PluginEngine.ISOLATED, "true");
        return new EngineSpec(
                PluginEngine.class,
                fingerprint,
                texts,
                Map.of("ORT_DISABLE_TELEMETRY", "1"),
                List.of("-Xmx256m"),
                settings.limit(),
                settings.memoryBytes());
    }

    /** A library that a process has outlived before is not tried again. */
    private static void tryOnce(
            Path verdict, EngineSpec spec, Optional<Isolation> isolation, Path library, Preset preset)
            throws InferenceException {
        if (isolation.isEmpty()) {
            LOG.warn("Library {} is loaded untried: nothing here starts processes", library);
            return;
        }
        if (isPassed(verdict)) {
            return;
        }
        tryOut(spec, isolation.get(), library, preset);
        try {
            DurableFiles.write(verdict, PASSED.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be kept, the library is tried again next time: {}", verdict, e.toString());
        }
    }

    private static boolean isPassed(Path verdict) {
        try {
            return Files.isRegularFile(verdict) && Files.readString(verdict).equals(PASSED);
        } catch (IOException e) {
            LOG.warn("Verdict {} cannot be read, the library is tried again: {}", verdict, e.toString());
            return false;
        }
    }

    private static Map<String, String> tryOut(EngineSpec spec, Isolation isolation, Path library, Preset preset)
            throws InferenceException {
        try {
            return isolation.start(spec);
        } catch (InferenceException e) {
            String message = String.valueOf(e.getMessage());
            boolean explained = message.contains(library.toString());
            throw new InferenceException(
                    e.reason(), explained ? message : LibraryFile.explain(library, preset, message), e);
        }
    }
}
