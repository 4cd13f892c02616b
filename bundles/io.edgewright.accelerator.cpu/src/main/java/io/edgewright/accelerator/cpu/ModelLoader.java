// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.edgewright.accelerator.cpu.VariantCache.Variant;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.session.DefaultFeeds;
import io.edgewright.onnxruntime.session.LimitedRun;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtModelSession;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.onnxruntime.session.SessionTraits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens models: from the optimized variant if there is one, else from the file, leaving a variant behind; then with the
 * threads and memory that suit what one run takes. Thread-safe.
 */
final class ModelLoader {

    private static final Logger LOG = LoggerFactory.getLogger(ModelLoader.class);

    private static final Duration UNKNOWN = Duration.ofNanos(-1);

    private static final int TIMED_RUNS = 9;

    /** A run longer than this, once repeated, tells enough: on a busy machine the first one may be slow by chance. */
    private static final Duration LONG = Duration.ofMillis(20);

    /** A first run longer than this is not even repeated. */
    private static final Duration TOO_LONG = Duration.ofMillis(250);

    /** Weights are used in the mapped file, not copied. */
    private static final Map<String, String> MAPPED = Map.of(
            "session.use_ort_model_bytes_directly", "1",
            "session.use_ort_model_bytes_for_initializers", "1");

    private static final OrtErrors ERRORS = new OrtErrors("this processor", List.of());

    /** A trial run is cut off after this time. */
    private static final Duration LONGEST_TRIAL = Duration.ofMillis(500);

    private final OrtEnvironment environment;
    private final CpuInfo cpu;
    private final AtomicInteger spinners;

    /** @param maySpin true if one session may wait for work by burning cores */
    ModelLoader(OrtEnvironment environment, CpuInfo cpu, boolean maySpin) {
        this.environment = environment;
        this.cpu = cpu;
        this.spinners = new AtomicInteger(maySpin ? 0 : 1);
    }

    /** What to open, and where its variant belongs. */
    private record Source(ModelFile file, OnnxOutline outline, Optional<VariantCache> cache, String key) {

        String name() {
            return file.manifest().id().toString();
        }
    }

    /**
     * Opens a model.
     *
     * @param cache where variants are kept; empty for nowhere
     * @param key the model's name there
     */
    OrtModelSession load(
            ModelFile model, OnnxOutline outline, Optional<VariantCache> cache, String key, LoadOptions options)
            throws InferenceException {
        Optional<VariantCache> used = outline.externalData() ? Optional.empty() : cache;
        var source = new Source(model, outline, used, key);
        try {
            Optional<Variant> variant = used.flatMap(c -> c.find(key));
            Timed plain = variant.isPresent() ? fromVariant(source, variant.get()) : fromFile(source);
            return tune(source, plain, options);
        } catch (OrtException e) {
            throw ERRORS.onLoad(source.name(), e);
        }
    }

    /** Opens a model in the cheapest way, for a trial. */
    OrtModelSession loadPlain(ModelFile model, OnnxOutline outline) throws InferenceException {
        var source = new Source(model, outline, Optional.empty(), "");
        var fixed = new LoadOptions(LoadOptions.Goal.THROUGHPUT, 1, false, Map.of(Tuning.ARENA, "true"));
        try {
            OpenedModel opened = openFile(source, Tuning.PLAIN, null);
            return tune(source, new Timed(opened, Optional.empty(), UNKNOWN), fixed);
        } catch (OrtException e) {
            throw ERRORS.onLoad(source.name(), e);
        }
    }

    /** A model opened with {@link Tuning#PLAIN}, where it came from, and what one run takes. */
    private record Timed(OpenedModel opened, Optional<Variant> variant, Duration runTime) {}

    private Timed fromVariant(Source source, Variant variant) throws OrtException {
        try {
            OpenedModel opened = openMapped(variant.model(), Tuning.PLAIN, source.outline());
            return new Timed(opened, Optional.of(variant), variant.runTime());
        } catch (OrtException e) {
            LOG.warn("Optimized model of {} does not load and is made again: {}", source.name(), OrtErrors.clean(e));
            source.cache().ifPresent(c -> c.drop(source.key()));
            return fromFile(source);
        }
    }

    private Timed fromFile(Source source) throws OrtException {
        if (source.cache().isPresent()) {
            Optional<Timed> saved = savingVariant(source, source.cache().get());
            if (saved.isPresent()) {
                return saved.get();
            }
        }
        OpenedModel opened = openFile(source, Tuning.PLAIN, null);
        return new Timed(opened, Optional.empty(), time(opened));
    }

    /** {@return empty if ONNX Runtime cannot save this model; whether it can be opened is to be seen} */
    private Optional<Timed> savingVariant(Source source, VariantCache cache) {
        Path temporary;
        try {
            temporary = cache.temporary(source.key());
        } catch (IOException e) {
            LOG.warn("Optimized models cannot be kept, starts take longer: {}", e.toString());
            return Optional.empty();
        }
        OpenedModel opened = null;
        try {
            opened = openFile(source, Tuning.PLAIN, temporary);
            Duration runTime = time(opened);
            cache.publish(source.key(), temporary, runTime);
            return Optional.of(new Timed(opened, cache.find(source.key()), runTime));
        } catch (OrtException | IOException e) {
            LOG.debug("Model {} is not kept in optimized form", source.name(), e);
            if (opened != null) {
                opened.close();
            }
            return Optional.empty();
        } finally {
            cache.discard(temporary);
        }
    }

