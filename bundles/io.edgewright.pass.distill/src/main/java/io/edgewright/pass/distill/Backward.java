// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Writes the gradient of a scalar with respect to some inputs of a graph into the same graph: reverse-mode differentiation. */
final class Backward {

    private final Graph graph;
    private final Emitter to;
    private final Shapes shapes;
    private final Set<String> wanted = new HashSet<>();
    private final Map<String, String> gradients = new HashMap<>();

    private Backward(Graph graph, Emitter to, Shapes shapes) {
        this.graph = graph;
        this.to = to;
        this.shapes = shapes;
    }

    /**
     * Extends a graph.
     *
     * @param graph sorted
     * @param opset of its model
     * @param shapes of all of its values
     * @param loss a scalar
     * @param inputs what the gradients are for
     * @return the gradient of each input; those that the loss does not depend on are missing
     * @throws NoGradientException if something between an input and the loss has none
     */
    static Map<String, String> write(Graph graph, long opset, Shapes shapes, String loss, Set<String> inputs)
            throws NoGradientException {
        var back = new Backward(graph, new Emitter(graph, "backward/", opset), shapes);
        List<Node> nodes = List.copyOf(graph.nodes());
        back.wanted.addAll(inputs);
        for (Node node : nodes) {
            if (node.inputs().stream().anyMatch(back.wanted::contains)) {
                back.wanted.addAll(node.outputs());
            }
        }
        back.gradients.put(loss, back.to.scalar(1));
        for (int i = nodes.size() - 1; i >= 0; i--) {
            back.visit(nodes.get(i));
        }
        Map<String, String> found = new HashMap<>();
        inputs.forEach(input -> Optional.ofNullable(back.gradients.get(input)).ifPresent(g -> found.put(input, g)));
        return found;
    }

    private void visit(Node node) throws NoGradientException {
        if (node.outputs().stream().noneMatch(gradients::containsKey)
                || node.inputs().stream().noneMatch(this::wants)) {
            return;
        }
        for (String value : node.reads()) {
            if (!shapes.knows(value)) {
                throw NoGradientException.shapeless(node, value);
            }
        }
        Gradient gradient =
                Gradients.of(node).orElseThrow(() -> new NoGradientException(node, "its operator has none here"));
        String slope = gradients.get(node.output(0));
        if (slope == null && !node.is("Split")) {
            throw new NoGradientException(node, "only its second output is used");
        }
        gradient.add(node, slope == null ? "" : slope, this);
    }

    /** {@return where nodes are added} */
    Emitter to() {
        return to;
    }

    /** {@return true if the gradient of a value is asked for} */
    boolean wants(String value) {
        return wanted.contains(value);
    }

    /** {@return the shape of a value} */
    List<Long> shape(String value) {
        return shapes.of(value);
    }

    /** {@return the gradient of a value as far as it is known} */
    Optional<String> gradient(String value) {
        return Optional.ofNullable(gradients.get(value));
    }

    /** {@return true if a value is the same in every run} */
    boolean isConstant(String value) {
        return graph.constant(value).isPresent();
    }

    /** {@return the constant integers of an input} */
    Optional<long[]> longs(String value) {
        return graph.constant(value).filter(w -> w.type().isInteger()).map(w -> w.toLongs());
    }

    /** Adds to the gradient of a value. */
    void add(String value, String part) {
        if (wants(value)) {
            String before = gradients.get(value);
            gradients.put(value, before == null ? part : to.emit("Add", before, part));
        }
    }

    /** Adds to the gradient of a value that was repeated along some axes: the sum over these. */
    void addReduced(String value, String part, List<Long> partShape) {
        if (!wants(value)) {
            return;
        }
        List<Long> shape = shape(value);
        int shift = partShape.size() - shape.size();
        List<Long> axes = new ArrayList<>();
        for (int axis = 0; axis < partShape.size(); axis++) {
            if (axis < shift || shape.get(axis - shift) == 1 && partShape.get(axis) != 1) {
                axes.add((long) axis);
            }
        }
        String reduced = axes.isEmpty() ? part : to.sum(part, axes, true);
        add(value, shift == 0 ? reduced : to.reshape(reduced, shape));
    }
}
