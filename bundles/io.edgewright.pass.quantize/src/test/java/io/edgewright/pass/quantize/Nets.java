// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Builds small models: x: FLOAT32 [1, 3, 8, 8]. Each operation's value is named like it. */
final class Nets {

    static final List<Long> SHAPE = List.of(1L, 3L, 8L, 8L);

    final Graph graph = new Graph("test");
    private final Random random = new Random(7);

    Nets() {
        input("x", SHAPE);
    }

    Nets input(String name, List<Long> shape) {
        List<ValueInfo> inputs = new ArrayList<>(graph.inputs());
        inputs.add(
                ValueInfo.of(name, DataType.FLOAT32, shape.stream().map(Dim::of).toList()));
        graph.setInputs(inputs);
        return this;
    }

    Nets node(String operator, String output, String... inputs) {
        graph.add(new Node(operator, List.of(inputs), List.of(output)).named(output));
        return this;
    }

    Nets set(String attribute, Attribute value) {
        graph.nodes().get(graph.nodes().size() - 1).set(attribute, value);
        return this;
    }

    /** A 3x3 convolution with bias that keeps height and width. */
    Nets conv(String output, String input, long from, long to) {
        constant(output + ".w", random(0.3f, to, from, 3, 3));
        constant(output + ".b", random(0.1f, to));
        return node("Conv", output, input, output + ".w", output + ".b")
                .set("pads", Attribute.ofInts(List.of(1L, 1L, 1L, 1L)));
    }

    Nets constant(String name, Weights weights) {
        graph.setInitializer(name, weights);
        return this;
    }

    float[] floats(String constant) {
        return graph.constant(constant).orElseThrow().toFloats();
    }

    Weights random(float scale, long... shape) {
        List<Long> dims = Arrays.stream(shape).boxed().toList();
        float[] values = new float[(int) Tensor.elements(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian() * scale;
        }
        return Weights.ofFloats(dims, values);
    }

    FileModel write(Path folder, String... outputs) throws IOException {
        return write(folder, 13, outputs);
    }

    FileModel write(Path folder, long opset, String... outputs) throws IOException {
        graph.setOutputs(Arrays.stream(outputs).map(ValueInfo::untyped).toList());
        Path file = folder.resolve("model.onnx");
        try (OnnxModel model = OnnxModel.of(8, opset, graph)) {
            graph.nodes().forEach(n -> model.opsets().putIfAbsent(n.domain(), 1L));
            model.write(file);
        }
        return FileModel.of(file, "onnx");
    }

    /** x -> MatMul with Relu -> Gemm: y: FLOAT32 [1, 3, 8, 8] -> [24, 10]. */
    static Nets perceptron() {
        Nets nets = new Nets();
        nets.constant("rows", Weights.ofLongs(List.of(2L), 24, 8)).node("Reshape", "flat", "x", "rows");
        nets.constant("m.w", nets.random(0.4f, 8, 48))
                .node("MatMul", "m", "flat", "m.w")
                .node("Relu", "r", "m");
        nets.constant("d.w", nets.random(0.3f, 10, 48)).constant("d.b", nets.random(0.1f, 10));
        return nets.node("Gemm", "y", "r", "d.w", "d.b").set("transB", Attribute.of(1L));
    }

    /** x -> conv, Relu -> conv, Relu -> + -> GlobalAveragePool -> Gemm: what a small classifier is made of. */
    static Nets residual() {
        Nets nets = new Nets();
        nets.conv("c1", "x", 3, 8).node("Relu", "r1", "c1");
        nets.conv("c2", "r1", 8, 8).node("Add", "sum", "c2", "r1").node("Relu", "r2", "sum");
        nets.conv("c3", "r2", 8, 16).node("Relu", "r3", "c3");
        nets.node("GlobalAveragePool", "mean", "r3").node("Flatten", "flat", "mean");
        nets.constant("d.w", nets.random(0.3f, 10, 16)).constant("d.b", nets.random(0.1f, 10));
        return nets.node("Gemm", "y", "flat", "d.w", "d.b").set("transB", Attribute.of(1L));
    }

    /** {@return inputs x of normal distribution} */
    static List<Map<String, Tensor>> samples(int count) {
        var random = new Random(11);
        List<Map<String, Tensor>> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] values = new float[3 * 8 * 8];
            for (int j = 0; j < values.length; j++) {
                values[j] = (float) random.nextGaussian();
            }
            samples.add(Map.of("x", Tensor.ofFloats(SHAPE, values)));
        }
        return samples;
    }
}