    private OrtModelSession tune(Source source, Timed plain, LoadOptions options)
            throws OrtException, InferenceException {
        OpenedModel opened = plain.opened();
        boolean keep = false;
        boolean spins = false;
        try {
            Set<String> rankless = source.outline().rankless();
            List<TensorSpec> inputs = OrtTypes.specs(
                    source.name(), opened.session().getInputInfo().values(), rankless);
            List<TensorSpec> outputs = OrtTypes.specs(
                    source.name(), opened.session().getOutputInfo().values(), rankless);
            spins = spinners.compareAndSet(0, 1);
            Tuning tuning = Tuning.choose(
                    options,
                    cpu,
                    plain.runTime(),
                    isOpen(inputs),
                    source.outline().sizeBytes(),
                    spins);
            if (spins && !tuning.spinning()) {
                spinners.set(0);
                spins = false;
            }
            if (needsOther(tuning)) {
                opened.close();
                opened = null;
                opened = plain.variant().isPresent()
                        ? openMapped(plain.variant().get().model(), tuning, source.outline())
                        : openFile(source, tuning, null);
            }
            LOG.debug("Model {}: one run takes {}, {}", source.name(), plain.runTime(), tuning);
            Runnable onFreed = spins ? () -> spinners.set(0) : () -> {};
            var traits = new SessionTraits(
                    source.name(), ERRORS, inputs, outputs, tuning.parallelism(), tuning.facts(), true, onFreed);
            var session = new OrtModelSession(opened, traits);
            keep = true;
            return session;
        } finally {
            if (!keep) {
                if (opened != null) {
                    opened.close();
                }
                if (spins) {
                    spinners.set(0);
                }
            }
        }
    }

    private static boolean needsOther(Tuning tuning) {
        return tuning.threads() != Tuning.PLAIN.threads() || tuning.arena() != Tuning.PLAIN.arena();
    }

    /** A dimension other than the batch is open. */
    private static boolean isOpen(List<TensorSpec> inputs) {
        return inputs.stream()
                .anyMatch(i -> i.shape().equals(TensorSpec.ANY_SHAPE)
                        || i.shape().stream().skip(1).anyMatch(d -> d == TensorSpec.DYNAMIC));
    }

    private OpenedModel openFile(Source source, Tuning tuning, @Nullable Path saveTo) throws OrtException {
        Map<String, String> entries = saveTo == null ? Map.of() : Map.of("session.save_model_format", "ORT");
        SessionOptions options = options(tuning, entries, saveTo);
        return OpenedModel.ofFile(
                source.file().path(), options, source.outline().sizeBytes());
    }

    private static OpenedModel openMapped(ByteBuffer model, Tuning tuning, OnnxOutline outline) throws OrtException {
        return OpenedModel.ofBytes(model, options(tuning, MAPPED, null), outline.sizeBytes());
    }

    private static SessionOptions options(Tuning tuning, Map<String, String> entries, @Nullable Path saveTo)
            throws OrtException {
        var options = new SessionOptions();
        try {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(tuning.threads());
            options.setInterOpNumThreads(1);
            options.setCPUArenaAllocator(tuning.arena());
            options.addConfigEntry("session.intra_op.allow_spinning", tuning.spinning() ? "1" : "0");
            for (Map.Entry<String, String> entry : entries.entrySet()) {
                options.addConfigEntry(entry.getKey(), entry.getValue());
            }
            if (saveTo != null) {
                options.setOptimizedModelFilePath(saveTo.toString());
            }
            return options;
        } catch (OrtException e) {
            options.close();
            throw e;
        }
    }

    /** {@return the best of a few runs, as others may be using the processor just now; negative if the model does not run on made-up inputs} */
    private Duration time(OpenedModel opened) {
        try (DefaultFeeds feeds = DefaultFeeds.of(environment, opened.session())) {
            Duration first = LimitedRun.run(opened.session(), feeds, LONGEST_TRIAL);
            long best = first.toNanos();
            int runs = first.compareTo(TOO_LONG) > 0 ? 0 : TIMED_RUNS;
            for (int i = 0; i < runs && (i == 0 || best < LONG.toNanos()); i++) {
                long start = System.nanoTime();
                opened.session().run(feeds.tensors()).close();
                best = Math.min(best, System.nanoTime() - start);
            }
            return Duration.ofNanos(best);
        } catch (OrtException e) {
            LOG.debug("No run could be timed: {}", OrtErrors.clean(e));
            return UNKNOWN;
        } catch (OutOfMemoryError e) {
            LOG.debug("No run could be timed, as its inputs are too large: {}", e.toString());
            return UNKNOWN;
        }
    }

    /** For a file that cannot be read at all. */
    static InferenceException unreadable(ModelFile model, IOException e) {
        return new InferenceException(
                Reason.MODEL_INVALID,
                "model %s: %s cannot be read: %s".formatted(model.manifest().id(), model.path(), e.getMessage()),
                e);
    }
}
