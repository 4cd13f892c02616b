// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * What each operator says about which channels live or die together. An operator that is not named here keeps all axes of what it
 * reads and makes.
 */
final class Ties {

    private static final Set<String> SAME = Set.of(
            "Abs",
            "Cast",
            "Ceil",
            "Celu",
            "Clip",
            "Elu",
            "Erf",
            "Exp",
            "Floor",
            "Gelu",
            "HardSigmoid",
            "HardSwish",
            "Identity",
            "LeakyRelu",
            "Log",
            "Mish",
            "Neg",
            "Not",
            "Reciprocal",
            "Relu",
            "Round",
            "Selu",
            "Sigmoid",
            "Sign",
            "Softplus",
            "Softsign",
            "Sqrt",
            "Tanh",
            "ThresholdedRelu");

    private static final Set<String> BROADCAST = Set.of(
            "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "PRelu", "Where", "And", "Or", "Greater", "Less", "Equal",
            "Sum", "Mean");

    /** Along the spatial axes they do as they like. */
    private static final Set<String> CHANNELWISE =
            Set.of("MaxPool", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "Resize", "Upsample");

    private static final Set<String> REDUCE =
            Set.of("ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceL2", "ReduceL1", "ReduceProd");

    private final Graph graph;
    private final Units units;

    private Ties(Graph graph, Units units) {
        this.graph = graph;
        this.units = units;
    }

    /** Ties what the nodes of a graph tie, and locks its inputs and outputs. */
    static void apply(Graph graph, Units units) {
        var ties = new Ties(graph, units);
        graph.inputs().forEach(v -> units.lock(v.name()));
        graph.outputs().forEach((ValueInfo v) -> units.lock(v.name()));
        graph.nodes().forEach(ties::node);
    }

    private void node(Node node) {
        if (!node.domain().isEmpty() || !knowsAll(node) || !tied(node)) {
            node.reads().forEach(units::lock);
            node.outputs().forEach(units::lock);
        }
    }

    private boolean knowsAll(Node node) {
        return node.subgraphs().isEmpty()
                && units.knows(node.output(0))
                && node.inputs().stream().allMatch(v -> v.isEmpty() || units.knows(v));
    }

    /** {@return false if nothing is known about this operator as it is here} */
    private boolean tied(Node node) {
        String operator = node.opType();
        if (SAME.contains(operator)) {
            return same(node.input(0), node.output(0), List.of());
        }
        if (BROADCAST.contains(operator)) {
            node.inputs().forEach(input -> broadcast(input, node.output(0)));
            return true;
        }
        if (CHANNELWISE.contains(operator)) {
            return node.outputs().size() == 1 && channels(node);
        }
        if (REDUCE.contains(operator)) {
            return reduced(node);
        }
        return switch (operator) {
            case "Dropout" -> node.outputs().size() == 1 && same(node.input(0), node.output(0), List.of());
            case "Conv" -> new ConvTies(units).conv(node);
            case "ConvTranspose" -> new ConvTies(units).transposed(node);
            case "BatchNormalization", "InstanceNormalization" -> normalized(node);
            case "Gemm" -> gemm(node);
            case "MatMul" -> product(node);
            case "Softmax", "LogSoftmax" -> softmax(node);
            case "LayerNormalization" ->
                same(
                        node.input(0),
                        node.output(0),
                        from(axis(node, node.intOr("axis", -1)), units.rank(node.input(0))));
            case "Concat" -> concatenated(node);
            case "Split" -> split(node);
            case "Slice" -> sliced(node);
            case "Pad" -> padded(node);
            case "Transpose" -> transposed(node);
            case "Flatten", "Reshape", "Squeeze", "Unsqueeze" ->
                ReshapeTies.apply(units, node.input(0), node.output(0));
            default -> false;
        };
    }

    /** Axis by axis; those that are named stay whole. */
    private boolean same(String input, String output, List<Integer> locked) {
        if (units.rank(input) != units.rank(output)) {
            return false;
        }
        for (int axis = 0; axis < units.rank(input); axis++) {
            if (locked.contains(axis)) {
                units.lock(input, axis);
                units.lock(output, axis);
            } else {
                units.tie(input, axis, output, axis);
            }
        }
        return true;
    }

    /** Axes are aligned at the end; one of size 1 is repeated. */
    private void broadcast(String input, String output) {
        if (input.isEmpty()) {
            return;
        }
        int shift = units.rank(output) - units.rank(input);
        for (int axis = 0; axis < units.rank(input); axis++) {
            if (units.size(input, axis) == 1 && units.size(output, axis + shift) != 1) {
                units.lock(input, axis);
            } else {
                units.tie(input, axis, output, axis + shift);
            }
        }
    }

    private boolean channels(Node node) {
        return same(node.input(0), node.output(0), from(2, units.rank(node.input(0))));
    }

    private boolean normalized(Node node) {
        if (node.outputs().size() > 1) {
            return false;
        }
        for (int i = 1; i < node.inputs().size(); i++) {
            units.tie(node.input(0), 1, node.input(i), 0);
        }
        return same(node.input(0), node.output(0), List.of());
    }

