// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnx.emit.Emitter;
import io.edgewright.onnx.emit.Graft;
import io.edgewright.onnx.emit.Window;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One layer's least squares, written as a graph: the layer's inputs in the pruned model against its outputs in the original. For
 * what it is fed, the graph gives {@code A = sum x x^T: [G, D + 1, D + 1]} and {@code B = sum x y^T: [G, D + 1, O]}; the last x is
 * a one, for the bias.
 *
 * @param node a Conv or Gemm
 * @param groups G, of a convolution
 * @param inputs D, of one group
 * @param outputs O, of one group
 */
record Regression(Node node, int groups, int inputs, int outputs) {

    /** Names of the graph. */
    static final String A = "A";

    static final String B = "B";

    /** An input of the graph: at which places of the output it looks. */
    static final String PLACES = "places";

    /** The matrices must fit into memory, and are solved in D^3 steps. */
    private static final int MOST_INPUTS = 2304;

    /**
     * {@return the regression of a layer; groups is 0 if it cannot be solved like this}
     *
     * @param student the pruned model's graph
     */
    static Regression of(Graph student, Layer layer) {
        Node node = layer.node();
        List<Long> shape = student.constant(layer.weights()).orElseThrow().shape();
        int all = Math.toIntExact(shape.get(layer.outputAxis()));
        int inputs = Math.toIntExact(shape.stream().reduce(1L, (a, b) -> a * b) / Math.max(1, all));
        int groups = node.is("Conv") ? Math.toIntExact(node.intOr("group", 1)) : 1;
        boolean plain = node.realOr("alpha", 1) == 1 && node.realOr("beta", 1) == 1 && node.intOr("transA", 0) == 0;
        boolean solvable = (node.is("Conv") || node.is("Gemm"))
                && plain
                && inputs <= MOST_INPUTS
                && isOwn(student, layer.weights(), -1)
                && isOwn(student, node.input(2), all);
        return solvable ? new Regression(node, groups, inputs, all / groups) : new Regression(node, 0, 0, 0);
    }

    /** Nobody else reads it, and it has so many elements; -1 for any. */
    private static boolean isOwn(Graph student, String value, int elements) {
        return value.isEmpty()
                || student.consumers(value).size() == 1
                        && student.initializer(value)
                                .filter(w -> elements < 0 || w.elements() == elements)
                                .isPresent();
    }

    /** {@return true if there is something to solve} */
    boolean isSolvable() {
        return groups > 0;
    }

    /**
     * {@return the graph}
     *
     * @param teacher the original
     * @param student the pruned model, in which values have the same names
     * @param kept which of the original's output channels are left
     * @param shapes of the original's values
     */
    OnnxModel graph(OnnxModel teacher, OnnxModel student, List<Integer> kept, Map<String, List<Long>> shapes) {
        Graph graph = new Graph("regression");
        Graft.copy(teacher.graph(), graph, "teacher/");
        Graft.copy(student.graph(), graph, "student/");
        List<ValueInfo> fed = new ArrayList<>(student.graph().inputs());
        boolean conv = node.is("Conv");
        if (conv) {
            fed.add(ValueInfo.of(PLACES, DataType.INT64, List.of(Dim.UNKNOWN)));
        }
        graph.setInputs(fed);
        var to = new Emitter(graph, "regression/", student.opset());
        String x = "student/" + node.input(0);
        String y = to.emit(
                "Gather",
                Map.of("axis", Attribute.of(1L)),
                "teacher/" + node.output(0),
                to.longs(kept.stream().map(Integer::longValue).toList()));
        if (conv) {
            Weights weights = student.graph().constant(node.input(1)).orElseThrow();
            x = to.emit("Gather", Map.of("axis", Attribute.of(2L)), columns(to, x, weights, shapes), PLACES);
            y = to.emit("Gather", Map.of("axis", Attribute.of(2L)), to.reshape(y, List.of(0L, 0L, -1L)), PLACES);
        }
        x = withOne(to, byGroup(to, x, inputs));
        y = byGroup(to, y, outputs);
        to.output(to.emit("MatMul", x, to.transpose(x, List.of(0L, 2L, 1L))), A);
        to.output(to.emit("MatMul", x, to.transpose(y, List.of(0L, 2L, 1L))), B);
        graph.removeUnused();
        OnnxModel model = OnnxModel.of(Math.max(4, student.irVersion()), student.opset(), graph);
        student.opsets().forEach(model.opsets()::putIfAbsent);
        return model;
    }

    private String columns(Emitter to, String x, Weights weights, Map<String, List<Long>> shapes) {
        List<Long> kernel = weights.shape().subList(2, weights.shape().size());
        Window window = Window.of(node, kernel, spatial(shapes, node.input(0)), spatial(shapes, node.output(0)));
        long channels = weights.shape().get(1) * groups;
        return to.reshape(window.patches(to, x, channels), List.of(0L, channels * window.volume(), -1L));
    }

    private static List<Long> spatial(Map<String, List<Long>> shapes, String value) {
        List<Long> shape = shapes.getOrDefault(value, List.of());
        return shape.subList(2, shape.size());
    }

    /** From [N, G * size, places] to [G, size, N * places]. */
    private String byGroup(Emitter to, String value, int size) {
        String split = to.reshape(value, List.of(0L, (long) groups, (long) size, -1L));
        return to.reshape(to.transpose(split, List.of(1L, 2L, 0L, 3L)), List.of((long) groups, (long) size, -1L));
    }

    /** With a row of ones, made of what is there as nobody knows how many. */
    private static String withOne(Emitter to, String value) {
        var axis = Map.of("axis", Attribute.of(1L));
        String row = to.emit("Gather", axis, value, to.longs(List.of(0L)));
        return to.emit("Concat", axis, value, to.emit("Exp", to.emit("Sub", row, row)));
    }

    /**
     * {@return the weights of the layer as columns [D + 1][O] of one group}
     *
     * @param weights of the layer
     * @param bias of the layer; empty if it has none
     */
    double[][] columns(float[] weights, float[] bias, int group) {
        double[][] columns = new double[inputs + 1][outputs];
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                columns[i][o] = weights[at(group, o, i)];
            }
            columns[inputs][o] = bias.length == 0 ? 0 : bias[group * outputs + o];
        }
        return columns;
    }

    /** Puts {@link #columns} back. */
    void put(double[][] columns, float[] weights, float[] bias, int group) {
        for (int o = 0; o < outputs; o++) {
            for (int i = 0; i < inputs; i++) {
                weights[at(group, o, i)] = (float) columns[i][o];
            }
            bias[group * outputs + o] = (float) columns[inputs][o];
        }
    }

    private int at(int group, int output, int input) {
        boolean inputsFirst = node.is("Gemm") && node.intOr("transB", 0) == 0;
        return inputsFirst ? input * outputs + output : (group * outputs + output) * inputs + input;
    }
}
