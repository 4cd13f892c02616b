// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.ArrayList;
import java.util.List;

/** Which constants of a graph are weights that can be learnt, rather than limits, scales or shapes. */
final class Trainable {

    private Trainable() {}

    /** {@return their names, in the order of the graph} */
    static List<String> of(Graph graph) {
        List<String> found = new ArrayList<>();
        graph.initializers().forEach((name, weights) -> {
            List<Node> readers = graph.consumers(name);
            if (weights.type() == DataType.FLOAT32
                    && weights.elements() > 0
                    && !graph.isOutput(name)
                    && !readers.isEmpty()
                    && readers.stream().allMatch(node -> isWeight(node, name, weights))) {
                found.add(name);
            }
        });
        return found;
    }

    private static boolean isWeight(Node node, String name, Weights weights) {
        List<Integer> places = new ArrayList<>();
        for (int i = 0; i < node.inputs().size(); i++) {
            if (node.input(i).equals(name)) {
                places.add(i);
            }
        }
        if (!node.domain().isEmpty()) {
            return false;
        }
        return switch (node.opType()) {
            case "Conv", "Gemm", "BatchNormalization" -> places.stream().allMatch(i -> i == 1 || i == 2);
            case "MatMul" -> true;
            case "PRelu" -> places.equals(List.of(1));
            case "Add" -> weights.elements() > 1;
            default -> false;
        };
    }
}
