// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxTensorLike;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.TensorInfo;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtTypes;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A model opened on this machine's processor to look into it: one thread, no memory kept between runs. */
final class OrtModel implements AutoCloseable {

    private final OpenedModel opened;
    private final Path file;

    /** Takes an output of a run. The values are valid during the call. */
    @FunctionalInterface
    interface Sink {

        /** @param shape its dimensions */
        void take(String output, FloatBuffer values, long[] shape);
    }

    private OrtModel(OpenedModel opened, Path file) {
        this.opened = opened;
        this.file = file;
    }

    /**
     * {@return a model, opened}
     *
     * @param folder where it is written meanwhile
     * @throws OptimizationException with {@code UNSUPPORTED} if ONNX Runtime refuses it, {@code RESOURCES} if it could not be written
     */
    static OrtModel open(OnnxModel model, Path folder) throws OptimizationException {
        try {
            return open(model, folder, options());
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    /** {@return the same, but with each run noted in a file, until {@link #endProfile}} */
    static OrtModel openProfiled(OnnxModel model, Path folder) throws OptimizationException {
        try {
            SessionOptions options = options();
            options.setCPUArenaAllocator(true); // as where it serves: fresh pages take longer than small nodes
            options.enableProfiling(folder.resolve("profile").toString());
            return open(model, folder, options);
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    private static OrtModel open(OnnxModel model, Path folder, SessionOptions options) throws OptimizationException {
        Path file = folder.resolve("trial.onnx");
        try {
            model.write(file);
            return new OrtModel(OpenedModel.ofFile(file, options, Files.size(file)), file);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "a trial could not be written: " + e.getMessage(), e);
        } catch (OrtException e) {
            throw refused(e);
        }
    }

    static SessionOptions options() throws OrtException {
        OrtRuntime.environment(); // loads the natives that the options need
        var options = new SessionOptions();
        options.setIntraOpNumThreads(1);
        options.setCPUArenaAllocator(false);
        return options;
    }

    static OptimizationException refused(OrtException e) {
        return new OptimizationException(
                Reason.UNSUPPORTED, "ONNX Runtime does not open the model: " + OrtErrors.clean(e), e);
    }

    /**
     * Runs it once.
     *
     * @param inputs by name; those that the model lacks are left out
     * @param sink gets those outputs that are FLOAT32 tensors
     * @throws OptimizationException with {@code UNSUPPORTED} if it failed
     */
    void run(Map<String, Tensor> inputs, Sink sink) throws OptimizationException {
        OrtSession session = opened.session();
        Map<String, OnnxTensorLike> feeds = new HashMap<>();
        try {
            for (Map.Entry<String, Tensor> input : inputs.entrySet()) {
                if (session.getInputNames().contains(input.getKey())) {
                    feeds.put(input.getKey(), feed(input.getValue()));
                }
            }
            try (OrtSession.Result result = session.run(feeds)) {
                for (Map.Entry<String, OnnxValue> output : result) {
                    if (output.getValue() instanceof OnnxTensor tensor) {
                        pass(output.getKey(), tensor, sink);
                    }
                }
            }
        } catch (OrtException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, "a run of the model failed: " + OrtErrors.clean(e), e);
        } finally {
            feeds.values().forEach(OnnxTensorLike::close);
        }
    }

    /** {@return the file of {@link #openProfiled}; deleting it is for the caller} */
    Path endProfile() throws OptimizationException {
        try {
            return Path.of(opened.session().endProfiling());
        } catch (OrtException e) {
            throw new OptimizationException(Reason.RESOURCES, "no profile was written: " + OrtErrors.clean(e), e);
        }
    }

    private static void pass(String name, OnnxTensor tensor, Sink sink) {
        TensorInfo info = tensor.getInfo();
        if (info.onnxType == TensorInfo.OnnxTensorType.ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT) {
            sink.take(name, tensor.getFloatBuffer(), info.getShape());
        }
    }

    private static OnnxTensor feed(Tensor tensor) throws OrtException {
        OrtEnvironment environment = OrtRuntime.environment();
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        if (tensor.type() == ElementType.STRING) {
            List<String> texts = tensor.toStrings();
            return OnnxTensor.createTensor(environment, texts.toArray(String[]::new), shape);
        }
        return OnnxTensor.createTensor(
                environment, tensor.data().duplicate().rewind(), shape, OrtTypes.carrier(tensor.type()));
    }

    /** Frees it and deletes its file. */
    @Override
    public void close() throws OptimizationException {
        opened.close();
        try {
            Files.deleteIfExists(file);
            Files.deleteIfExists(file.resolveSibling(file.getFileName() + ".data"));
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "a trial could not be deleted: " + e.getMessage(), e);
        }
    }
}
