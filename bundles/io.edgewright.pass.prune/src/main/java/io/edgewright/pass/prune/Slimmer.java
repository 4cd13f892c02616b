// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes units out of a graph: cuts its constants, and corrects the nodes that say sizes. */
final class Slimmer {

    private final Graph graph;
    private final Units units;
    private final Set<Integer> removed;
    private final boolean splitsByAttribute;

    private Slimmer(OnnxModel model, Units units, Set<Integer> removed) {
        this.graph = model.graph();
        this.splitsByAttribute = model.opset() < 13;
        this.units = units;
        this.removed = removed;
    }

    /**
     * Changes a model.
     *
     * @param model the model that the units were found in, or a copy
     * @param removed the units to take out
     */
    static void apply(OnnxModel model, Units units, Set<Integer> removed) {
        var slimmer = new Slimmer(model, units, removed);
        Graph graph = model.graph();
        graph.nodes().forEach(slimmer::correct);
        Map.copyOf(graph.initializers()).forEach((name, weights) -> {
            Weights cut = units.knows(name) ? slimmer.cut(name, weights) : weights;
            if (cut != weights) {
                graph.setInitializer(name, cut);
            }
        });
        List.copyOf(graph.valueInfos().keySet()).forEach(graph::forget);
    }

    /** {@return the places of an axis that stay} */
    static List<Integer> kept(Units units, Set<Integer> removed, String value, int axis) {
        List<Integer> kept = new ArrayList<>();
        for (int i = 0; i < units.size(value, axis); i++) {
            if (!removed.contains(units.unit(value, axis, i))) {
                kept.add(i);
            }
        }
        return kept;
    }

    private long size(String value, int axis) {
        return kept(units, removed, value, axis).size();
    }

    private Weights cut(String name, Weights weights) {
        Weights result = weights;
        for (int axis = 0; axis < units.rank(name); axis++) {
            List<Integer> kept = kept(units, removed, name, axis);
            if (kept.size() < units.size(name, axis)) {
                result = take(result, axis, kept);
            }
        }
        return result;
    }

    private static Weights take(Weights weights, int axis, List<Integer> kept) {
        List<Long> shape = new ArrayList<>(weights.shape());
        int size = Math.toIntExact(shape.get(axis));
        int bytes = weights.type().bits() / 8;
        for (int inner = axis + 1; inner < shape.size(); inner++) {
            bytes *= Math.toIntExact(shape.get(inner));
        }
        ByteBuffer from = weights.bytes();
        int outer = size == 0 || bytes == 0 ? 0 : from.limit() / (bytes * size);
        ByteBuffer to = ByteBuffer.allocate(outer * kept.size() * bytes);
        for (int o = 0; o < outer; o++) {
            for (int index : kept) {
                int start = (o * size + index) * bytes;
                to.put(from.slice(start, bytes));
            }
        }
        shape.set(axis, (long) kept.size());
        return Weights.of(weights.type(), shape, to.flip());
    }

    private void correct(Node node) {
        if (!node.domain().isEmpty() || !units.knows(node.output(0))) {
            return;
        }
        switch (node.opType()) {
            case "Conv" -> depthwise(node);
            case "Reshape" -> reshape(node);
            case "Split" -> split(node);
            case "Slice" -> slice(node);
            default -> {
                // says no sizes of channels
            }
        }
    }

    private void depthwise(Node node) {
        if (node.intOr("group", 1) > 1 && units.size(node.input(1), 1) == 1) {
            node.set("group", Attribute.of(size(node.input(0), 1)));
        }
    }

    private void reshape(Node node) {
        Weights shape = graph.constant(node.input(1)).orElse(null);
        if (shape == null) {
            return;
        }
        long[] sizes = shape.toLongs();
        for (int axis = 0; axis < sizes.length; axis++) {
            if (sizes[axis] > 0 && units.size(node.output(0), axis) > 0) {
                sizes[axis] = size(node.output(0), axis);
            }
        }
        replace(node, 1, shape, sizes);
    }

    private void split(Node node) {
        int axis = Math.toIntExact(node.intOr("axis", 0));
        int at = axis < 0 ? axis + units.rank(node.input(0)) : axis;
        List<Long> sizes = new ArrayList<>();
        List<Long> before = new ArrayList<>();
        for (String output : node.outputs()) {
            sizes.add(size(output, at));
            before.add((long) units.size(output, at));
        }
        if (sizes.equals(before)) {
            return;
        }
        if (splitsByAttribute) {
            node.set("split", Attribute.ofInts(sizes));
        } else {
            long[] all = sizes.stream().mapToLong(Long::longValue).toArray();
            node.remove("num_outputs");
            node.setInput(1, graph.addInitializer("split", Weights.ofLongs(List.of((long) all.length), all)));
        }
    }

    private void slice(Node node) {
        SliceRange range =
                SliceRange.of(graph, node, units.shape(node.input(0))).orElse(null);
        if (range == null) {
            return;
        }
        String input = node.input(0);
        long start = kept(units, removed, input, range.axis()).stream()
                .filter(i -> i < range.start())
                .count();
        long end = start + size(node.output(0), range.axis());
        if (size(input, range.axis()) == units.size(input, range.axis())) {
            return;
        }
        if (node.inputs().size() > 1) {
            replace(node, 1, graph.constant(node.input(1)).orElseThrow(), start);
            replace(node, 2, graph.constant(node.input(2)).orElseThrow(), end);
        } else {
            node.set("starts", Attribute.ofInts(List.of(start)));
            node.set("ends", Attribute.ofInts(List.of(end)));
        }
    }

    /** The constant may have other readers: they keep it. */
    private void replace(Node node, int input, Weights old, long... values) {
        if (!Arrays.equals(old.toLongs(), values)) {
            node.setInput(input, graph.addInitializer("sizes", Weights.ofLongs(old.shape(), values)));
        }
    }
}
