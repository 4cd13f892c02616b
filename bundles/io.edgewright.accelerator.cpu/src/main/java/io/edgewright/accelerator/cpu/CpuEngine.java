// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtEnvironment;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** ONNX Runtime on the processor: in the gateway's process, or in one of its own. Thread-safe. */
final class CpuEngine implements Engine {

    static final String FORMAT = "onnx";

    /** Setting: {@code true} in a process that only tries models; they are opened in the cheapest way then. */
    static final String TRIAL = "trial";

    /** Setting: {@code false} in a process beside others, as only one session of all may burn cores. */
    static final String SPIN = "spin";

    /** Settings: the native libraries, where this process does not find them itself. */
    static final String LIBRARY = "library";

    static final String JNI_LIBRARY = "library.jni";

    /** Property of the load options: the folder of optimized models; absent for none. */
    static final String VARIANTS = "cpu.variants";

    /** What was found: the version of ONNX Runtime. */
    static final String VERSION = "version";

    /** What was found: the processor's features that its kernels depend on. */
    static final String FEATURES = "features";

    private static final Path CPUINFO = Path.of("/proc/cpuinfo");

    private boolean trial;
    private Map<String, String> found = Map.of();
    private @Nullable ModelLoader loader;

    @Override
    public Map<String, String> start(Map<String, String> settings) throws InferenceException {
        if (settings.containsKey(LIBRARY)) {
            System.setProperty("onnxruntime.native.onnxruntime.path", settings.getOrDefault(LIBRARY, ""));
            System.setProperty("onnxruntime.native.onnxruntime4j_jni.path", settings.getOrDefault(JNI_LIBRARY, ""));
        }
        trial = Boolean.parseBoolean(settings.getOrDefault(TRIAL, "false"));
        try {
            OrtEnvironment environment = OrtRuntime.environment();
            boolean maySpin = Boolean.parseBoolean(settings.getOrDefault(SPIN, "true"));
            loader = new ModelLoader(environment, CpuInfo.read(CPUINFO), maySpin);
            found = Map.of(VERSION, OrtRuntime.version(), FEATURES, OrtRuntime.cpuFeatures());
            return found;
        } catch (IllegalStateException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, e.getMessage() + "; expected Linux on x86-64 or aarch64 with glibc", e);
        }
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        ModelLoader started = loader;
        if (started == null) {
            throw new IllegalStateException("the engine was not started");
        }
        OnnxOutline outline;
        try {
            outline = OnnxOutline.read(model.path());
        } catch (IOException e) {
            throw ModelLoader.unreadable(model, e);
        }
        checkTensors(model, outline);
        if (trial) {
            return started.loadPlain(model, outline);
        }
        String variants = options.properties().getOrDefault(VARIANTS, "");
        Optional<VariantCache> cache =
                variants.isEmpty() ? Optional.empty() : Optional.of(new VariantCache(Path.of(variants)));
        String key = VariantCache.key(
                model.manifest().digest(), outline, found.getOrDefault(VERSION, ""), found.getOrDefault(FEATURES, ""));
        return started.load(model, outline, cache, key, options);
    }

    private static void checkTensors(ModelFile model, OnnxOutline outline) throws InferenceException {
        for (Map.Entry<String, String> other : outline.others().entrySet()) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s: '%s' is %s, expected a tensor"
                            .formatted(model.manifest().id(), other.getKey(), other.getValue()),
                    null);
        }
    }
}
