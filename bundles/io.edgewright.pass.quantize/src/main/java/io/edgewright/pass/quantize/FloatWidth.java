// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Changes the width of floats in a graph: from 32 to 16 bits or back. Inputs and outputs of the model keep their types; Cast nodes stand
 * where nodes that changed meet those that did not.
 */
final class FloatWidth {

    private final Graph graph;
    private final DataType from;
    private final DataType to;
    private final Set<String> values;
    private final Map<String, String> changed = new HashMap<>(); // value -> the same in the other width

    /** @param values those of the main graph that have the type {@code from} */
    FloatWidth(Graph graph, DataType from, DataType to, Set<String> values) {
        this.graph = graph;
        this.from = from;
        this.to = to;
        this.values = values;
    }

    /** Changes the nodes that the predicate accepts. */
    void change(Predicate<Node> accepts) {
        List<Node> nodes = graph.nodes().stream().filter(accepts).toList();
        nodes.forEach(this::changeOutputs);
        for (Node node : nodes) {
            for (int i = 0; i < node.inputs().size(); i++) {
                String value = node.input(i);
                if (!value.isEmpty() && hasType(value)) {
                    node.setInput(i, changed.computeIfAbsent(value, this::converted));
                }
            }
        }
        graph.removeUnused();
    }

    private boolean hasType(String value) {
        return values.contains(value)
                || graph.constant(value).filter(w -> w.type() == from).isPresent();
    }

    private void changeOutputs(Node node) {
        List<String> before = List.copyOf(node.outputs());
        for (String value : before) {
            if (values.contains(value)) {
                changed.put(value, graph.freshName(value + "_" + to.bits()));
            }
        }
        node.setOutputs(before.stream().map(v -> changed.getOrDefault(v, v)).toList());
        for (String value : before) {
            String other = changed.get(value);
            if (other != null) {
                cast(other, value, from);
            }
        }
    }

    private String converted(String value) {
        var constant = graph.constant(value);
        if (constant.isPresent()) {
            return graph.addInitializer(value + "_" + to.bits(), converted(constant.get()));
        }
        String other = graph.freshName(value + "_" + to.bits());
        cast(value, other, to);
        return other;
    }

    private void cast(String value, String result, DataType type) {
        graph.add(new Node("Cast", List.of(value), List.of(result))
                .named(graph.freshName(result + "_cast"))
                .set("to", Attribute.of((long) type.code())));
    }

    private Weights converted(Weights weights) {
        float[] floats = weights.toFloats();
        if (to == DataType.FLOAT32) {
            return Weights.ofFloats(weights.shape(), floats);
        }
        ByteBuffer halves = ByteBuffer.allocate(2 * floats.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float value : floats) {
            halves.putShort(HalfFloats.toHalf(value));
        }
        return Weights.of(to, weights.shape(), halves.flip());
    }
}
