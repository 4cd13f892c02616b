// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import io.edgewright.pass.quantize.Int8Rules.Role;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** The matrix products of a graph with constant weights, for forms that change weights and need no calibration. */
final class Products {

    private final Graph graph;
    private final List<Node> matrixProducts = new ArrayList<>();
    private final List<NodeRemark> remarks = new ArrayList<>();

    /** @param keep names of nodes that stay float */
    Products(Graph graph, Set<String> keep) {
        this.graph = graph;
        for (Node node : graph.nodes()) {
            if (!node.domain().isEmpty() || !Int8Rules.isProduct(node.opType())) {
                continue;
            }
            if (keep.contains(node.name())) {
                remarks.add(Rule.ASKED_FOR.on(node));
            } else if (Int8Rules.role(graph, node) != Role.PRODUCT) {
                remarks.add(Int8Rules.whyFloat(graph, node).on(node));
            } else if (node.is("Conv")) {
                remarks.add(Rule.CONVOLUTION.on(node));
            } else {
                matrixProducts.add(node);
            }
        }
    }

    List<Node> matrixProducts() {
        return List.copyOf(matrixProducts);
    }

    List<NodeRemark> remarks() {
        return List.copyOf(remarks);
    }

    /** {@return the weights with the shape [inputs, outputs], as MatMul has them} */
    Weights weightsOf(Node product) {
        Weights weights = graph.constant(product.input(1))
                .orElseThrow(() -> new IllegalStateException(product + " has no constant weights"));
        if (Int8Rules.channelAxis(product) == 1) {
            return weights;
        }
        int outputs = Math.toIntExact(weights.shape().get(0));
        int inputs = Math.toIntExact(weights.shape().get(1));
        float[] from = weights.toFloats();
        float[] to = new float[from.length];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                to[i * outputs + o] = from[o * inputs + i];
            }
        }
        return Weights.ofFloats(List.of((long) inputs, (long) outputs), to);
    }

    /**
     * Puts other nodes in the place of a product; its bias is added at the end.
     *
     * @param last the node whose output 0 is the product without bias; not in the graph yet, its outputs are set here
     */
    void replace(Node product, Node last) {
        String output = product.output(0);
        String bias = product.input(2);
        graph.remove(product);
        if (bias.isEmpty()) {
            last.setOutputs(List.of(output));
        } else {
            String sum = graph.freshName(output + "_without_bias");
            last.setOutputs(List.of(sum));
            graph.add(new Node("Add", List.of(sum, bias), List.of(output))
                    .named(graph.freshName(product.name() + "_bias")));
        }
        graph.add(last.named(product.name()));
    }
}
