// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnx.emit.Emitter;
import io.edgewright.onnx.emit.FloatModel;
import io.edgewright.onnx.emit.Graft;
import io.edgewright.onnxruntime.session.ModelProbe;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Teacher, student, loss and gradients in one graph. It takes a batch of samples and the student's weights, and gives the loss, the
 * gradient of each weight, and the statistics of the batch.
 *
 * @param weights the student's weights that are learnt; each is an input {@code student/NAME} and, if the loss depends on it, has an
 *     output {@code gradient/NAME}
 * @param statistics the student's statistics that are learnt, each an output {@code statistics/NAME}; empty if they stay
 * @param bytesPerSample what all values together take for one sample; ONNX Runtime needs less, as it uses memory again
 */
record TrainingGraph(List<String> weights, List<String> statistics, long bytesPerSample) {

    static final String LOSS = "loss";
    static final String GRADIENT = "gradient/";
    static final String STATISTICS = "statistics/";

    private static final long OLDEST_OPSET = 8;

    /**
     * Writes the graph.
     *
     * @param teacher the model to learn from, in the form of {@link FloatModel#plain}
     * @param student the model that learns, in that form
     * @param inputs the shapes of the inputs of a batch
     * @param objective what is asked for
     * @param batchStatistics true if normalizations take the statistics of the batch
     * @param file where to
     */
    static TrainingGraph write(
            OnnxModel teacher,
            OnnxModel student,
            Map<String, List<Long>> inputs,
            Objective objective,
            boolean batchStatistics,
            Path file)
            throws OptimizationException {
        if (student.opset() < OLDEST_OPSET || teacher.opset() != student.opset()) {
            throw unsupported("teacher and student have opsets %d and %d, expected the same, %d or later"
                    .formatted(teacher.opset(), student.opset(), OLDEST_OPSET));
        }
        Graph graph = new Graph("training");
        Graft.copy(teacher.graph(), graph, Objective.TEACHER);
        Graft.copy(student.graph(), graph, Objective.STUDENT);
        List<String> weights = Trainable.of(student.graph());
        feed(graph, student.graph(), inputs, weights);
        OnnxModel model = OnnxModel.of(Math.max(7, student.irVersion()), student.opset(), graph);
        student.opsets().forEach(model.opsets()::putIfAbsent);
        var to = new Emitter(graph, "forward/", student.opset());
        graph.sort();
        Shapes shapes = shapes(model, file);
        Map<String, String> learnt =
                batchStatistics ? BatchStatistics.take(graph, to, Objective.STUDENT, shapes) : Map.of();
        String loss = loss(objective, student.graph(), to, shapes);
        graph.sort();
        Map<String, String> gradients = differentiate(model, shapes(model, file), loss, weights);
        List<String> statistics = expose(to, loss, gradients, learnt);
        graph.removeUnused();
        List<String> reached = weights.stream()
                .filter(w -> gradients.containsKey(Objective.STUDENT + w))
                .toList();
        long bytes = bytes(model, file)
                / Math.max(1, inputs.values().iterator().next().get(0));
        write(model, file);
        return new TrainingGraph(reached, statistics, bytes);
    }

    /** Names what the graph gives. {@return the statistics among it} */
    private static List<String> expose(
            Emitter to, String loss, Map<String, String> gradients, Map<String, String> learnt) {
        to.output(loss, LOSS);
        gradients.forEach(
                (weight, gradient) -> to.output(gradient, GRADIENT + weight.substring(Objective.STUDENT.length())));
        List<String> statistics = new ArrayList<>();
        learnt.forEach((batch, name) -> {
            String own = name.substring(Objective.STUDENT.length());
            if (!statistics.contains(own)) {
                statistics.add(own);
                to.output(batch, STATISTICS + own);
            }
        });
        return List.copyOf(statistics);
    }

    private static void feed(Graph graph, Graph student, Map<String, List<Long>> inputs, List<String> weights) {
        List<ValueInfo> fed = new ArrayList<>();
        for (ValueInfo input : student.inputs()) {
            fed.add(ValueInfo.of(
                    input.name(), input.type().orElseThrow(), dims(inputs.getOrDefault(input.name(), List.of()))));
        }
        for (String name : weights) {
            Weights value = student.initializer(name).orElseThrow();
            graph.removeInitializer(Objective.STUDENT + name);
            fed.add(ValueInfo.of(Objective.STUDENT + name, DataType.FLOAT32, dims(value.shape())));
        }
        graph.setInputs(fed);
    }

    private static List<Dim> dims(List<Long> shape) {
        return shape.stream().map(Dim::of).toList();
    }

    private static String loss(Objective objective, Graph student, Emitter to, Shapes shapes)
            throws OptimizationException {
        try {
            return objective.write(student, to, shapes);
        } catch (NoGradientException e) {
            throw unsupported(String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, String> differentiate(OnnxModel model, Shapes shapes, String loss, List<String> weights)
            throws OptimizationException {
        Set<String> inputs = new HashSet<>();
        weights.forEach(w -> inputs.add(Objective.STUDENT + w));
        try {
            Map<String, String> gradients = Backward.write(model.graph(), model.opset(), shapes, loss, inputs);
            if (gradients.isEmpty()) {
                throw unsupported("its answers depend on no weight that can be learnt");
            }
            return gradients;
        } catch (NoGradientException e) {
            throw unsupported(String.valueOf(e.getMessage()).replace(Objective.STUDENT, ""));
        }
    }

    private static OptimizationException unsupported(String why) {
        return new OptimizationException(Reason.UNSUPPORTED, "distill: " + why);
    }

    /** {@return the shapes of all values of a model whose inputs have fixed ones} */
    static Shapes shapes(OnnxModel model, Path file) throws OptimizationException {
        Map<String, List<Long>> shapes = new HashMap<>();
        write(FloatModel.exposed(model), file);
        try {
            ModelProbe.outputTypes(file, (name, type, shape, symbols) -> {
                if (Arrays.stream(shape).allMatch(d -> d >= 0) && (shape.length > 0 || isOurs(name))) {
                    shapes.put(name, Arrays.stream(shape).boxed().toList());
                }
            });
        } catch (InferenceException e) {
            throw unsupported(String.valueOf(e.getMessage()));
        }
        model.graph().initializers().forEach((name, weights) -> shapes.put(name, weights.shape()));
        for (ValueInfo input : model.graph().inputs()) {
            input.shape()
                    .ifPresent(s ->
                            shapes.put(input.name(), s.stream().map(Dim::size).toList()));
        }
        return new Shapes(shapes);
    }

    /** What a model makes and has no dimensions may be of any rank; what is added to it is a scalar then. */
    private static boolean isOurs(String name) {
        return !name.startsWith(Objective.STUDENT) && !name.startsWith(Objective.TEACHER);
    }

    private static long bytes(OnnxModel model, Path file) throws OptimizationException {
        return shapes(model, file).all().values().stream()
                .mapToLong(shape -> 4 * shape.stream().reduce(1L, (a, b) -> a * b))
                .sum();
    }

    private static void write(OnnxModel model, Path file) throws OptimizationException {
        try {
            model.write(file);
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " could not be written: " + e.getMessage(), e);
        }
    }
}
