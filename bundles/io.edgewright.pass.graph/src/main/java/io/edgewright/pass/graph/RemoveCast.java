// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;

/** Takes out casts to the type that the value has already. */
final class RemoveCast implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "casts_removed";
    }

    @Override
    public boolean apply(Graph graph, Node node) {
        return node.is("Cast")
                && Patterns.type(graph, node.input(0)).isPresent()
                && Patterns.type(graph, node.input(0)).equals(DataType.of(node.intOr("to", 0)))
                && graph.bypass(node, 0);
    }
}
