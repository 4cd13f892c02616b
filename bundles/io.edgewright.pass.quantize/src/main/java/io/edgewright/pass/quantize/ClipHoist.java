// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.pass.quantize.Int8Rules.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Moves a Relu or Clip before what only moves values, such as MaxPool: the values are the same, and it can be folded into the product
 * that made them.
 */
final class ClipHoist {

    private ClipHoist() {}

    static void apply(Graph graph) {
        for (Node clip : List.copyOf(graph.nodes())) {
            if (Int8Rules.role(graph, clip) == Role.CLIP) {
                hoist(graph, clip);
            }
        }
    }

    private static void hoist(Graph graph, Node clip) {
        List<Node> moves = new ArrayList<>();
        Optional<Node> before = movedBy(graph, clip.input(0));
        while (before.isPresent()) {
            moves.add(before.get());
            before = movedBy(graph, before.get().input(0));
        }
        if (moves.isEmpty()) {
            return;
        }
        Node first = moves.get(moves.size() - 1);
        String source = first.input(0);
        Node moved = clip.copy();
        if (!graph.bypass(clip, 0)) {
            return;
        }
        String limited = graph.freshName(source + "_limited");
        moved.setOutputs(List.of(limited));
        moved.setInput(0, source);
        first.setInput(0, limited);
        graph.add(moved);
    }

    /** {@return the node that moved this value, if nobody else reads what it has moved, nor what it moves} */
    private static Optional<Node> movedBy(Graph graph, String value) {
        return graph.producer(value)
                .filter(n -> Int8Rules.role(graph, n) == Role.MOVE)
                .filter(n ->
                        n.outputs().size() == 1 && graph.onlyConsumer(value).isPresent())
                .filter(n -> graph.onlyConsumer(n.input(0)).isPresent() && !graph.isInput(n.input(0)));
    }
}
