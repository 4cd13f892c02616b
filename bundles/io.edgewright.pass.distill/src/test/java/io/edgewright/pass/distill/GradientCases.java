// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import io.edgewright.onnx.emit.Emitter;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Each operator in each form that its gradient treats differently. */
final class GradientCases {

    static final int OPSET = 17;

    private GradientCases() {}

    /**
     * One node, or a few, from inputs {@code 0}, {@code 1}, ... to {@code y}.
     *
     * @param least the least input
     * @param most the greatest
     */
    record Case(String name, List<List<Long>> shapes, float least, float most, Write write) {

        @Override
        public String toString() {
            return name;
        }
    }

    /** Adds the nodes; what is not an input is a constant. */
    @FunctionalInterface
    interface Write {

        Node last(Graph graph);
    }

    private static List<Long> shape(long... sizes) {
        return Arrays.stream(sizes).boxed().toList();
    }

    private static Attribute ints(long... values) {
        return Attribute.ofInts(shape(values));
    }

    private static Node node(String operator, int inputs) {
        return new Node(
                operator, IntStream.range(0, inputs).mapToObj(String::valueOf).toList(), List.of("y"));
    }

    private static Case of(String name, Node node, List<List<Long>> shapes) {
        return new Case(name, shapes, -2, 2, graph -> graph.add(node));
    }

    private static Case positive(String name, Node node, List<List<Long>> shapes) {
        return new Case(name, shapes, 0.5f, 3, graph -> graph.add(node));
    }

    /** With constant integers as further inputs. */
    private static Case with(String name, Node node, List<long[]> constants, List<List<Long>> shapes) {
        return new Case(name, shapes, -2, 2, graph -> {
            for (int i = 0; i < constants.size(); i++) {
                long[] values = constants.get(i);
                graph.setInitializer("c" + i, Weights.ofLongs(List.of((long) values.length), values));
                node.setInput(shapes.size() + i, "c" + i);
            }
            return graph.add(node);
        });
    }

    static Stream<Case> all() {
        return Stream.of(convolutions(), poolings(), products(), functions(), arithmetic(), reductions(), layouts())
                .flatMap(s -> s);
    }

    private static Stream<Case> convolutions() {
        return Stream.of(
                of(
                        "Conv",
                        node("Conv", 3).set("pads", ints(1, 1, 1, 1)),
                        List.of(shape(2, 3, 5, 6), shape(4, 3, 3, 3), shape(4))),
                of("Conv of one place", node("Conv", 2), List.of(shape(2, 3, 4, 4), shape(5, 3, 1, 1))),
                of(
                        "Conv with strides that leave a rest and uneven padding",
                        node("Conv", 2).set("strides", ints(2, 3)).set("pads", ints(1, 0, 2, 1)),
                        List.of(shape(2, 2, 8, 9), shape(3, 2, 3, 2))),
                of(
                        "Conv with dilations",
                        node("Conv", 2).set("dilations", ints(2, 2)),
                        List.of(shape(1, 2, 7, 7), shape(3, 2, 3, 3))),
                of(
                        "Conv in groups",
                        node("Conv", 3).set("group", Attribute.of(2)),
                        List.of(shape(2, 4, 5, 5), shape(6, 2, 3, 3), shape(6))),
                of(
                        "Conv by depth",
                        node("Conv", 2)
                                .set("group", Attribute.of(4))
                                .set("pads", ints(1, 1, 1, 1))
                                .set("strides", ints(2, 2)),
                        List.of(shape(2, 4, 6, 6), shape(4, 1, 3, 3))),
                of(
                        "Conv by depth, two for each channel",
                        node("Conv", 2).set("group", Attribute.of(3)),
                        List.of(shape(2, 3, 5, 5), shape(6, 1, 2, 2))),
                of(
                        "Conv padded automatically",
                        node("Conv", 2)
                                .set("auto_pad", Attribute.of("SAME_UPPER"))
                                .set("strides", ints(2, 2)),
                        List.of(shape(1, 2, 6, 7), shape(3, 2, 3, 3))),
                of(
                        "Conv padded automatically before",
                        node("Conv", 2).set("auto_pad", Attribute.of("SAME_LOWER")),
                        List.of(shape(1, 2, 6, 6), shape(3, 2, 2, 2))),
                of(
                        "Conv of one axis",
                        node("Conv", 2).set("pads", ints(1, 1)),
                        List.of(shape(2, 3, 9), shape(4, 3, 3))));
    }

