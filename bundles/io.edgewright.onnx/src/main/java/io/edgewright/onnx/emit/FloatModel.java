// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx.emit;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import java.util.List;
import java.util.Optional;

/** Models whose weights a pass can change: which ones those are, and the form in which it does. */
public final class FloatModel {

    private static final List<String> LAYERS = List.of("Conv", "ConvTranspose", "Gemm", "MatMul");

    private FloatModel() {}

    /** {@return why the weights of a model cannot be changed, one line; empty if they can} */
    public static Optional<String> obstacle(OnnxModel model) {
        Graph graph = model.graph();
        for (Node node : graph.nodes()) {
            if (!node.subgraphs().isEmpty()) {
                return Optional.of("it has control flow (" + node + "): what runs is not known beforehand");
            }
            if (node.opType().contains("QuantizeLinear") || node.opType().startsWith("QLinear")) {
                return Optional.of("it is quantized already (" + node + "): this comes before, not after");
            }
        }
        for (Weights weights : graph.initializers().values()) {
            if (weights.type() == DataType.FLOAT16 || weights.type() == DataType.BFLOAT16) {
                return Optional.of("its weights are " + weights.type()
                        + ", expected FLOAT32: this comes before a lower precision, not after");
            }
        }
        Graph plain = plain(model).graph();
        boolean any = plain.nodes().stream()
                .filter(node -> LAYERS.stream().anyMatch(node::is))
                .flatMap(node -> plain.constant(node.input(1)).stream())
                .anyMatch(weights -> weights.type() == DataType.FLOAT32);
        return any ? Optional.empty() : Optional.of("it has no " + LAYERS + " with constant FLOAT32 weights");
    }

    /**
     * {@return a copy in which each constant is an initializer that no input can replace}
     *
     * @param model not changed; stays open as long as the copy is used
     */
    public static OnnxModel plain(OnnxModel model) {
        Graph graph = model.graph().copy();
        List<ValueInfo> fed = graph.inputs().stream()
                .filter(v -> graph.initializer(v.name()).isEmpty())
                .toList();
        graph.setInputs(fed);
        for (Node node : List.copyOf(graph.nodes())) {
            Optional<Weights> value = node.is("Constant") ? graph.constant(node.output(0)) : Optional.empty();
            if (value.isPresent() && !graph.isOutput(node.output(0))) {
                graph.remove(node);
                graph.setInitializer(node.output(0), value.get());
            }
        }
        graph.sort();
        OnnxModel plain = OnnxModel.of(Math.max(4, model.irVersion()), model.opset(), graph);
        plain.opsets().putAll(model.opsets());
        plain.metadata().putAll(model.metadata());
        return plain;
    }

    /** {@return a copy with each value as an output, for an engine to say its type and shape} */
    public static OnnxModel exposed(OnnxModel model) {
        OnnxModel copy = model.copy();
        copy.graph()
                .setOutputs(copy.graph().nodes().stream()
                        .flatMap(node -> node.outputs().stream())
                        .filter(output -> !output.isEmpty())
                        .map(ValueInfo::untyped)
                        .toList());
        return copy;
    }
}
