// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.Optional;

/** Makes initializers of Constant nodes, so that all other rewrites see one kind of constant. */
final class ConstantsToInitializers implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "constants_moved";
    }

    @Override
    public boolean isGain() {
        return false;
    }

    @Override
    public boolean apply(Graph graph, Node node) {
        if (!node.is("Constant")) {
            return false;
        }
        String value = node.output(0);
        Optional<Weights> weights = graph.constant(value);
        if (weights.isEmpty()) {
            return false;
        }
        graph.remove(node);
        graph.setInitializer(value, weights.get());
        return true;
    }
}