    private static Stream<Case> poolings() {
        return Stream.of(
                of(
                        "MaxPool",
                        node("MaxPool", 1).set("kernel_shape", ints(2, 2)).set("strides", ints(2, 2)),
                        List.of(shape(2, 3, 6, 6))),
                of(
                        "MaxPool with windows that overlap, and padding",
                        node("MaxPool", 1)
                                .set("kernel_shape", ints(3, 3))
                                .set("strides", ints(2, 2))
                                .set("pads", ints(1, 1, 1, 1)),
                        List.of(shape(2, 2, 7, 7))),
                of(
                        "MaxPool with a last window that is cut",
                        node("MaxPool", 1)
                                .set("kernel_shape", ints(3, 3))
                                .set("strides", ints(2, 2))
                                .set("ceil_mode", Attribute.of(1)),
                        List.of(shape(1, 2, 6, 6))),
                of("AveragePool", node("AveragePool", 1).set("kernel_shape", ints(2, 2)), List.of(shape(2, 2, 5, 5))),
                of(
                        "AveragePool that leaves padding out",
                        node("AveragePool", 1)
                                .set("kernel_shape", ints(3, 3))
                                .set("strides", ints(2, 2))
                                .set("pads", ints(1, 1, 1, 1)),
                        List.of(shape(1, 3, 6, 6))),
                of(
                        "AveragePool that counts padding",
                        node("AveragePool", 1)
                                .set("kernel_shape", ints(3, 3))
                                .set("pads", ints(1, 1, 1, 1))
                                .set("count_include_pad", Attribute.of(1)),
                        List.of(shape(1, 3, 5, 5))),
                of("GlobalAveragePool", node("GlobalAveragePool", 1), List.of(shape(2, 3, 4, 5))),
                of("GlobalMaxPool", node("GlobalMaxPool", 1), List.of(shape(2, 3, 4, 5))),
                new Case("Resize to the double", List.of(shape(1, 2, 3, 4)), -2, 2, graph -> {
                    graph.setInitializer("scales", Weights.ofFloats(List.of(4L), 1, 1, 2, 2));
                    return graph.add(new Node("Resize", List.of("0", "", "scales"), List.of("y"))
                            .set("coordinate_transformation_mode", Attribute.of("asymmetric"))
                            .set("nearest_mode", Attribute.of("floor")));
                }));
    }

    private static Stream<Case> products() {
        return Stream.of(
                of("Gemm", node("Gemm", 3), List.of(shape(3, 4), shape(4, 5), shape(5))),
                of(
                        "Gemm, transposed and scaled",
                        node("Gemm", 3)
                                .set("transB", Attribute.of(1))
                                .set("alpha", Attribute.of(0.5f))
                                .set("beta", Attribute.of(2f)),
                        List.of(shape(3, 4), shape(5, 4), shape(1, 5))),
                of("MatMul", node("MatMul", 2), List.of(shape(3, 4), shape(4, 2))),
                of("MatMul of batches", node("MatMul", 2), List.of(shape(2, 3, 4), shape(2, 4, 2))),
                of("MatMul of a batch with one matrix", node("MatMul", 2), List.of(shape(2, 3, 4), shape(4, 2))));
    }

    private static Stream<Case> functions() {
        Stream<Case> anywhere = Stream.of(
                        "Relu",
                        "LeakyRelu",
                        "Sigmoid",
                        "Tanh",
                        "Exp",
                        "Abs",
                        "Neg",
                        "Softplus",
                        "Erf",
                        "Elu",
                        "Identity",
                        "Dropout")
                .map(operator -> new Case(operator, List.of(shape(3, 7)), -2, 2, g -> g.add(node(operator, 1))));
        Stream<Case> bent = Stream.of("HardSigmoid", "HardSwish")
                .map(operator -> new Case(operator, List.of(shape(4, 9)), -5, 5, g -> g.add(node(operator, 1))));
        Stream<Case> positive = Stream.of("Log", "Sqrt", "Reciprocal")
                .map(operator -> new Case(operator, List.of(shape(3, 7)), 0.5f, 3, g -> g.add(node(operator, 1))));
        Case clip = new Case("Clip", List.of(shape(4, 9)), -2, 9, graph -> {
            graph.setInitializer("low", Weights.ofFloats(List.of(), 0));
            graph.setInitializer("high", Weights.ofFloats(List.of(), 6));
            return graph.add(new Node("Clip", List.of("0", "low", "high"), List.of("y")));
        });
        Case slopes = of("PRelu", node("PRelu", 2), List.of(shape(2, 3, 4), shape(3, 1)));
        return Stream.of(anywhere, bent, positive, Stream.of(clip, slopes)).flatMap(s -> s);
    }

