// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;

/** Takes out nodes that hand on what they get: Identity, Dropout outside of training, sums and concatenations of one. */
final class RemoveIdentity implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "identities_removed";
    }

    @Override
    public boolean apply(Graph graph, Node node) {
        return isIdentity(graph, node) && graph.bypass(node, 0);
    }

    private boolean isIdentity(Graph graph, Node node) {
        if (!node.domain().isEmpty() || node.input(0).isEmpty()) {
            return false;
        }
        return switch (node.opType()) {
            case "Identity" -> true;
            case "Concat", "Sum", "Max", "Min", "Mean" -> node.inputs().size() == 1;
            case "Dropout" -> !trains(graph, node) && Patterns.isUnused(graph, node, 1);
            case "Pad" ->
                Patterns.ints(graph, node, "pads", 1)
                        .filter(pads -> pads.stream().allMatch(p -> p == 0))
                        .isPresent();
            default -> false;
        };
    }

    /** From opset 12 on an input tells; from 7 to 11 Dropout never trains. */
    private static boolean trains(Graph graph, Node node) {
        return !node.input(2).isEmpty()
                && !graph.constant(node.input(2))
                        .map(Weights::toLongs)
                        .filter(mode -> mode[0] == 0)
                        .isPresent();
    }
}
