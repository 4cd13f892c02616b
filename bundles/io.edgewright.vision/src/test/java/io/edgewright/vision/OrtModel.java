// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A real model with one picture as its input, for tests: one set of buffers, run on the CPU. */
public final class OrtModel implements AutoCloseable {

    private final OrtSession session;
    private final Signature signature;
    private final ImagePreprocessor preprocessor;
    private final Tensor input;
    private final Map<String, Tensor> outputs = new HashMap<>();
    private final Map<String, OnnxTensor> bound = new HashMap<>();
    private final Map<String, OnnxTensor> pinned = new HashMap<>();

    /** Opens a model whose dynamic dimensions, if any, are batch sizes. */
    public OrtModel(Path file, Map<String, String> properties) throws OrtException {
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(file.toString(), options);
        }
        signature = signature(
                specs(session.getInputInfo().values()),
                specs(session.getOutputInfo().values()),
                properties);
        preprocessor = ImagePreprocessor.of(signature.manifest(), signature.inputs());
        input = Tensor.zeros(signature.inputs().get(0).type(), preprocessor.shape());
        bound.put(preprocessor.input(), bind(input));
        for (TensorSpec spec : signature.outputs()) {
            Tensor output = Tensor.zeros(spec.type(), spec.concreteShape(1));
            outputs.put(spec.name(), output);
            pinned.put(spec.name(), bind(output));
        }
    }

    /** Makes a signature of a model that exists in a test only. */
    public static Signature signature(
            List<TensorSpec> inputs, List<TensorSpec> outputs, Map<String, String> properties) {
        ModelManifest manifest = new ModelManifest(
                ModelId.of("test", "1.0.0"),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                1,
                inputs,
                outputs,
                Map.of(),
                properties);
        return new Signature(manifest, inputs, outputs);
    }

    public Signature signature() {
        return signature;
    }

    public ImagePreprocessor preprocessor() {
        return preprocessor;
    }

    /** Shows it a picture; the outputs are valid until the next call. */
    public OutputTensors see(Picture picture) throws OrtException {
        preprocessor.write(picture, input);
        session.run(bound, pinned).close();
        return name -> {
            Tensor output = outputs.get(name);
            if (output == null) {
                throw new IllegalArgumentException("no output " + name);
            }
            return output;
        };
    }

    public List<Detection> detect(Detector detector, Picture picture, float minScore) throws OrtException {
        return detector.detect(see(picture), preprocessor.map(picture.width(), picture.height()), minScore);
    }

    @Override
    public void close() throws OrtException {
        bound.values().forEach(OnnxTensor::close);
        pinned.values().forEach(OnnxTensor::close);
        session.close();
    }

    private static OnnxTensor bind(Tensor tensor) throws OrtException {
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        OnnxJavaType type = tensor.type() == ElementType.FLOAT16 ? OnnxJavaType.FLOAT16 : OnnxJavaType.FLOAT;
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), tensor.data(), shape, type);
    }

    private static List<TensorSpec> specs(Collection<NodeInfo> nodes) {
        return nodes.stream()
                .map(node -> {
                    TensorInfo info = (TensorInfo) node.getInfo();
                    ElementType type = info.type == OnnxJavaType.FLOAT16 ? ElementType.FLOAT16 : ElementType.FLOAT32;
                    List<Long> shape = Arrays.stream(info.getShape()).boxed().toList();
                    return new TensorSpec(node.getName(), type, shape);
                })
                .toList();
    }
}