    private boolean gemm(Node node) {
        if (node.intOr("transA", 0) != 0) {
            return false;
        }
        int inner = node.intOr("transB", 0) == 0 ? 0 : 1;
        units.tie(node.input(0), 1, node.input(1), inner);
        units.tie(node.output(0), 1, node.input(1), 1 - inner);
        broadcast(node.input(2), node.output(0));
        units.tie(node.input(0), 0, node.output(0), 0);
        return true;
    }

    private boolean product(Node node) {
        String a = node.input(0);
        String b = node.input(1);
        String out = node.output(0);
        int ranked = units.rank(a);
        int rankB = units.rank(b);
        int rank = units.rank(out);
        if (ranked < 2 || rankB < 2) {
            return false;
        }
        units.tie(a, ranked - 1, b, rankB - 2);
        units.tie(a, ranked - 2, out, rank - 2);
        units.tie(b, rankB - 1, out, rank - 1);
        for (int axis = 0; axis < rank - 2; axis++) {
            units.lock(out, axis);
        }
        for (int axis = 0; axis < ranked - 2; axis++) {
            units.lock(a, axis);
        }
        for (int axis = 0; axis < rankB - 2; axis++) {
            units.lock(b, axis);
        }
        return true;
    }

    private boolean softmax(Node node) {
        // up to opset 12 the axis is where a matrix begins, from 13 on it is the only one
        int first = axis(node, node.intOr("axis", 1));
        int last = axis(node, node.intOr("axis", -1));
        return same(node.input(0), node.output(0), from(Math.min(first, last), units.rank(node.input(0))));
    }

    private boolean reduced(Node node) {
        Optional<List<Long>> named =
                node.inputs().size() > 1 ? longs(node.input(1)) : Optional.of(node.intsOr("axes", List.of()));
        String input = node.input(0);
        String output = node.output(0);
        if (named.isEmpty() || named.get().isEmpty()) {
            return false;
        }
        List<Integer> axes = named.get().stream()
                .map(a -> (int) (a < 0 ? a + units.rank(input) : a))
                .toList();
        boolean keep = node.intOr("keepdims", 1) != 0;
        int to = 0;
        for (int axis = 0; axis < units.rank(input); axis++) {
            if (axes.contains(axis)) {
                units.lock(input, axis);
                to += keep ? 1 : 0;
            } else {
                units.tie(input, axis, output, to++);
            }
        }
        return true;
    }

    private boolean concatenated(Node node) {
        String output = node.output(0);
        int axis = axis(node, node.intOr("axis", 1));
        int offset = 0;
        for (String input : node.inputs()) {
            if (!window(input, output, axis, 0, offset)) {
                return false;
            }
            offset += units.size(input, axis);
        }
        return true;
    }

    private boolean split(Node node) {
        int axis = axis(node, node.intOr("axis", 0));
        int offset = 0;
        for (String output : node.outputs()) {
            if (!units.knows(output) || !window(output, node.input(0), axis, 0, offset)) {
                return false;
            }
            offset += units.size(output, axis);
        }
        return true;
    }

    /** Ties the part with the place {@code from + i} of the whole at {@code offset + i}; the other axes one by one. */
    private boolean window(String part, String whole, int axis, int from, int offset) {
        if (units.rank(part) != units.rank(whole) || offset + units.size(part, axis) > units.size(whole, axis)) {
            return false;
        }
        for (int other = 0; other < units.rank(part); other++) {
            if (other != axis) {
                units.tie(part, other, whole, other);
            }
        }
        for (int i = from; i < units.size(part, axis); i++) {
            units.tie(part, axis, i, whole, axis, offset + i);
        }
        return true;
    }

    /** One axis cut, by a constant range. */
    private boolean sliced(Node node) {
        Optional<SliceRange> range = SliceRange.of(graph, node, units.shape(node.input(0)));
        return range.isPresent()
                && window(
                        node.output(0),
                        node.input(0),
                        range.get().axis(),
                        0,
                        range.get().start());
    }

    private boolean padded(Node node) {
        List<Long> pads =
                node.inputs().size() > 1 ? longs(node.input(1)).orElse(List.of()) : node.intsOr("pads", List.of());
        int rank = units.rank(node.input(0));
        if (pads.size() != 2 * rank || node.inputs().size() > 3) {
            return false;
        }
        List<Integer> locked = new ArrayList<>();
        for (int axis = 0; axis < rank; axis++) {
            if (pads.get(axis) != 0 || pads.get(axis + rank) != 0) {
                locked.add(axis);
            }
        }
        return same(node.input(0), node.output(0), locked);
    }

    private boolean transposed(Node node) {
        int rank = units.rank(node.input(0));
        for (int axis = 0; axis < rank; axis++) {
            List<Long> order = node.intsOr("perm", List.of());
            int from = order.isEmpty() ? rank - 1 - axis : Math.toIntExact(order.get(axis));
            units.tie(node.input(0), from, node.output(0), axis);
        }
        return true;
    }

    private int axis(Node node, long axis) {
        return Math.toIntExact(axis < 0 ? axis + units.rank(node.output(0)) : axis);
    }

    private Optional<List<Long>> longs(String value) {
        Optional<Weights> weights = graph.constant(value);
        return weights.filter(w -> w.type().isInteger())
                .map(w -> Arrays.stream(w.toLongs()).boxed().toList());
    }

    private static List<Integer> from(int first, int end) {
        return IntStream.range(first, Math.max(first, end)).boxed().toList();
    }
}
