// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A node with constant 32-bit weights that makes channels.
 *
 * @param node a Conv, ConvTranspose, Gemm or MatMul
 * @param weights the name of its weights
 * @param outputAxis the axis of the weights along which its output channels lie
 */
record Layer(Node node, String weights, int outputAxis) {

    /** {@return the layers of a graph, in its order} */
    static List<Layer> of(Graph graph) {
        List<Layer> found = new ArrayList<>();
        for (Node node : graph.nodes()) {
            Optional<Weights> weights = graph.constant(node.input(1));
            if (weights.isPresent() && weights.get().type() == DataType.FLOAT32) {
                int axis = outputAxis(node, weights.get());
                if (axis >= 0) {
                    found.add(new Layer(node, node.input(1), axis));
                }
            }
        }
        return found;
    }

    private static int outputAxis(Node node, Weights weights) {
        if (node.is("Conv")) {
            return 0;
        }
        if (node.is("ConvTranspose")) {
            return node.intOr("group", 1) == 1 ? 1 : -1;
        }
        if (node.is("Gemm")) {
            return node.intOr("transB", 0) == 0 ? 1 : 0;
        }
        return node.is("MatMul") && weights.shape().size() == 2 ? 1 : -1;
    }
}
