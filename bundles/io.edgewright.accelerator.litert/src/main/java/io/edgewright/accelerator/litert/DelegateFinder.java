// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.config.Home;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Finds the device of a delegate. */
final class DelegateFinder {

    private DelegateFinder() {}

    /**
     * Looks at the library, starts it in a process of its own, and then here unless sessions are to be isolated.
     *
     * @param driver its name
     * @throws InferenceException with {@code DEVICE_UNAVAILABLE}, why, and what to install
     */
    static LitertDevice find(
            DelegateSettings settings, DelegateDriver.Config config, Isolation isolation, String driver)
            throws InferenceException {
        String library = LibraryFile.check(settings.library(), settings.preset().hint());
        Path folder = LitertDevice.unpack(Home.folder(config.home()));
        Map<String, String> engineSettings = new HashMap<>(Map.of(
                LitertEngine.XNNPACK, String.valueOf(config.xnnpack()),
                LitertEngine.LIBRARY, library,
                LitertEngine.NAME, settings.name(),
                LitertEngine.HINT, settings.preset().hint()));
        settings.options().forEach((key, value) -> engineSettings.put(LitertEngine.OPTION + key, value));
        EngineSpec spec = LitertDevice.spec(
                folder,
                LibraryFile.fingerprint(library, settings.options()),
                engineSettings,
                Duration.ofSeconds(config.probe_seconds()),
                config.probe_memory_mib());
        String version = tryOut(spec, library, isolation).getOrDefault(LitertEngine.VERSION, "");
        Optional<LitertEngine> engine = Optional.empty();
        if (!config.isolate()) {
            var here = new LitertEngine();
            here.start(spec.settings());
            engine = Optional.of(here);
        }
        return new LitertDevice(
                accelerator(settings, library, version, driver), engine, spec, config.probe_untrusted());
    }

    private static Map<String, String> tryOut(EngineSpec spec, String library, Isolation isolation)
            throws InferenceException {
        try {
            return isolation.start(spec);
        } catch (InferenceException e) {
            String said = String.valueOf(e.getMessage());
            throw said.contains(library)
                    ? e
                    : new InferenceException(
                            e.reason(),
                            "the delegate %s does not start: %s; is it the vendor's build for this system?"
                                    .formatted(library, said),
                            e);
        }
    }

    private static Accelerator accelerator(DelegateSettings settings, String library, String version, String driver) {
        return new Accelerator(
                "litert:" + settings.name(),
                driver,
                settings.kind(),
                settings.preset().vendor(),
                "%s by the delegate %s, TensorFlow Lite %s".formatted(settings.kind(), library, version),
                0,
                Set.of(LitertDevice.FORMAT),
                false,
                Map.of("tflite.version", version, "delegate.library", library));
    }
}
