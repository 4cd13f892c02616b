// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/** What several rewrites ask for or do. */
final class Patterns {

    private Patterns() {}

    /** {@return the node that makes a value, if it is of this operator and nobody else reads the value} */
    static Optional<Node> onlyFor(Graph graph, Node reader, String value, String operator) {
        return graph.producer(value)
                .filter(node -> node.is(operator))
                .filter(node -> graph.onlyConsumer(value).filter(reader::equals).isPresent());
    }

    /** Lets the first of two nodes make what the second one made, and removes the second. */
    static void absorb(Graph graph, Node kept, Node removed) {
        String before = kept.output(0);
        String after = removed.output(0);
        graph.remove(removed);
        kept.setOutputs(List.of(after));
        graph.forget(before);
    }

    /** {@return true if nobody reads this output of a node} */
    static boolean isUnused(Graph graph, Node node, int output) {
        String value = node.output(output);
        return value.isEmpty() || graph.consumers(value).isEmpty() && !graph.isOutput(value);
    }

    static Optional<DataType> type(Graph graph, String value) {
        return graph.info(value).flatMap(ValueInfo::type);
    }

    static OptionalInt rank(Graph graph, String value) {
        Optional<List<Dim>> shape = shape(graph, value);
        return shape.isPresent() ? OptionalInt.of(shape.get().size()) : OptionalInt.empty();
    }

    /** {@return the sizes of a value if all of them are known} */
    static Optional<List<Long>> fixedShape(Graph graph, String value) {
        return shape(graph, value)
                .filter(shape -> shape.stream().allMatch(Dim::isFixed))
                .map(shape -> shape.stream().map(Dim::size).toList());
    }

    /** Of what goes into and out of bodies only the file tells the shape, and a loop may change it from turn to turn. */
    private static Optional<List<Dim>> shape(Graph graph, String value) {
        Graph around = graph;
        while (around.parent().isPresent()) {
            if (around.isInput(value) || around.isOutput(value)) {
                return Optional.empty();
            }
            around = around.parent().get();
        }
        return graph.info(value).flatMap(ValueInfo::shape);
    }

    /** {@return integers that are an attribute up to some opset and a constant input from then on; empty if they vary} */
    static Optional<List<Long>> ints(Graph graph, Node node, String attribute, int input) {
        if (node.attribute(attribute).isPresent()) {
            return Optional.of(node.intsOr(attribute, List.of()));
        }
        return graph.constant(node.input(input))
                .filter(weights -> weights.type().isInteger())
                .map(Patterns::longs);
    }

    static List<Long> longs(Weights weights) {
        return Arrays.stream(weights.toLongs()).boxed().toList();
    }

    /** {@return 32-bit weights as numbers; empty for other types and values that vary} */
    static Optional<Weights> floats(Graph graph, String value) {
        return graph.constant(value).filter(weights -> weights.type() == DataType.FLOAT32);
    }
}
