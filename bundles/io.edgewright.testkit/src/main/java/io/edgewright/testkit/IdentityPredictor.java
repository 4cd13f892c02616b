// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Answers each input as the output of the same place, over direct buffers that are used again, as a runtime does.
 * Thread-safe.
 */
public final class IdentityPredictor implements Predictor {

    private record Buffers(Map<String, List<Long>> shapes, Map<String, Tensor> tensors) {}

    private final String name;
    private final ModelManifest manifest;
    private final Map<Map<String, List<Long>>, ConcurrentLinkedQueue<Buffers>> free = new ConcurrentHashMap<>();
    private volatile Optional<Reason> failure = Optional.empty();
    private volatile RequestOptions lastOptions = RequestOptions.DEFAULT;
    private volatile int runs = 1;

    /**
     * @param name of the deployment
     * @param manifest its inputs and outputs are as many, of the same types
     */
    public IdentityPredictor(String name, ModelManifest manifest) {
        this.name = name;
        this.manifest = manifest;
    }

    /** {@return what it serves} */
    public ModelManifest manifest() {
        return manifest;
    }

    /**
     * Fails from now on.
     *
     * @param reason why; empty to answer again
     */
    public void fail(Optional<Reason> reason) {
        failure = reason;
    }

    /**
     * Asks for the inputs more than once, as after a lost device.
     *
     * @param times how often
     */
    public void runs(int times) {
        runs = times;
    }

    /** {@return the options of the last request} */
    public RequestOptions lastOptions() {
        return lastOptions;
    }

    @Override
    public String deployment() {
        return name;
    }

    @Override
    public Signature signature() throws InferenceException {
        if (failure.equals(Optional.of(Reason.NOT_READY))) {
            throw new InferenceException(Reason.NOT_READY, "it is not ready", null);
        }
        return new Signature(manifest, manifest.inputs(), manifest.outputs());
    }

    @Override
    public <R> R predict(InputWriter writer, OutputReader<R> reader, RequestOptions options) throws InferenceException {
        lastOptions = options;
        if (failure.isPresent()) {
            throw new InferenceException(failure.get(), "it was told to fail", null);
        }
        Buffers buffers = take(writer);
        try {
            for (int i = 0; i < runs; i++) {
                writer.write(new Inputs(buffers.tensors()));
            }
            return reader.read(output -> {
                for (int i = 0; i < manifest.outputs().size(); i++) {
                    if (manifest.outputs().get(i).name().equals(output)) {
                        return tensor(
                                buffers.tensors(), manifest.inputs().get(i).name());
                    }
                }
                throw new IllegalArgumentException("no output " + output);
            });
        } finally {
            free.computeIfAbsent(buffers.shapes(), s -> new ConcurrentLinkedQueue<>())
                    .add(buffers);
        }
    }

    @Override
    public Map<String, Tensor> predict(Map<String, Tensor> inputs) throws InferenceException {
        return predict(inputs, RequestOptions.DEFAULT);
    }

    @Override
    public CompletableFuture<Map<String, Tensor>> submit(Map<String, Tensor> inputs, RequestOptions options) {
        try {
            return CompletableFuture.completedFuture(predict(inputs, options));
        } catch (InferenceException e) {
            return CompletableFuture.failedFuture(e);
        }
    }

    @Override
    public Optional<Predictor> version(String version) {
        return version.equals(manifest.id().version().toString()) ? Optional.of(this) : Optional.empty();
    }

    private Map<String, Tensor> predict(Map<String, Tensor> inputs, RequestOptions options) throws InferenceException {
        Map<String, List<Long>> shapes = new HashMap<>();
        inputs.forEach((input, value) -> shapes.put(input, value.shape()));
        var writer = new InputWriter() {

            @Override
            public void write(InputTensors into) {
                inputs.forEach(into::write);
            }

            @Override
            public Map<String, List<Long>> shapes() {
                return shapes;
            }
        };
        return predict(
                writer,
                outputs -> {
                    Map<String, Tensor> copies = new HashMap<>();
                    manifest.outputs()
                            .forEach(o -> copies.put(
                                    o.name(), outputs.output(o.name()).copy()));
                    return copies;
                },
                options);
    }

    private Buffers take(InputWriter writer) {
        Map<String, List<Long>> shapes = new HashMap<>();
        for (TensorSpec spec : manifest.inputs()) {
            shapes.put(spec.name(), writer.shapes().getOrDefault(spec.name(), spec.concreteShape(1)));
        }
        var queue = free.get(shapes);
        Buffers buffers = queue == null ? null : queue.poll();
        if (buffers != null) {
            return buffers;
        }
        Map<String, Tensor> tensors = new HashMap<>();
        for (TensorSpec spec : manifest.inputs()) {
            if (spec.type() != ElementType.STRING) {
                tensors.put(spec.name(), Tensor.zeros(spec.type(), shapes.getOrDefault(spec.name(), List.of())));
            }
        }
        return new Buffers(shapes, tensors);
    }

    private static Tensor tensor(Map<String, Tensor> tensors, String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no input " + name + ", or it is a STRING input");
        }
        return tensor;
    }

    private record Inputs(Map<String, Tensor> tensors) implements InputTensors {

        @Override
        public Tensor input(String input) {
            return tensor(tensors, input);
        }

        @Override
        public void write(String input, Tensor value) {
            if (value.type() == ElementType.STRING) {
                tensors.put(input, value.copy());
            } else {
                InputTensors.super.write(input, value);
            }
        }
    }
}
