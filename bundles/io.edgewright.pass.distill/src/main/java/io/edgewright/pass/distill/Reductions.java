// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Sums, means and what normalizes by them. */
final class Reductions {

    static final Map<String, Gradient> GRADIENTS = Map.of(
            "ReduceSum", (node, slope, back) -> reduced(node, slope, back, false),
            "ReduceMean", (node, slope, back) -> reduced(node, slope, back, true),
            "Softmax", Reductions::softmax,
            "LogSoftmax", Reductions::logSoftmax,
            "BatchNormalization", Reductions::normalization);

    private Reductions() {}

    private static void reduced(Node node, String slope, Backward back, boolean mean) throws NoGradientException {
        List<Long> shape = back.shape(node.input(0));
        List<Long> axes = new ArrayList<>(node.intsOr("axes", List.of()));
        if (node.inputs().size() > 1) {
            long[] named = back.longs(node.input(1))
                    .orElseThrow(() -> new NoGradientException(node, "its axes are not constant"));
            LongStream.of(named).forEach(axes::add);
        }
        if (axes.isEmpty()) {
            LongStream.range(0, shape.size()).forEach(axes::add);
        }
        List<Long> kept = new ArrayList<>(shape);
        float count = 1;
        for (long axis : axes) {
            int at = (int) (axis < 0 ? axis + shape.size() : axis);
            count *= shape.get(at);
            kept.set(at, 1L);
        }
        Emitter to = back.to();
        String part = to.reshape(slope, kept);
        String scaled = mean ? to.emit("Mul", part, to.scalar(1 / count)) : part;
        back.add(node.input(0), to.emit("Expand", scaled, to.longs(shape)));
    }

    private static List<Long> lastAxis(Node node, Backward back) throws NoGradientException {
        int rank = back.shape(node.output(0)).size();
        long axis = node.intOr("axis", rank - 1L);
        if ((axis < 0 ? axis + rank : axis) != rank - 1) {
            throw new NoGradientException(node, "its axis is not the last one");
        }
        return List.of(rank - 1L);
    }

    /** (slope - sum(slope * y)) * y */
    private static void softmax(Node node, String slope, Backward back) throws NoGradientException {
        Emitter to = back.to();
        String y = node.output(0);
        String sum = to.sum(to.emit("Mul", slope, y), lastAxis(node, back), true);
        back.add(node.input(0), to.emit("Mul", to.emit("Sub", slope, sum), y));
    }

    /** slope - exp(y) * sum(slope) */
    private static void logSoftmax(Node node, String slope, Backward back) throws NoGradientException {
        Emitter to = back.to();
        String sum = to.sum(slope, lastAxis(node, back), true);
        back.add(node.input(0), to.emit("Sub", slope, to.emit("Mul", to.emit("Exp", node.output(0)), sum)));
    }

    /**
     * A factor and an offset for each channel. Where the statistics are those of the batch itself, they move with it (Ioffe and
     * Szegedy, 2015): {@code dx = gamma / sigma * (dy - mean(dy) - swing * mean(dy * swing))}.
     */
    private static void normalization(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> shape = back.shape(node.input(0));
        List<Long> perChannel = new ArrayList<>(Emitter.times(shape.size(), 1));
        perChannel.set(1, -1L);
        List<Long> axes =
                new ArrayList<>(LongStream.range(0, shape.size()).boxed().toList());
        axes.remove(1);
        String channels = to.longs(List.of(shape.get(1)));
        String ones = to.emit("Expand", to.scalar(1), channels);
        String zeros = to.emit("Expand", to.scalar(0), channels);
        var epsilon = Map.of("epsilon", Attribute.of(node.realOr("epsilon", 1e-5f)));
        String swing = to.emit("BatchNormalization", epsilon, node.input(0), ones, zeros, node.input(3), node.input(4));
        String gamma = to.sum(to.emit("Mul", slope, swing), axes, false);
        String beta = to.sum(slope, axes, false);
        back.add(node.input(1), gamma);
        back.add(node.input(2), beta);
        if (!back.wants(node.input(0))) {
            return;
        }
        String variance = to.emit("Add", node.input(4), to.scalar(node.realOr("epsilon", 1e-5f)));
        String factor = to.reshape(to.emit("Div", node.input(1), to.emit("Sqrt", variance)), perChannel);
        String part = slope;
        if (!back.isConstant(node.input(3))) {
            String share = to.scalar((float) shape.get(1) / shape.stream().reduce(1L, (a, b) -> a * b));
            String moved = to.emit("Mul", swing, to.reshape(to.emit("Mul", gamma, share), perChannel));
            String mean = to.reshape(to.emit("Mul", beta, share), perChannel);
            part = to.emit("Sub", slope, to.emit("Add", moved, mean));
        }
        back.add(node.input(0), to.emit("Mul", part, factor));
    }
}
