// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.onnx.proto.ModelProto;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * An ONNX model to be changed and written. Its weights stay in the file it was read from, which must neither change nor be closed
 * before the model has been written; what is written may replace that file. What this library has no words for (functions, sparse
 * tensors in attributes, documentation) is kept; {@code training_info} is left out. Not thread-safe.
 */
public final class OnnxModel implements AutoCloseable {

    private long irVersion;
    private final Map<String, Long> opsets = new LinkedHashMap<>();
    private final Map<String, String> metadata = new LinkedHashMap<>();
    private final Graph graph;
    private final ModelProto rest;
    private final ModelFiles files;

    OnnxModel(long irVersion, Graph graph, ModelProto rest, ModelFiles files) {
        this.irVersion = irVersion;
        this.graph = graph;
        this.rest = rest;
        this.files = files;
    }

    /**
     * {@return a new model}
     *
     * @param irVersion the version of the file format, such as 8; 10 for opset 21, 3 and less need each initializer to be an input
     * @param opset the version of ONNX's own operators, such as 17
     * @param graph its graph
     */
    public static OnnxModel of(long irVersion, long opset, Graph graph) {
        var model = new OnnxModel(irVersion, graph, ModelProto.getDefaultInstance(), new ModelFiles(new byte[0]));
        model.opsets.put("", opset);
        return model;
    }

    /**
     * {@return the model in a file; its external data lies in the same folder or below}
     *
     * @param file of any size; but for the weights, it may take 64 MiB
     * @throws MalformedModelException if it is no ONNX model; the message says where and why
     * @throws IOException if it could not be read
     */
    public static OnnxModel read(Path file) throws IOException {
        return read(new ModelFiles(file));
    }

    /**
     * {@return the model in these bytes, which must not change}
     *
     * @throws MalformedModelException as {@link #read(Path)}; also for external data
     */
    public static OnnxModel read(byte[] model) throws IOException {
        return read(new ModelFiles(model));
    }

    private static OnnxModel read(ModelFiles files) throws IOException {
        boolean complete = false;
        try {
            OnnxModel model = ModelReader.read(files);
            complete = true;
            return model;
        } finally {
            if (!complete) {
                files.close();
            }
        }
    }

    /** {@return the version of the file format} */
    public long irVersion() {
        return irVersion;
    }

    /**
     * Raises the version of the file format, if it is older.
     *
     * @param least such as 7, which belongs to opset 13
     */
    public void raiseIrVersion(long least) {
        irVersion = Math.max(irVersion, least);
    }

    /** {@return the operator sets: domain (empty for ONNX's own) to version; can be changed} */
    public Map<String, Long> opsets() {
        return opsets;
    }

    /** {@return the version of ONNX's own operators; 1 if the model does not say} */
    public long opset() {
        return opsets.getOrDefault("", 1L);
    }

    /** {@return the {@code metadata_props}; can be changed} */
    public Map<String, String> metadata() {
        return metadata;
    }

    /** {@return the main graph} */
    public Graph graph() {
        return graph;
    }

    /** {@return true if the model itself defines this operator, by a function} */
    public boolean defines(String domain, String opType) {
        return rest.getFunctionsList().stream()
                .anyMatch(f -> f.getDomain().equals(domain) && f.getName().equals(opType));
    }

    /**
     * Makes every initializer of the main graph a constant: inputs of the same name go, as no application can feed them here. File
     * format 3 and less has no constants without inputs, so it becomes 4.
     */
    public void freezeInitializers() {
        graph.setInputs(graph.inputs().stream()
                .filter(input -> graph.initializer(input.name()).isEmpty())
                .toList());
        raiseIrVersion(4);
    }

    /** {@return what is wrong with it, one line each; empty if nothing is; see {@link ModelChecker}} */
    public List<String> problems() {
        return ModelChecker.check(this);
    }

    /** {@return a copy with the same weights; it must not be used after this is closed} */
    public OnnxModel copy() {
        var copy = new OnnxModel(irVersion, graph.copy(), rest, new ModelFiles(new byte[0]));
        copy.opsets.putAll(opsets);
        copy.metadata.putAll(metadata);
        return copy;
    }

    /**
     * {@return a copy of which every value of the main graph is an output, untyped where the model does not tell its type: an engine
     * that opens it can say types and shapes of all}
     */
    public OnnxModel exposed() {
        OnnxModel copy = copy();
        List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
        for (Node node : graph.nodes()) {
            node.outputs().stream()
                    .filter(value -> !value.isEmpty() && !graph.isOutput(value))
                    .forEach(value -> outputs.add(ValueInfo.untyped(value)));
        }
        copy.graph().setOutputs(outputs);
        return copy;
    }

    /** Writes it with {@link Storage#AUTO}. */
    public void write(Path target) throws IOException {
        write(target, Storage.AUTO);
    }

    /**
     * Sorts, checks and writes the model. Files appear under their names whole or not at all.
     *
     * @param target a file, replaced if it is there
     * @param storage where the weights go
     * @throws IllegalStateException if the model has {@link #problems}; nothing is written then
     * @throws IOException if it could not be written
     */
    public void write(Path target, Storage storage) throws IOException {
        sortAndCheck();
        ModelWriter.write(this, target, storage);
    }

    /**
     * {@return the model with all its weights, as {@link #write} with {@link Storage#INSIDE} puts them into a file}
     *
     * @throws IllegalStateException if the model has {@link #problems}
     * @throws IOException if weights could not be read
     */
    public byte[] toBytes() throws IOException {
        sortAndCheck();
        return ModelWriter.toBytes(this);
    }

    private void sortAndCheck() {
        graph.sort();
        List<String> problems = problems();
        if (!problems.isEmpty()) {
            throw new IllegalStateException("the model is not valid: " + String.join("; ", problems));
        }
    }

    ModelProto rest() {
        return rest;
    }

    /** Closes the files; weights that nobody has asked for cannot be read any more. Closing twice does nothing. */
    @Override
    public void close() throws IOException {
        files.close();
    }
}
