// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What both drivers of this bundle do to load a model: check the file, try it elsewhere if its origin is unknown, and load it
 * here or in a process of its own.
 *
 * @param device what it looks like from outside
 * @param engine started; empty if every session has a process of its own
 * @param spec how to start the same elsewhere
 * @param tries false if models of unknown origin are loaded untried
 */
record LitertDevice(Accelerator device, Optional<LitertEngine> engine, EngineSpec spec, boolean tries) {

    /** The only format. */
    static final String FORMAT = "tflite";

    /**
     * {@return how to start an engine in a process of its own}
     *
     * @param folder of the native libraries, as {@link LitertLibrary#unpack} gave it
     * @param key tells engines apart; letters, digits, {@code . _ -}
     * @param settings of the engine besides the folder
     * @param limit for starting, and for trying a model
     * @param memoryMib the most memory of that process
     */
    static EngineSpec spec(Path folder, String key, Map<String, String> settings, Duration limit, int memoryMib) {
        Map<String, String> all = new HashMap<>(settings);
        all.put(LitertEngine.FOLDER, folder.toString());
        return new EngineSpec(
                LitertEngine.class,
                "litert-" + LitertLibrary.VERSION + "-" + key,
                all,
                Map.of(),
                List.of(LitertLibrary.jvmOption(folder)),
                limit,
                (long) memoryMib << 20);
    }

    /** {@return the folder with the native libraries, unpacked below the home folder} */
    static Path unpack(Path home) throws InferenceException {
        Path folder = home.resolve("natives").resolve("litert");
        try {
            return LitertLibrary.unpack(folder);
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "TensorFlow Lite cannot be unpacked to %s: %s; is there space, and may it be written?"
                            .formatted(folder, e),
                    e);
        }
    }

    /**
     * Loads a model.
     *
     * @param isolation the service, where there is one
     */
    ModelSession load(ModelFile model, LoadOptions options, Optional<Isolation> isolation) throws InferenceException {
        String format = model.manifest().format();
        if (!format.equals(FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has format '%s', expected '%s'"
                            .formatted(model.manifest().id(), format, FORMAT),
                    null);
        }
        LitertEngine.read(model, spec.settings().containsKey(LitertEngine.LIBRARY));
        if (engine.isEmpty()) {
            Isolation service = isolation.orElseThrow(() -> new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "device %s runs models in processes of their own (isolate), but the bundle io.edgewright.isolation is not there"
                            .formatted(device.id()),
                    null));
            return service.open(spec, model, "", options);
        }
        if (tries && !options.trusted() && isolation.isPresent()) {
            isolation.get().vet(spec, model, "");
        }
        return engine.get().load(model, "", options);
    }
}
