// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import ai.onnxruntime.providers.OrtCUDAProviderOptions;
import ai.onnxruntime.providers.OrtTensorRTProviderOptions;
import io.edgewright.accelerator.cuda.Settings.Keys;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModelInfo;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtModelSession;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.onnxruntime.session.SessionTraits;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Opens models on one device: with TensorRT if it was asked for and takes the model, else with CUDA. Thread-safe. */
final class CudaLoader {

    /** What a deployment may set. */
    static final String TENSORRT_OPTION = "cuda.tensorrt";

    /** Says who runs the model: {@code cuda} or {@code tensorrt}. */
    static final String PROVIDER_FACT = "provider";

    private final Map<String, String> settings;
    private final int device;

    CudaLoader(Map<String, String> settings, int device) {
        this.settings = settings;
        this.device = device;
    }

    /** Puts what is to run the model into the options of its session. */
    @FunctionalInterface
    private interface Provider {

        /** Adds it. */
        void addTo(SessionOptions options) throws OrtException, InferenceException;
    }

    ModelSession load(ModelFile model, LoadOptions options) throws InferenceException {
        OnnxModelInfo info = outline(model);
        boolean wanted = Boolean.parseBoolean(
                options.properties().getOrDefault(TENSORRT_OPTION, settings.getOrDefault(Keys.TENSORRT, "false")));
        Provider cuda = this::addDevice;
        Map<String, String> facts = new LinkedHashMap<>();
        if (wanted) {
            try {
                return loadWithTensorRt(model, info, cuda);
            } catch (OrtException e) { // an operator or a shape that TensorRT cannot; CUDA may
                facts.put("tensorrt.problem", Advice.forError(OrtErrors.clean(e)));
            } catch (IOException e) {
                facts.put("tensorrt.problem", "engines cannot be kept: " + e);
            }
        }
        facts.put(PROVIDER_FACT, "cuda");
        return openOrSay(model, info, cuda, facts);
    }

    /** {@return a session that does not use the device: all else is the same, so that it can be tested anywhere} */
    ModelSession processorOnly(ModelFile model) throws InferenceException {
        return openOrSay(model, outline(model), options -> {}, Map.of(PROVIDER_FACT, "cpu"));
    }

    private ModelSession openOrSay(ModelFile model, OnnxModelInfo info, Provider provider, Map<String, String> facts)
            throws InferenceException {
        try {
            return open(model, info, provider, facts);
        } catch (OrtException e) {
            throw CudaEngine.ERRORS.onLoad(model.manifest().id().toString(), e);
        }
    }

    private ModelSession loadWithTensorRt(ModelFile model, OnnxModelInfo info, Provider cuda)
            throws OrtException, IOException, InferenceException {
        var cache = new EngineCache(Path.of(settings.getOrDefault(Keys.ENGINES, "tensorrt")));
        String key = EngineCache.key(
                model.manifest().digest() + ' ' + Files.size(model.path()),
                versions(),
                settings.getOrDefault(Keys.DEVICE + device, Integer.toString(device)),
                ProviderOptions.tensorRt(settings, Path.of("")));
        return cache.load(key, engines -> {
            Provider both = o -> {
                addTensorRt(o, device, ProviderOptions.tensorRt(settings, engines));
                cuda.addTo(o);
            };
            return open(model, info, both, Map.of(PROVIDER_FACT, "tensorrt"));
        });
    }

    /** {@return a session on whatever the provider adds, with the processor for the rest} */
    private ModelSession open(ModelFile model, OnnxModelInfo info, Provider provider, Map<String, String> facts)
            throws OrtException, InferenceException {
        String name = model.manifest().id().toString();
        OpenedModel opened = OpenedModel.ofFile(
                model.path(), options(provider), model.manifest().sizeBytes());
        boolean whole = false;
        try {
            Set<String> rankless = rankless(info);
            var traits = new SessionTraits(
                    name,
                    CudaEngine.ERRORS,
                    OrtTypes.specs(name, opened.session().getInputInfo().values(), rankless),
                    OrtTypes.specs(name, opened.session().getOutputInfo().values(), rankless),
                    Integer.parseInt(settings.getOrDefault(Keys.PARALLELISM, "2")),
                    facts,
                    false,
                    () -> {});
            var session = new OrtModelSession(opened, traits);
            whole = true;
            return session;
        } finally {
            if (!whole) {
                opened.close();
            }
        }
    }

