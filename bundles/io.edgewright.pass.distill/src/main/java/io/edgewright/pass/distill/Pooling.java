// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import io.edgewright.onnx.emit.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Pooling, whose windows may overlap, and enlarging. */
final class Pooling {

    /** Lower than anything; times the zeros of a kernel still zero. */
    private static final float LOWEST = -1e30f;

    static final Map<String, Gradient> GRADIENTS = Map.of(
            "MaxPool", Pooling::max,
            "AveragePool", Pooling::average,
            "GlobalAveragePool", Pooling::globalAverage,
            "GlobalMaxPool", Pooling::globalMax,
            "Resize", Pooling::resize,
            "Upsample", Pooling::resize);

    private Pooling() {}

    private static List<Long> spatial(List<Long> shape) {
        return shape.subList(2, shape.size());
    }

    private static Window window(Node node, Backward back) {
        return Window.of(
                node,
                node.intsOr("kernel_shape", List.of()),
                spatial(back.shape(node.input(0))),
                spatial(back.shape(node.output(0))));
    }

    /** Whoever is the greatest in a window gets its slope; several get equal shares. */
    private static void max(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> shape = back.shape(node.input(0));
        Window window = window(node, back);
        List<Long> padding = new ArrayList<>(List.of(0L, 0L));
        padding.addAll(window.begins());
        padding.addAll(List.of(0L, 0L));
        padding.addAll(window.ends());
        String padded = to.pad(node.input(0), padding, LOWEST);
        Window inside = window.padded();
        List<Long> byWindow = List.of(shape.get(0), shape.get(1), window.volume(), -1L);
        List<Long> perPlace = List.of(shape.get(0), shape.get(1), 1L, -1L);
        String seen = to.reshape(inside.patches(to, padded, shape.get(1)), byWindow);
        String best = to.reshape(node.output(0), perPlace);
        String hits = number(to, to.equal(seen, best));
        String share = to.emit("Div", to.reshape(slope, perPlace), to.sum(hits, List.of(2L), true));
        List<Long> patches = new ArrayList<>(List.of(shape.get(0), shape.get(1) * window.volume()));
        patches.addAll(window.outputs());
        String spread = inside.fold(to, to.reshape(to.emit("Mul", hits, share), patches), shape.get(1));
        back.add(node.input(0), cut(to, spread, window));
    }

    /** Without the padding. */
    private static String cut(Emitter to, String padded, Window window) {
        if (window.begins().stream().allMatch(p -> p == 0)
                && window.ends().stream().allMatch(p -> p == 0)) {
            return padded;
        }
        List<Long> ends = new ArrayList<>();
        for (int i = 0; i < window.inputs().size(); i++) {
            ends.add(window.begins().get(i) + window.inputs().get(i));
        }
        List<Long> axes = LongStream.range(2, 2 + ends.size()).boxed().toList();
        return to.slice(padded, window.begins(), ends, axes);
    }

    private static String number(Emitter to, String truth) {
        return to.emit("Cast", Map.of("to", Attribute.of((long) DataType.FLOAT32.code())), truth);
    }

    /** How many elements each window averages is what the same pooling says of ones, times its volume. */
    private static void average(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> shape = back.shape(node.input(0));
        Window window = window(node, back);
        long volume = window.volume();
        String share = to.emit("Div", slope, counts(node, window, to));
        List<Long> grouped = new ArrayList<>(List.of(shape.get(0), shape.get(1), 1L));
        grouped.addAll(window.outputs());
        List<Long> repeated = new ArrayList<>(grouped);
        repeated.set(2, volume);
        String all = to.emit("Expand", to.reshape(share, grouped), to.longs(repeated));
        List<Long> patches = new ArrayList<>(List.of(shape.get(0), shape.get(1) * volume));
        patches.addAll(window.outputs());
        back.add(node.input(0), window.fold(to, to.reshape(all, patches), shape.get(1)));
    }

    private static String counts(Node node, Window window, Emitter to) {
        if (node.intOr("count_include_pad", 0) != 0 && node.intOr("ceil_mode", 0) == 0) {
            return to.scalar(window.volume());
        }
        List<Long> shape = new ArrayList<>(List.of(1L, 1L));
        shape.addAll(window.inputs());
        String ones = to.emit("Expand", to.scalar(1), to.longs(shape));
        List<Long> kernel = new ArrayList<>(List.of(1L, 1L));
        kernel.addAll(window.kernel());
        return to.emit("Conv", window.attributes(1), ones, to.emit("Expand", to.scalar(1), to.longs(kernel)));
    }

    private static void globalAverage(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> shape = back.shape(node.input(0));
        float places = spatial(shape).stream().reduce(1L, (a, b) -> a * b);
        back.add(node.input(0), to.emit("Expand", to.emit("Mul", slope, to.scalar(1 / places)), to.longs(shape)));
    }

    private static void globalMax(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> axes =
                LongStream.range(2, back.shape(node.input(0)).size()).boxed().toList();
        String hits = number(to, to.equal(node.input(0), node.output(0)));
        back.add(node.input(0), to.emit("Mul", hits, to.emit("Div", slope, to.sum(hits, axes, true))));
    }

    /** Whole times as large by repetition: the sum over each block. */
    private static void resize(Node node, String slope, Backward back) throws NoGradientException {
        List<Long> from = back.shape(node.input(0));
        List<Long> to = back.shape(node.output(0));
        List<Long> times = new ArrayList<>();
        for (int axis = 0; axis < from.size(); axis++) {
            if (to.get(axis) % from.get(axis) != 0 || axis < 2 && !to.get(axis).equals(from.get(axis))) {
                throw new NoGradientException(node, "its scale is not whole");
            }
            times.add(to.get(axis) / from.get(axis));
        }
        if (!node.textOr("mode", "nearest").equals("nearest")
                || node.textOr("coordinate_transformation_mode", "half_pixel").startsWith("align")) {
            throw new NoGradientException(node, "it interpolates");
        }
        List<Long> block = spatial(times);
        var attributes = Map.of("kernel_shape", Attribute.ofInts(block), "strides", Attribute.ofInts(block));
        float volume = block.stream().reduce(1L, (a, b) -> a * b);
        String mean = back.to().emit("AveragePool", attributes, slope);
        back.add(node.input(0), back.to().emit("Mul", mean, back.to().scalar(volume)));
    }
}
