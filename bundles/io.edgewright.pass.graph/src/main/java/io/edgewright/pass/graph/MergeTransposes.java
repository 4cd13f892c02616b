// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Merges a Transpose into one before it, also across operators that treat each element alone, and takes out those that
 * change nothing.
 */
final class MergeTransposes implements Rewrite.OfNode {

    private static final Set<String> ELEMENTWISE = Set.of(
            "Abs",
            "Cast",
            "Elu",
            "Erf",
            "Exp",
            "Gelu",
            "HardSigmoid",
            "HardSwish",
            "LeakyRelu",
            "Log",
            "Mish",
            "Neg",
            "Relu",
            "Selu",
            "Sigmoid",
            "Softplus",
            "Sqrt",
            "Tanh");

    @Override
    public String figure() {
        return "transposes_merged";
    }

    @Override
    public boolean apply(Graph graph, Node second) {
        List<Long> order = order(second);
        if (isIdentity(order)) {
            return !order.isEmpty() && graph.bypass(second, 0);
        }
        List<Node> chain = chainTo(graph, second);
        if (chain.isEmpty()) {
            return false;
        }
        Node first = chain.get(chain.size() - 1);
        List<Long> before = order(first);
        List<Long> both =
                order.stream().map(axis -> before.get(axis.intValue())).toList();
        if (!graph.bypass(second, 0)) {
            return false;
        }
        chain.forEach(node -> graph.forget(node.output(0))); // their shapes are others now
        first.set("perm", Attribute.ofInts(both));
        return true;
    }

    /** {@return the operators before a Transpose, back to another whose output reaches only this one, element by element} */
    private static List<Node> chainTo(Graph graph, Node second) {
        List<Node> chain = new ArrayList<>();
        Optional<Node> maker = alone(graph, second);
        while (maker.isPresent()) {
            Node node = maker.get();
            chain.add(node);
            if (order(node).size() == order(second).size()) {
                return chain;
            }
            boolean each = node.domain().isEmpty() && ELEMENTWISE.contains(node.opType());
            maker = each ? alone(graph, node) : Optional.empty();
        }
        return List.of();
    }

    /** {@return who makes the first input of a node, if nobody else reads it} */
    private static Optional<Node> alone(Graph graph, Node reader) {
        return graph.producer(reader.input(0))
                .filter(node -> graph.onlyConsumer(reader.input(0)).isPresent());
    }

    /** {@return the order of the axes; empty if the node is no Transpose or does not tell} */
    private static List<Long> order(Node node) {
        return node.is("Transpose") ? node.intsOr("perm", List.of()) : List.of();
    }

    private static boolean isIdentity(List<Long> order) {
        for (int i = 0; i < order.size(); i++) {
            if (order.get(i) != i) {
                return false;
            }
        }
        return true;
    }
}
