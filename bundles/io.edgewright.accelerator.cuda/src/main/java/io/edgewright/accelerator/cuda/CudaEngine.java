// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.edgewright.accelerator.cuda.Settings.Keys;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import io.edgewright.onnxruntime.OrtFlavour;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OrtErrors;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX Runtime with its CUDA and TensorRT providers, in this process or in one of its own. A device counts as found only after
 * it has computed something: what ONNX Runtime lists as available says how it was built, and nothing about the machine.
 */
final class CudaEngine implements Engine {

    /** In what {@link #start} found: {@value} and a number is empty for a device that computes, else says why not. */
    static final String DEVICE = "device.";

    /** In what {@link #start} found: the version of ONNX Runtime. */
    static final String VERSION = "version";

    /** In what {@link #start} found: why TensorRT cannot be used; empty if it can or was not asked for. */
    static final String TENSORRT_PROBLEM = "tensorrt.problem";

    /**
     * In the order in which each finds those that it needs. Not all systems have a search path for them, and it cannot be set for
     * a process that runs already.
     */
    private static final List<String> PRELOADED = List.of(
            "libcudart.so.12",
            "libnvJitLink.so.12",
            "libcublasLt.so.12",
            "libcublas.so.12",
            "libcurand.so.10",
            "libcufft.so.11",
            "libnvrtc.so.12",
            "libcudnn.so.9",
            "libnvinfer.so.10",
            "libnvonnxparser.so.10");

    /** How the CUDA provider's messages begin when the device, and not the model, is to blame. */
    static final OrtErrors ERRORS = new OrtErrors(
            "the NVIDIA device",
            List.of("CUDA failure", "CUDA error", "CUBLAS failure", "CUDNN failure", "CUFFT failure", "out of memory"));

    private volatile Map<String, String> settings = Map.of();

    @Override
    public Map<String, String> start(Map<String, String> given) throws InferenceException {
        settings = Map.copyOf(given);
        OrtFlavour flavour = OrtRuntime.flavour();
        if (!flavour.name().equals(OrtFlavour.GPU)) {
            throw unavailable("this process has ONNX Runtime's libraries for the processor only%s"
                    .formatted(flavour.problem().isEmpty() ? "" : ": " + flavour.problem()));
        }
        preload(Path.of(given.getOrDefault(Keys.NATIVES, flavour.folder())));
        Map<String, String> found = new LinkedHashMap<>();
        found.put(VERSION, OrtRuntime.version());
        for (String number : given.getOrDefault(Keys.DEVICES, "0").split(",")) {
            found.put(DEVICE + number, proofOf(Integer.parseInt(number)));
        }
        found.put(TENSORRT_PROBLEM, Boolean.parseBoolean(given.get(Keys.TENSORRT)) ? tensorRtProblem() : "");
        return found;
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        return new CudaLoader(settings, Integer.parseInt(device)).load(model, options);
    }

    /** {@return why the device cannot be used, in words; empty if it has computed what it should} */
    private String proofOf(int device) {
        try (var options = new SessionOptions()) {
            options.addConfigEntry("session.disable_cpu_ep_fallback", "1"); // the processor could compute it as well
            CudaLoader.addCuda(options, device, ProviderOptions.cuda(settings));
            List<Float> answer = prove(options);
            return answer.equals(ProofModel.Y)
                    ? ""
                    : "device %d computes wrong: expected %s, found %s".formatted(device, ProofModel.Y, answer);
        } catch (OrtException e) {
            return Advice.forError(OrtErrors.clean(e));
        }
    }

    /** {@return what a session with these options answers} */
    static List<Float> prove(SessionOptions options) throws OrtException {
        OrtEnvironment environment = OrtRuntime.environment();
        try (OrtSession session = environment.createSession(ProofModel.bytes(), options);
                OnnxTensor x = OnnxTensor.createTensor(environment, direct(ProofModel.x()), ProofModel.MATRIX);
                OnnxTensor w = OnnxTensor.createTensor(environment, direct(ProofModel.w()), ProofModel.SCALAR);
                OrtSession.Result result = session.run(Map.of("x", x, "w", w))) {
            FloatBuffer y = ((OnnxTensor) result.get(0)).getFloatBuffer();
            List<Float> answer = new ArrayList<>();
            while (y.hasRemaining()) {
                answer.add(y.get());
            }
            return answer;
        }
    }

    /** Loads the library, and builds nothing: that takes seconds even for a small model. */
    private String tensorRtProblem() {
        try (var options = new SessionOptions()) {
            CudaLoader.addTensorRt(options, 0, Map.of());
            return "";
        } catch (OrtException e) {
            return Advice.forError(OrtErrors.clean(e));
        }
    }

    private static FloatBuffer direct(float[] values) {
        FloatBuffer buffer = ByteBuffer.allocateDirect(values.length * Float.BYTES)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
        return buffer.put(values).rewind();
    }

    private static void preload(Path folder) {
        for (String library : PRELOADED) {
            Path file = folder.resolve(library);
            if (Files.isRegularFile(file)) {
                try {
                    System.load(file.toAbsolutePath().toString());
                } catch (UnsatisfiedLinkError e) {
                    // it is loaded already, or lacks another one: ONNX Runtime will say which, where it matters
                }
            }
        }
    }

    private static InferenceException unavailable(String message) {
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, null);
    }
}