    private static Stream<Case> arithmetic() {
        return Stream.of(
                of("Add", node("Add", 2), List.of(shape(2, 3, 4), shape(2, 3, 4))),
                of("Add repeated along an axis", node("Add", 2), List.of(shape(2, 3, 4), shape(3, 1))),
                of("Sub repeated along an axis", node("Sub", 2), List.of(shape(1, 4), shape(2, 3, 4))),
                of("Mul of a channel", node("Mul", 2), List.of(shape(2, 3, 4, 4), shape(2, 3, 1, 1))),
                positive("Div", node("Div", 2), List.of(shape(2, 3), shape(2, 3))),
                positive("Div repeated along an axis", node("Div", 2), List.of(shape(2, 3), shape(2, 1))),
                new Case("Pow", List.of(shape(2, 5)), 0.5f, 2, graph -> {
                    graph.setInitializer("p", Weights.ofFloats(List.of(), 3));
                    return graph.add(new Node("Pow", List.of("0", "p"), List.of("y")));
                }));
    }

    private static Stream<Case> reductions() {
        return Stream.of(
                of("Softmax", node("Softmax", 1), List.of(shape(3, 5))),
                of("LogSoftmax", node("LogSoftmax", 1), List.of(shape(3, 5))),
                of("ReduceMean", node("ReduceMean", 1).set("axes", ints(1, -1)), List.of(shape(2, 3, 4))),
                of(
                        "ReduceMean without its axis",
                        node("ReduceMean", 1).set("axes", ints(1)).set("keepdims", Attribute.of(0)),
                        List.of(shape(2, 3, 4))),
                with("ReduceSum", node("ReduceSum", 1), List.of(new long[] {0, 2}), List.of(shape(2, 3, 4))),
                new Case("BatchNormalization that keeps its statistics", normalized(), -2, 2, graph -> {
                    graph.setInitializer("mean", Weights.ofFloats(List.of(3L), 0.1f, -0.2f, 0.3f));
                    graph.setInitializer("variance", Weights.ofFloats(List.of(3L), 0.5f, 1.5f, 2));
                    return graph.add(normalization());
                }),
                new Case("BatchNormalization with the statistics of the batch", normalized(), -2, 2, graph -> {
                    var to = new Emitter(graph, "batch/", OPSET);
                    String mean = to.mean("0", shape(0, 2, 3));
                    String centred = to.emit("Sub", "0", mean);
                    String variance = to.mean(to.emit("Mul", centred, centred), shape(0, 2, 3));
                    Node node = graph.add(normalization());
                    node.setInput(3, to.reshape(mean, shape(3)));
                    node.setInput(4, to.reshape(variance, shape(3)));
                    return node;
                }));
    }

    private static List<List<Long>> normalized() {
        return List.of(shape(4, 3, 2, 2), shape(3), shape(3));
    }

    private static Node normalization() {
        return new Node("BatchNormalization", List.of("0", "1", "2", "mean", "variance"), List.of("y"));
    }

    private static Stream<Case> layouts() {
        return Stream.of(
                of("Flatten", node("Flatten", 1), List.of(shape(2, 3, 4))),
                with("Reshape", node("Reshape", 1), List.of(new long[] {2, 2, -1}), List.of(shape(2, 3, 4))),
                with("Squeeze", node("Squeeze", 1), List.of(new long[] {1}), List.of(shape(2, 1, 4))),
                with("Unsqueeze", node("Unsqueeze", 1), List.of(new long[] {0}), List.of(shape(2, 4))),
                of("Transpose", node("Transpose", 1).set("perm", ints(2, 0, 1)), List.of(shape(2, 3, 4))),
                of("Concat", node("Concat", 2).set("axis", Attribute.of(1)), List.of(shape(2, 3), shape(2, 2))),
                with(
                        "Slice",
                        node("Slice", 1),
                        List.of(new long[] {1, -3}, new long[] {2, 9}, new long[] {0, 2}),
                        List.of(shape(3, 2, 5))),
                with(
                        "Gather of one place",
                        node("Gather", 1).set("axis", Attribute.of(1)),
                        List.of(new long[] {-1}),
                        List.of(shape(2, 3, 4))),
                with("Pad", node("Pad", 1), List.of(new long[] {1, 0, 0, 2}), List.of(shape(2, 3))),
                new Case("Split of which one part is used", List.of(shape(2, 5)), -2, 2, graph -> {
                    graph.setInitializer("sizes", Weights.ofLongs(List.of(2L), 2, 3));
                    graph.add(new Node("Split", List.of("0", "sizes"), List.of("unused", "part"))
                            .set("axis", Attribute.of(1)));
                    return graph.add(new Node("Neg", List.of("part"), List.of("y")));
                }));
    }
}
