// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import io.edgewright.onnx.emit.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Convolutions and products of matrices. */
final class Products {

    static final Map<String, Gradient> GRADIENTS =
            Map.of("Conv", Products::conv, "Gemm", Products::gemm, "MatMul", Products::product);

    private Products() {}

    /**
     * With respect to the input, a ConvTranspose; with respect to the kernels, the product of the slopes with the patches that each
     * place has seen, group by group.
     */
    private static void conv(Node node, String slope, Backward back) {
        Emitter to = back.to();
        List<Long> kernel = back.shape(node.input(1));
        List<Long> input = back.shape(node.input(0));
        List<Long> output = back.shape(node.output(0));
        long groups = node.intOr("group", 1);
        Window window = Window.of(node, spatial(kernel), spatial(input), spatial(output));
        if (back.wants(node.input(0))) {
            back.add(node.input(0), to.emit("ConvTranspose", window.adjoint(groups), slope, node.input(1)));
        }
        if (back.wants(node.input(1))) {
            long seen = kernel.get(1) * window.volume();
            String patches = window.patches(to, node.input(0), input.get(1));
            String columns = to.reshape(patches, List.of(input.get(0), groups, seen, -1L));
            String slopes = to.reshape(slope, List.of(input.get(0), groups, kernel.get(0) / groups, -1L));
            String each = to.emit("MatMul", slopes, to.transpose(columns, List.of(0L, 1L, 3L, 2L)));
            back.add(node.input(1), to.reshape(to.sum(each, List.of(0L), false), kernel));
        }
        if (!node.input(2).isEmpty() && back.wants(node.input(2))) {
            back.add(node.input(2), to.sum(slope, allBut(1, output.size()), false));
        }
    }

    private static List<Long> spatial(List<Long> shape) {
        return shape.subList(2, shape.size());
    }

    private static List<Long> allBut(int axis, int rank) {
        List<Long> axes = new ArrayList<>();
        for (long i = 0; i < rank; i++) {
            if (i != axis) {
                axes.add(i);
            }
        }
        return axes;
    }

    /** alpha * A * B + beta * C, B maybe transposed. */
    private static void gemm(Node node, String slope, Backward back) throws NoGradientException {
        if (node.intOr("transA", 0) != 0) {
            throw new NoGradientException(node, "its first input is transposed");
        }
        Emitter to = back.to();
        boolean transposed = node.intOr("transB", 0) != 0;
        String part = to.emit("Mul", slope, to.scalar(node.realOr("alpha", 1)));
        if (back.wants(node.input(0))) {
            String other = transposed ? node.input(1) : turned(to, node.input(1), 2);
            back.add(node.input(0), to.emit("MatMul", part, other));
        }
        if (back.wants(node.input(1))) {
            back.add(
                    node.input(1),
                    transposed
                            ? to.emit("MatMul", turned(to, part, 2), node.input(0))
                            : to.emit("MatMul", turned(to, node.input(0), 2), part));
        }
        if (!node.input(2).isEmpty() && back.wants(node.input(2))) {
            String scaled = to.emit("Mul", slope, to.scalar(node.realOr("beta", 1)));
            back.addReduced(node.input(2), scaled, back.shape(node.output(0)));
        }
    }

    private static void product(Node node, String slope, Backward back) throws NoGradientException {
        List<Long> a = back.shape(node.input(0));
        List<Long> b = back.shape(node.input(1));
        List<Long> y = back.shape(node.output(0));
        if (a.size() < 2 || b.size() < 2) {
            throw new NoGradientException(node, "one of its inputs is a vector");
        }
        Emitter to = back.to();
        List<Long> batch = y.subList(0, y.size() - 2);
        if (back.wants(node.input(0))) {
            String part = to.emit("MatMul", slope, turned(to, node.input(1), b.size()));
            back.addReduced(node.input(0), part, joined(batch, a));
        }
        if (back.wants(node.input(1))) {
            String part = to.emit("MatMul", turned(to, node.input(0), a.size()), slope);
            back.addReduced(node.input(1), part, joined(batch, b));
        }
    }

    /** The shape of a batch of matrices of the last two sizes. */
    private static List<Long> joined(List<Long> batch, List<Long> matrix) {
        List<Long> shape = new ArrayList<>(batch);
        shape.addAll(matrix.subList(matrix.size() - 2, matrix.size()));
        return shape;
    }

    private static String turned(Emitter to, String value, int rank) {
        List<Long> order = new ArrayList<>();
        for (long i = 0; i < rank - 2; i++) {
            order.add(i);
        }
        order.add(rank - 1L);
        order.add(rank - 2L);
        return to.transpose(value, order);
    }
}
