// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.emit.Emitter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a student is asked for, as a scalar of a graph that holds both models: to answer like its teacher, and to look where its
 * teacher looks.
 *
 * @param temperature how much the scores of classes are smoothed (Hinton et al., Distilling the Knowledge, 2015)
 * @param features how much looking alike counts against answering alike; 0 not to ask for it
 */
record Objective(float temperature, float features) {

    /** How the values of the two models begin. */
    static final String STUDENT = "student/";

    static final String TEACHER = "teacher/";

    /** {@return the loss of a batch} */
    String write(Graph model, Emitter to, Shapes shapes) throws NoGradientException {
        List<String> parts = new ArrayList<>();
        for (ValueInfo output : model.outputs()) {
            parts.add(answers(model, output.name(), to, shapes));
        }
        List<Pair> pairs = features > 0 ? pairs(to.graph(), shapes) : List.of();
        for (Pair pair : pairs) {
            parts.add(to.emit("Mul", attention(to, pair, shapes), to.scalar(features / pairs.size())));
        }
        String total = parts.get(0);
        for (String part : parts.subList(1, parts.size())) {
            total = to.emit("Add", total, part);
        }
        return total;
    }

    /** Of classes the divergence of Kullback and Leibler, of other numbers the squared error over the squares. */
    private String answers(Graph model, String output, Emitter to, Shapes shapes) throws NoGradientException {
        if (!shapes.knows(STUDENT + output)) {
            throw NoGradientException.shapeless(model.producer(output).orElseThrow(), output);
        }
        Optional<Node> softmax = model.producer(output).filter(n -> n.is("Softmax"));
        String scores = softmax.map(n -> n.input(0)).orElse(output);
        List<Long> shape = shapes.of(STUDENT + scores);
        boolean classes = shape.size() == 2 && shape.get(1) > 1;
        return classes
                ? divergence(to, STUDENT + scores, TEACHER + scores, shape)
                : error(to, STUDENT + output, TEACHER + output, shapes.of(STUDENT + output));
    }

    private String divergence(Emitter to, String student, String teacher, List<Long> shape) {
        var last = Map.of("axis", Attribute.of(1L));
        String cool = to.scalar(1 / temperature);
        String wanted = to.emit("LogSoftmax", last, to.emit("Mul", teacher, cool));
        String found = to.emit("LogSoftmax", last, to.emit("Mul", student, cool));
        String gap = to.emit("Mul", to.emit("Exp", wanted), to.emit("Sub", wanted, found));
        return to.emit("Mul", to.sum(gap, List.of(0L, 1L), false), to.scalar(temperature * temperature / shape.get(0)));
    }

    private static String error(Emitter to, String student, String teacher, List<Long> shape) {
        List<Long> axes = new ArrayList<>();
        for (long i = 0; i < shape.size(); i++) {
            axes.add(i);
        }
        String gap = to.emit("Sub", student, teacher);
        String size = to.emit("Add", to.sum(to.emit("Mul", teacher, teacher), axes, false), to.scalar(1e-6f));
        return to.emit("Div", to.sum(to.emit("Mul", gap, gap), axes, false), size);
    }

    /**
     * Where a layer looks: the mean square over its channels, as a direction (Zagoruyko and Komodakis, Paying More Attention to
     * Attention, 2017). It does not matter how many channels there are.
     */
    private static String attention(Emitter to, Pair pair, Shapes shapes) {
        String gap = to.emit("Sub", direction(to, pair.student(), shapes), direction(to, pair.teacher(), shapes));
        float batch = shapes.of(pair.student()).get(0);
        return to.emit("Mul", to.sum(to.emit("Mul", gap, gap), List.of(0L, 1L), false), to.scalar(1 / batch));
    }

    private static String direction(Emitter to, String value, Shapes shapes) {
        String map = to.mean(to.emit("Mul", value, value), List.of(1L));
        String flat = to.reshape(map, List.of(shapes.of(value).get(0), -1L));
        String length = to.emit(
                "Sqrt", to.emit("Add", to.sum(to.emit("Mul", flat, flat), List.of(1L), true), to.scalar(1e-12f)));
        return to.emit("Div", flat, length);
    }

    /** The last values of a picture size that both have. */
    private record Pair(String student, String teacher) {}

    private static List<Pair> pairs(Graph graph, Shapes shapes) {
        Map<List<Long>, String> students = lastBySize(graph, STUDENT, shapes);
        Map<List<Long>, String> teachers = lastBySize(graph, TEACHER, shapes);
        students.keySet().retainAll(teachers.keySet());
        return students.entrySet().stream()
                .map(e -> new Pair(e.getValue(), teachers.getOrDefault(e.getKey(), "")))
                .toList();
    }

    private static Map<List<Long>, String> lastBySize(Graph graph, String prefix, Shapes shapes) {
        Map<List<Long>, String> found = new LinkedHashMap<>();
        for (Node node : graph.nodes()) {
            List<Long> shape = shapes.knows(node.output(0)) ? shapes.of(node.output(0)) : List.of();
            if (node.output(0).startsWith(prefix) && shape.size() == 4 && shape.get(2) * shape.get(3) > 1) {
                found.put(shape.subList(2, 4), node.output(0));
            }
        }
        return found;
    }
}
