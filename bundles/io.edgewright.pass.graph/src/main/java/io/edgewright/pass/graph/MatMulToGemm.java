// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.List;
import java.util.Optional;

/** MatMul of two matrices, Add of a constant row: Gemm. */
final class MatMulToGemm implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "gemms_made";
    }

    @Override
    public boolean apply(Graph graph, Node add) {
        return add.is("Add") && (apply(graph, add, 0) || apply(graph, add, 1));
    }

    private static boolean apply(Graph graph, Node add, int productInput) {
        Optional<Node> product = Patterns.onlyFor(graph, add, add.input(productInput), "MatMul");
        Optional<Weights> row = Patterns.floats(graph, add.input(1 - productInput));
        if (product.isEmpty() || row.isEmpty()) {
            return false;
        }
        String left = product.get().input(0);
        Optional<Weights> right = Patterns.floats(graph, product.get().input(1));
        boolean matrices = right.isPresent()
                && right.get().shape().size() == 2
                && Patterns.rank(graph, left).orElse(0) == 2
                && Patterns.type(graph, left).filter(DataType.FLOAT32::equals).isPresent();
        if (!matrices || !isRow(row.get().shape(), right.get().shape().get(1))) {
            return false;
        }
        List<String> inputs = List.of(left, product.get().input(1), add.input(1 - productInput));
        graph.remove(product.get());
        graph.remove(add);
        graph.add(new Node("Gemm", inputs, add.outputs()).named(product.get().name()));
        return true;
    }

    /** {@return true for [N] and [1, N]: what a Gemm broadcasts} */
    private static boolean isRow(List<Long> shape, long columns) {
        return shape.equals(List.of(columns)) || shape.equals(List.of(1L, columns));
    }
}
