// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx.emit;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.List;

/** Copies one graph into another. */
public final class Graft {

    private Graft() {}

    /**
     * Adds the nodes and constants of a graph to another, each value under a prefix; but those values that are inputs of the graph
     * keep their names, so that both read the same inputs.
     *
     * @param from a graph without subgraphs; not changed
     * @param into a graph in which no value begins with the prefix
     * @param prefix such as {@code teacher/}
     */
    public static void copy(Graph from, Graph into, String prefix) {
        from.initializers().forEach((name, weights) -> {
            if (!from.isInput(name)) {
                into.setInitializer(prefix + name, weights);
            }
        });
        for (Node node : from.nodes()) {
            Node copy = node.copy().named(node.name().isEmpty() ? "" : prefix + node.name());
            copy.setInputs(renamed(node.inputs(), from, prefix));
            copy.setOutputs(renamed(node.outputs(), from, prefix));
            into.add(copy);
        }
    }

    private static List<String> renamed(List<String> values, Graph from, String prefix) {
        return values.stream()
                .map(v -> v.isEmpty() || from.isInput(v) ? v : prefix + v)
                .toList();
    }
}
