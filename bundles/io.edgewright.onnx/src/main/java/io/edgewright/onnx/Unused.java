// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.util.List;

/** Removes what no output of a graph depends on. */
final class Unused {

    private Unused() {}

    /** {@return how many nodes went} */
    static int remove(Graph graph) {
        int before = graph.nodes().size();
        List<Node> order = List.copyOf(graph.nodes());
        boolean again = true; // once is enough where the nodes are sorted
        while (again) {
            again = false;
            for (int i = order.size() - 1; i >= 0; i--) {
                Node node = order.get(i);
                if (node.graph().isPresent() && node.outputs().stream().noneMatch(graph::isUsed)) {
                    graph.remove(node);
                    again = true;
                }
            }
        }
        for (String value : List.copyOf(graph.initializers().keySet())) {
            if (!graph.isUsed(value) && !graph.isInput(value)) {
                graph.removeInitializer(value);
            }
        }
        for (String value : List.copyOf(graph.valueInfos().keySet())) {
            if (!graph.defines(value)) {
                graph.forget(value);
            }
        }
        for (Node node : graph.nodes()) {
            node.subgraphs().forEach(Unused::remove);
        }
        return before - graph.nodes().size();
    }
}