    /** What fails here is not the model's fault. */
    private void addDevice(SessionOptions options) throws InferenceException {
        try {
            addCuda(options, device, ProviderOptions.cuda(settings));
        } catch (OrtException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "NVIDIA device %d cannot be used: %s".formatted(device, Advice.forError(OrtErrors.clean(e))),
                    e);
        }
    }

    static void addCuda(SessionOptions options, int device, Map<String, String> given) throws OrtException {
        try (var provider = new OrtCUDAProviderOptions(device)) {
            for (var option : given.entrySet()) {
                provider.add(option.getKey(), option.getValue());
            }
            options.addCUDA(provider);
        }
    }

    static void addTensorRt(SessionOptions options, int device, Map<String, String> given) throws OrtException {
        try (var provider = new OrtTensorRTProviderOptions(device)) {
            for (var option : given.entrySet()) {
                provider.add(option.getKey(), option.getValue());
            }
            options.addTensorrt(provider);
        }
    }

    private static SessionOptions options(Provider provider) throws OrtException, InferenceException {
        OrtRuntime.environment(); // before ONNX Runtime's own classes: it chooses the libraries
        var options = new SessionOptions();
        boolean whole = false;
        try {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setExecutionMode(SessionOptions.ExecutionMode.SEQUENTIAL);
            options.setIntraOpNumThreads(1); // for what the device does not take
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            provider.addTo(options);
            whole = true;
            return options;
        } finally {
            if (!whole) {
                options.close();
            }
        }
    }

    private static OnnxModelInfo outline(ModelFile model) throws InferenceException {
        try {
            OnnxModelInfo info = OnnxModelInfo.read(model.path());
            List<String> others = new ArrayList<>(info.unsupportedInputs());
            others.addAll(info.unsupportedOutputs());
            if (!others.isEmpty()) { // ONNX Runtime's Java API kills the process over some of them
                throw new InferenceException(
                        Reason.MODEL_UNSUPPORTED,
                        "model %s: %s; expected tensors of known types"
                                .formatted(model.manifest().id(), String.join(", ", others)),
                        null);
            }
            return info;
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s cannot be read: %s".formatted(model.manifest().id(), model.path(), e.getMessage()),
                    e);
        }
    }

    /** ONNX Runtime's Java API shows these as scalars. */
    private static Set<String> rankless(OnnxModelInfo info) {
        Set<String> names = new HashSet<>();
        for (List<TensorSpec> specs : List.of(info.inputs(), info.outputs())) {
            specs.stream()
                    .filter(s -> s.shape().equals(TensorSpec.ANY_SHAPE))
                    .map(TensorSpec::name)
                    .forEach(names::add);
        }
        return names;
    }

    /** {@return which ONNX Runtime and which TensorRT; the name of its file does not always tell, its size does} */
    private String versions() throws OrtException, IOException {
        try (var options = new SessionOptions()) {
            addTensorRt(options, device, Map.of()); // loads it
        }
        var versions = new StringBuilder(OrtRuntime.version());
        List<String> loaded = Files.readAllLines(Path.of("/proc/self/maps"), StandardCharsets.UTF_8).stream()
                .filter(line -> line.contains("/libnvinfer.so"))
                .map(line -> line.substring(line.indexOf('/')))
                .distinct()
                .sorted()
                .toList();
        for (String library : loaded) {
            versions.append(' ').append(library).append(' ').append(Files.size(Path.of(library)));
        }
        return versions.toString();
    }
}
