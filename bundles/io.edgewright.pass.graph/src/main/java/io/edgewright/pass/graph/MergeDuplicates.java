// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Keeps one of several nodes that compute the same: operator, inputs and attributes are equal. */
final class MergeDuplicates implements Rewrite {

    /** Equal if the nodes compute the same; how many outputs are asked for matters to some operators. */
    private record Computation(
            String domain, String operator, List<String> inputs, int outputs, Map<String, Attribute> attributes) {

        /** {@return empty for nodes that must be left alone; an engine wants each reader of an integer to have its own DequantizeLinear} */
        static Optional<Computation> of(Node node) {
            boolean comparable = Determinism.holds(node)
                    && !node.is("DequantizeLinear")
                    && node.attributes().values().stream()
                            .noneMatch(a -> a instanceof Attribute.TensorValue || a instanceof Attribute.Tensors);
            return comparable
                    ? Optional.of(new Computation(
                            node.domain(),
                            node.opType(),
                            List.copyOf(node.inputs()),
                            node.outputs().size(),
                            Map.copyOf(node.attributes())))
                    : Optional.empty();
        }
    }

    @Override
    public String figure() {
        return "duplicates_merged";
    }

    @Override
    public int apply(Graph graph) {
        graph.sort(); // what is merged first makes those that read it equal
        Map<Computation, Node> first = new HashMap<>();
        int merged = 0;
        for (Node node : List.copyOf(graph.nodes())) {
            Optional<Computation> computation = Computation.of(node);
            Node same = computation.map(c -> first.putIfAbsent(c, node)).orElse(null);
            if (same != null && replace(graph, node, same)) {
                merged++;
            }
        }
        return merged;
    }

    private static boolean replace(Graph graph, Node node, Node same) {
        for (int i = 0; i < node.outputs().size(); i++) {
            boolean used = !Patterns.isUnused(graph, node, i);
            if (graph.isOutput(node.output(i)) || used && same.output(i).isEmpty()) {
                return false;
            }
        }
        for (int i = 0; i < node.outputs().size(); i++) {
            if (!node.output(i).isEmpty()) {
                graph.replaceUses(node.output(i), same.output(i));
            }
        }
        graph.remove(node);
        return true;
    }
}
