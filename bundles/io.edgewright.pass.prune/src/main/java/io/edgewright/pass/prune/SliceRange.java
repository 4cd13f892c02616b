// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.List;
import java.util.Optional;

/**
 * What a Slice cuts out, as far as a pruned model can still say it: one axis, by constants, without steps.
 *
 * @param axis which axis
 * @param start the first place, 0 or more
 */
record SliceRange(int axis, int start) {

    static Optional<SliceRange> of(Graph graph, Node node, List<Long> shape) {
        Optional<Long> start = one(graph, node, 1, "starts");
        Optional<Long> end = one(graph, node, 2, "ends");
        Optional<Long> step = node.input(4).isEmpty() ? Optional.of(1L) : one(graph, node, 4, "");
        boolean first = node.input(3).isEmpty() && node.attribute("axes").isEmpty();
        Optional<Long> named = first ? Optional.of(0L) : one(graph, node, 3, "axes");
        if (start.isEmpty() || end.isEmpty() || named.isEmpty() || !step.equals(Optional.of(1L))) {
            return Optional.empty();
        }
        int axis = Math.toIntExact(named.get() < 0 ? named.get() + shape.size() : named.get());
        long size = shape.get(axis);
        long at = start.get() < 0 ? Math.max(0, start.get() + size) : Math.min(size, start.get());
        return size < 0 ? Optional.empty() : Optional.of(new SliceRange(axis, (int) at));
    }

    private static Optional<Long> one(Graph graph, Node node, int input, String attribute) {
        if (node.inputs().size() <= 1) {
            List<Long> values = node.intsOr(attribute, List.of());
            return values.size() == 1 ? Optional.of(values.get(0)) : Optional.empty();
        }
        return graph.constant(node.input(input))
                .filter(w -> w.type().isInteger() && w.elements() == 1)
                .map(w -> w.toLongs()[0]);
    }
}
