// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.emit.Emitter;
import io.edgewright.onnxruntime.graph.GraphRun;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Compares every gradient with what small changes of the inputs do to the output. */
class GradientTest {

    private static final int PLACES = 12;

    @TempDir
    Path folder;

    @ParameterizedTest
    @MethodSource("io.edgewright.pass.distill.GradientCases#all")
    void isWhatSmallChangesDo(GradientCases.Case one) throws Exception {
        var random = new Random(7);
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (int i = 0; i < one.shapes().size(); i++) {
            List<Long> shape = one.shapes().get(i);
            float[] values = new float[(int) Tensor.elements(shape)];
            for (int k = 0; k < values.length; k++) {
                values[k] = one.least() + (one.most() - one.least()) * random.nextFloat();
            }
            inputs.put(String.valueOf(i), Tensor.ofFloats(shape, values));
        }
        try (GraphRun run = open(one)) {
            inputs.forEach((name, value) -> run.input(name).floatBuffer().put(0, value.toFloats()));
            run.run();
            for (String name : inputs.keySet()) {
                float[] gradient = run.output("gradient/" + name).toFloats();
                assertThat(error(run, name, gradient, random))
                        .as("gradient of input " + name)
                        .isLessThan(1e-2);
            }
        }
    }

    private GraphRun open(GradientCases.Case one) throws Exception {
        Graph graph = new Graph("case");
        List<ValueInfo> inputs = new ArrayList<>();
        for (int i = 0; i < one.shapes().size(); i++) {
            inputs.add(ValueInfo.of(
                    String.valueOf(i),
                    DataType.FLOAT32,
                    one.shapes().get(i).stream().map(Dim::of).toList()));
        }
        graph.setInputs(inputs);
        one.write().last(graph);
        OnnxModel model = OnnxModel.of(8, GradientCases.OPSET, graph);
        graph.setOutputs(List.of(ValueInfo.untyped("y")));
        Path file = folder.resolve("model.onnx");
        List<Long> answer = TrainingGraph.shapes(model, file).of("y");
        var to = new Emitter(graph, "loss/", GradientCases.OPSET);
        String loss = to.emit(
                "ReduceSum",
                Map.of("keepdims", Attribute.of(0)),
                to.emit("Mul", "y", to.floats(answer, weights(answer))));
        graph.sort();
        Set<String> names = Set.copyOf(inputs.stream().map(ValueInfo::name).toList());
        Backward.write(graph, GradientCases.OPSET, TrainingGraph.shapes(model, file), loss, names)
                .forEach((name, gradient) -> to.output(gradient, "gradient/" + name));
        model.write(file);
        return GraphRun.open(file, Map.of());
    }

    /** What the loss weighs each number of the answer with. */
    private static float[] weights(List<Long> shape) {
        var random = new Random(3);
        float[] weights = new float[(int) Tensor.elements(shape)];
        for (int i = 0; i < weights.length; i++) {
            weights[i] = random.nextFloat() + 0.5f;
        }
        return weights;
    }

    /** The distance of the gradient from the differences, over their lengths, in a few places. */
    private static double error(GraphRun run, String name, float[] gradient, Random random) throws Exception {
        var input = run.input(name).floatBuffer();
        double gap = 0;
        double size = 1e-9;
        for (int i = 0; i < Math.min(PLACES, gradient.length); i++) {
            int at = random.nextInt(gradient.length);
            float before = input.get(at);
            float step = 1e-3f;
            input.put(at, before + step);
            double above = loss(run);
            input.put(at, before - step);
            double below = loss(run);
            input.put(at, before);
            double expected = (above - below) / ((before + step) - (double) (before - step));
            gap += Math.pow(gradient[at] - expected, 2);
            size += gradient[at] * gradient[at] + expected * expected;
        }
        return Math.sqrt(gap / size);
    }

    private static double loss(GraphRun run) throws Exception {
        run.run();
        Tensor answer = run.output("y");
        float[] values = answer.toFloats();
        float[] weights = weights(answer.shape());
        double sum = 0;
        for (int i = 0; i < values.length; i++) {
            sum += (double) values[i] * weights[i];
        }
        return sum;
    }

    @Test
    void saysWhichNodeHasNone() {
        Graph graph = new Graph("case");
        graph.setInputs(List.of(ValueInfo.of("0", DataType.FLOAT32, List.of(Dim.of(2), Dim.of(3)))));
        graph.add(new Node("LRN", List.of("0"), List.of("y")));

        assertThatExceptionOfType(NoGradientException.class)
                .isThrownBy(() -> Backward.write(graph, GradientCases.OPSET, new Shapes(Map.of()), "y", Set.of("0")))
                .withMessageContaining("LRN 'y'");
    }
}
