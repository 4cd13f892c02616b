// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** TensorFlow Lite with XNNPACK, and with one external delegate if the settings name it. */
final class LitertEngine implements Engine {

    /** Setting: the folder of the native libraries. */
    static final String FOLDER = "folder";

    /** Setting: {@code false} leaves XNNPACK out. */
    static final String XNNPACK = "xnnpack";

    /** Setting: the library of a delegate; absent for none. */
    static final String LIBRARY = "delegate.library";

    /** Setting: the delegate's name for messages. */
    static final String NAME = "delegate.name";

    /** Setting: what to install where the library is not there. */
    static final String HINT = "delegate.hint";

    /** Prefix of settings that are options of the delegate. */
    static final String OPTION = "delegate.option.";

    /** What {@link #start} found: TensorFlow Lite's version. */
    static final String VERSION = "version";

    private static final int TIMED_RUNS = 5;
    private static final Duration LONG = Duration.ofMillis(100);

    private Optional<ExternalDelegate> external = Optional.empty();
    private boolean xnnpack = true;

    @Override
    public Map<String, String> start(Map<String, String> settings) throws InferenceException {
        String version = LitertLibrary.load(Path.of(settings.getOrDefault(FOLDER, "")));
        xnnpack = Boolean.parseBoolean(settings.getOrDefault(XNNPACK, "true"));
        String library = settings.getOrDefault(LIBRARY, "");
        if (!library.isEmpty()) {
            Map<String, String> options = new TreeMap<>();
            settings.forEach((key, value) -> {
                if (key.startsWith(OPTION)) {
                    options.put(key.substring(OPTION.length()), value);
                }
            });
            var delegate = ExternalDelegate.load(
                    settings.getOrDefault(NAME, library), library, options, settings.getOrDefault(HINT, ""));
            delegate.destroy(delegate.create()); // a device that is not there says so now
            external = Optional.of(delegate);
        }
        return Map.of(VERSION, version);
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        String name = model.manifest().id().toString();
        TfliteModel outline = read(model, external.isPresent());
        var nativeModel = new NativeModel(name, model.path());
        boolean loaded = false;
        try {
            var plain = new Interpreter.Setup(1, xnnpack, external);
            Interpreter first = LitertSession.open(nativeModel, plain, defaults(outline));
            LitertSession session = null;
            try {
                first.check(outline.inputs(), outline.outputs());
                Duration runTime = external.isPresent() ? Duration.ZERO : time(first);
                int cores = Runtime.getRuntime().availableProcessors();
                var tuning = Tuning.choose(options, runTime, cores, external.isPresent());
                var setup = new Interpreter.Setup(tuning.threads(), xnnpack, external);
                session = new LitertSession(
                        nativeModel,
                        withRanks(outline, first),
                        tuning,
                        setup,
                        model.manifest().sizeBytes(),
                        setup.equals(plain) ? first : null);
                loaded = true;
                return session;
            } finally {
                if (session == null || !session.keepsSpare()) {
                    first.close();
                }
            }
        } finally {
            if (!loaded) {
                nativeModel.release();
            }
        }
    }

    /**
     * Reads and checks a file, before native code sees it.
     *
     * @param delegated true if a delegate may know operators that TensorFlow Lite does not
     */
    static TfliteModel read(ModelFile file, boolean delegated) throws InferenceException {
        String name = file.manifest().id().toString();
        TfliteModel model;
        try {
            model = TfliteParser.read(file.path());
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s is no valid TensorFlow Lite file: %s"
                            .formatted(name, file.path().getFileName(), e.getMessage()),
                    e);
        }
        if (model.version() != TfliteModel.SCHEMA_VERSION) {
            throw unsupported(
                    "model %s has version %d of TensorFlow Lite's schema, expected %d: convert it again with a newer TensorFlow"
                            .formatted(name, model.version(), TfliteModel.SCHEMA_VERSION));
        }
        for (List<Port> ports : List.of(model.inputs(), model.outputs())) {
            for (Port port : ports) {
                if (!port.isPlain()) {
                    throw unsupported("model %s: '%s' is %s, expected a tensor of numbers or BOOL"
                            .formatted(name, port.name(), TfliteTypes.name(port.type())));
                }
            }
        }
        if (!delegated) {
            Optional<InferenceException> foreign = LitertErrors.onCustomOps(name, model.customOps());
            if (foreign.isPresent()) {
                throw foreign.get();
            }
        }
        return model;
    }

    /** Fills in what only the interpreter knows, as long as no input's size can change it. */
    private static TfliteModel withRanks(TfliteModel model, Interpreter interpreter) {
        if (TfliteModel.specs(model.inputs()).stream().anyMatch(TensorSpec::isDynamic)) {
            return model;
        }
        TfliteModel filled = model;
        for (int i = 0; i < model.outputs().size(); i++) {
            long tensor = interpreter.outputTensor(i);
            boolean planned = TfLite.TfLiteTensorGetAllocationStrategy(tensor) == Interpreter.ARENA;
            if (planned && model.outputs().get(i).shape().equals(TensorSpec.ANY_SHAPE)) {
                filled = filled.withOutput(i, Interpreter.shapeOf(tensor));
            }
        }
        return filled;
    }

    private static InferenceException unsupported(String message) {
        return new InferenceException(Reason.MODEL_UNSUPPORTED, message, null);
    }

    private static Map<String, List<Long>> defaults(TfliteModel model) {
        Map<String, List<Long>> shapes = new LinkedHashMap<>();
        TfliteModel.specs(model.inputs()).forEach(i -> shapes.put(i.name(), i.concreteShape(1)));
        return shapes;
    }

    /** {@return the best of a few runs on zeros, as others may be using the processor; longest if it fails on zeros} */
    private static Duration time(Interpreter interpreter) throws InferenceException {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < TIMED_RUNS && (i < 2 || best < LONG.toNanos()); i++) {
            long start = System.nanoTime();
            if (interpreter.invoke() != TfLite.OK) {
                interpreter.complaint();
                break;
            }
            long took = System.nanoTime() - start;
            best = Math.min(best, took);
            if (took > 10 * LONG.toNanos()) {
                break;
            }
        }
        interpreter.forget();
        return Duration.ofNanos(best);
    }
}
