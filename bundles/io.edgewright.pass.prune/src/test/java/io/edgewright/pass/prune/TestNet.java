// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnxruntime.graph.GraphRun;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Random;

/**
 * Small networks with an input {@code x: FLOAT32 [1, C, 6, 6]} and an output {@code y}. In each layer every other channel is dead: its
 * weights are zero, so that taking out half of the channels must not change the answers.
 */
final class TestNet {

    private final Graph graph = new Graph("net");
    private final Random random = new Random(5);
    private long opset = 17;
    private int made;

    TestNet(int channels) {
        graph.setInputs(List.of(
                ValueInfo.of("x", DataType.FLOAT32, List.of(Dim.of(1), Dim.of(channels), Dim.of(6), Dim.of(6)))));
    }

    TestNet opset(long version) {
        opset = version;
        return this;
    }

    Graph graph() {
        return graph;
    }

    /** {@return the output of a node} */
    String node(String operator, Map<String, Attribute> attributes, String... inputs) {
        String name = operator.toLowerCase(Locale.ROOT) + made++;
        Node node = new Node(operator, List.of(inputs), List.of(name)).named(name);
        attributes.forEach(node::set);
        graph.add(node);
        return name;
    }

    String relu(String input) {
        return node("Relu", Map.of(), input);
    }

    /** A 3x3 convolution with a bias of zeros for dead channels. */
    String conv(String input, int from, int to, int group) {
        int each = from / group;
        float[] kernel = weights(to, each * 9);
        String weights = constant(Weights.ofFloats(List.of((long) to, (long) each, 3L, 3L), kernel));
        String bias = constant(Weights.ofFloats(List.of((long) to), weights(to, 1)));
        return node(
                "Conv",
                Map.of("pads", Attribute.ofInts(List.of(1L, 1L, 1L, 1L)), "group", Attribute.of((long) group)),
                input,
                weights,
                bias);
    }

    /** A matrix whose outputs all live. */
    String gemm(String input, int from, int to) {
        float[] matrix = new float[from * to];
        for (int i = 0; i < matrix.length; i++) {
            matrix[i] = (float) random.nextGaussian();
        }
        String weights = constant(Weights.ofFloats(List.of((long) to, (long) from), matrix));
        return node("Gemm", Map.of("transB", Attribute.of(1)), input, weights);
    }

    String constant(Weights weights) {
        String name = "w" + made++;
        graph.setInitializer(name, weights);
        return name;
    }

    String longs(long... values) {
        return constant(Weights.ofLongs(List.of((long) values.length), values));
    }

    private float[] weights(int outputs, int each) {
        float[] values = new float[outputs * each];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / each % 2 == 0 ? (float) random.nextGaussian() : 0;
        }
        return values;
    }

    /** Ends with a mean over the picture and a matrix, and writes the file. */
    ModelFile end(String last, int channels, Path folder) throws IOException {
        String flat = node("Flatten", Map.of(), node("GlobalAveragePool", Map.of(), last));
        return write(gemm(flat, channels, 3), folder);
    }

    ModelFile write(String output, Path folder) throws IOException {
        graph.add(new Node("Identity", List.of(output), List.of("y")));
        graph.setOutputs(List.of(ValueInfo.of("y", DataType.FLOAT32)));
        Path file = folder.resolve("net.onnx");
        OnnxModel.of(8, opset, graph).write(file);
        return FileModel.of(file, "onnx");
    }

    static List<Map<String, Tensor>> samples(int count, int channels) {
        var random = new Random(9);
        List<Map<String, Tensor>> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] values = new float[channels * 36];
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) random.nextGaussian();
            }
            samples.add(Map.of("x", Tensor.ofFloats(List.of(1L, (long) channels, 6L, 6L), values)));
        }
        return samples;
    }

    static Tensor picture(Map<String, Tensor> sample) {
        return Objects.requireNonNull(sample.get("x"));
    }

    /** {@return the answers to some samples, one after the other} */
    static float[] answers(Path file, List<Map<String, Tensor>> samples) throws Exception {
        float[] all = new float[0];
        try (GraphRun run = GraphRun.open(file, Map.of())) {
            for (Map<String, Tensor> sample : samples) {
                run.input("x").floatBuffer().put(0, picture(sample).toFloats());
                run.run();
                float[] answer = run.output("y").toFloats();
                int at = all.length;
                all = Arrays.copyOf(all, at + answer.length);
                System.arraycopy(answer, 0, all, at, answer.length);
            }
        }
        return all;
    }

    /** {@return the shape of each constant that nodes of an operator read as their second input, in order} */
    static List<List<Long>> shapes(Path file, String operator) throws IOException {
        try (OnnxModel model = OnnxModel.read(file)) {
            return model.graph().nodes().stream()
                    .filter(n -> n.is(operator))
                    .map(n -> model.graph().constant(n.input(1)).orElseThrow().shape())
                    .toList();
        }
    }
}
