// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What only moves numbers: slopes are moved back. */
final class Layout {

    static final Map<String, Gradient> GRADIENTS = Map.of(
            "Reshape", Layout::reshape,
            "Flatten", Layout::reshape,
            "Squeeze", Layout::reshape,
            "Unsqueeze", Layout::reshape,
            "Transpose", Layout::transpose,
            "Concat", Layout::concat,
            "Split", Layout::split,
            "Slice", Layout::slice,
            "Gather", Layout::gather,
            "Pad", Layout::pad);

    private Layout() {}

    private static void reshape(Node node, String slope, Backward back) {
        back.add(node.input(0), back.to().reshape(slope, back.shape(node.input(0))));
    }

    private static void transpose(Node node, String slope, Backward back) {
        int rank = back.shape(node.input(0)).size();
        List<Long> order = node.intsOr("perm", List.of());
        Long[] inverse = new Long[rank];
        for (int i = 0; i < rank; i++) {
            int from = order.isEmpty() ? rank - 1 - i : Math.toIntExact(order.get(i));
            inverse[from] = (long) i;
        }
        back.add(node.input(0), back.to().transpose(slope, List.of(inverse)));
    }

    private static void concat(Node node, String slope, Backward back) {
        int rank = back.shape(node.output(0)).size();
        long axis = node.intOr("axis", 1);
        long at = axis < 0 ? axis + rank : axis;
        long start = 0;
        for (String input : node.inputs()) {
            long end = start + back.shape(input).get((int) at);
            if (back.wants(input)) {
                back.add(input, back.to().slice(slope, List.of(start), List.of(end), List.of(at)));
            }
            start = end;
        }
    }

    private static void split(Node node, String slope, Backward back) {
        List<String> parts = new ArrayList<>();
        for (String output : node.outputs()) {
            Optional<String> known = back.gradient(output);
            parts.add(known.orElseGet(() -> back.to().emit("Sub", output, output)));
        }
        long axis = node.intOr("axis", 0);
        back.add(
                node.input(0),
                back.to().emit("Concat", Map.of("axis", Attribute.of(axis)), parts.toArray(String[]::new)));
    }

    /** What was not read gets zeros. */
    private static void slice(Node node, String slope, Backward back) throws NoGradientException {
        List<Long> from = back.shape(node.input(0));
        List<Long> to = back.shape(node.output(0));
        long[] starts = constant(node, 1, back);
        long[] axes = node.input(3).isEmpty() ? range(starts.length) : constant(node, 3, back);
        if (!node.input(4).isEmpty() && Arrays.stream(constant(node, 4, back)).anyMatch(step -> step != 1)) {
            throw new NoGradientException(node, "it has steps");
        }
        long[] before = new long[from.size()];
        for (int i = 0; i < axes.length; i++) {
            int axis = (int) (axes[i] < 0 ? axes[i] + from.size() : axes[i]);
            long size = from.get(axis);
            before[axis] = starts[i] < 0 ? Math.max(0, starts[i] + size) : Math.min(size, starts[i]);
        }
        List<Long> padding = new ArrayList<>();
        Arrays.stream(before).forEach(padding::add);
        for (int axis = 0; axis < from.size(); axis++) {
            padding.add(from.get(axis) - to.get(axis) - before[axis]);
        }
        back.add(node.input(0), back.to().pad(slope, padding, 0));
    }

    /** Of one place of an axis. */
    private static void gather(Node node, String slope, Backward back) throws NoGradientException {
        long[] indices = constant(node, 1, back);
        if (indices.length != 1 || back.wants(node.input(1))) {
            throw new NoGradientException(node, "it takes more than one place");
        }
        List<Long> shape = back.shape(node.input(0));
        long axis = node.intOr("axis", 0);
        int at = (int) (axis < 0 ? axis + shape.size() : axis);
        long size = shape.get(at);
        long index = indices[0] < 0 ? indices[0] + size : indices[0];
        List<Long> one = new ArrayList<>(shape);
        one.set(at, 1L);
        List<Long> padding = new ArrayList<>(Emitter.times(2 * shape.size(), 0));
        padding.set(at, index);
        padding.set(at + shape.size(), size - 1 - index);
        back.add(node.input(0), back.to().pad(back.to().reshape(slope, one), padding, 0));
    }

    private static void pad(Node node, String slope, Backward back) throws NoGradientException {
        long[] padding = constant(node, 1, back);
        if (!node.textOr("mode", "constant").equals("constant")
                || Arrays.stream(padding).anyMatch(p -> p < 0)) {
            throw new NoGradientException(node, "it repeats or cuts");
        }
        List<Long> shape = back.shape(node.input(0));
        List<Long> starts = new ArrayList<>();
        List<Long> ends = new ArrayList<>();
        List<Long> axes = new ArrayList<>();
        for (int axis = 0; axis < shape.size(); axis++) {
            starts.add(padding[axis]);
            ends.add(padding[axis] + shape.get(axis));
            axes.add((long) axis);
        }
        back.add(node.input(0), back.to().slice(slope, starts, ends, axes));
    }

    private static long[] constant(Node node, int input, Backward back) throws NoGradientException {
        return back.longs(node.input(input))
                .orElseThrow(() -> new NoGradientException(node, "what it cuts or pads is not constant"));
    }

    private static long[] range(int end) {
        long[] all = new long[end];
        Arrays.setAll(all, i -> i);
        return all;
    }
}
