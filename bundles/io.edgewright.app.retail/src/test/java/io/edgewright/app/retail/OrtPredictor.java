// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import ai.onnxruntime.NodeInfo;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import ai.onnxruntime.TensorInfo;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** A predictor over one real FLOAT32 model, for tests: one set of buffers, run on the CPU by one thread at a time. */
final class OrtPredictor implements Predictor, AutoCloseable {

    private final String deployment;
    private final OrtSession session;
    private final Signature signature;
    private final Map<String, Tensor> tensors = new HashMap<>();
    private final Map<String, OnnxTensor> inputs = new HashMap<>();
    private final Map<String, OnnxTensor> outputs = new HashMap<>();

    OrtPredictor(String deployment, Path model, Map<String, String> properties) throws OrtException {
        this.deployment = deployment;
        OrtEnvironment environment = OrtEnvironment.getEnvironment();
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(1);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(model.toString(), options);
        }
        List<TensorSpec> takes = specs(session.getInputInfo().values());
        List<TensorSpec> gives = specs(session.getOutputInfo().values());
        signature = Signatures.of(takes, gives, properties);
        for (TensorSpec spec : takes) {
            inputs.put(spec.name(), bind(spec));
        }
        for (TensorSpec spec : gives) {
            outputs.put(spec.name(), bind(spec));
        }
    }

    private OnnxTensor bind(TensorSpec spec) throws OrtException {
        Tensor tensor = Tensor.zeros(spec.type(), spec.concreteShape(1));
        tensors.put(spec.name(), tensor);
        long[] shape = tensor.shape().stream().mapToLong(Long::longValue).toArray();
        return OnnxTensor.createTensor(OrtEnvironment.getEnvironment(), tensor.floatBuffer(), shape);
    }

    private static List<TensorSpec> specs(Collection<NodeInfo> nodes) {
        return nodes.stream()
                .map(node -> new TensorSpec(
                        node.getName(),
                        ElementType.FLOAT32,
                        Arrays.stream(((TensorInfo) node.getInfo()).getShape())
                                .boxed()
                                .toList()))
                .toList();
    }

    private Tensor tensor(String name) {
        return Objects.requireNonNull(tensors.get(name), name);
    }

    @Override
    public String deployment() {
        return deployment;
    }

    @Override
    public Signature signature() {
        return signature;
    }

    @Override
    public <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options) throws InferenceException {
        writer.write(this::tensor);
        try {
            session.run(inputs, outputs).close();
        } catch (OrtException e) {
            throw new InferenceException(Reason.EXECUTION_FAILED, "run failed: " + e.getMessage(), e);
        }
        return reader.read(this::tensor);
    }

    @Override
    public Map<String, Tensor> predict(Map<String, Tensor> values) {
        throw new UnsupportedOperationException("not used by the application");
    }

    @Override
    public CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> values, RequestOptions options) {
        throw new UnsupportedOperationException("not used by the application");
    }

    @Override
    public Optional<Predictor> version(String version) {
        return Optional.empty();
    }

    @Override
    public void close() throws OrtException {
        inputs.values().forEach(OnnxTensor::close);
        outputs.values().forEach(OnnxTensor::close);
        session.close();
    }
}
