// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.List;
import java.util.Optional;

/** Makes a constant of the Shape or Size of a value all of whose dimensions are fixed. */
final class FoldShapes implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "shapes_folded";
    }

    @Override
    public boolean apply(Graph graph, Node node) {
        Optional<List<Long>> shape = Patterns.fixedShape(graph, node.input(0));
        if (shape.isEmpty() || !node.is("Shape") && !node.is("Size")) {
            return false;
        }
        graph.remove(node);
        graph.setInitializer(node.output(0), node.is("Shape") ? shape(node, shape.get()) : size(shape.get()));
        return true;
    }

    /** From opset 15 on, a part of the dimensions can be asked for; places are clamped (Shape-15). */
    private static Weights shape(Node node, List<Long> shape) {
        int begin = place(node.intOr("start", 0), shape.size());
        int end = place(node.intOr("end", shape.size()), shape.size());
        List<Long> part = shape.subList(Math.min(begin, end), end);
        return Weights.ofLongs(
                List.of((long) part.size()),
                part.stream().mapToLong(Long::longValue).toArray());
    }

    private static Weights size(List<Long> shape) {
        return Weights.ofLongs(List.of(), shape.stream().reduce(1L, Math::multiplyExact));
    }

    private static int place(long axis, int rank) {
        return (int) Math.max(0, Math.min(rank, axis < 0 ? axis + rank : axis));
    }
}
