// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnxruntime.session.ModelProbe;
import io.edgewright.testkit.Closeness;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small model with the FLOAT32 input x and the output y, to which one rewrite is applied; answers are compared. */
final class Rewriting {

    private final Graph graph = new Graph("test");
    private final List<Long> inputShape;
    private final Path dir;
    private final long opset;
    private final Random random = new Random(20261122);

    Rewriting(Path dir, long opset, Long... inputShape) {
        this.dir = dir;
        this.opset = opset;
        this.inputShape = List.of(inputShape);
        graph.setInputs(List.of(ValueInfo.of(
                "x", DataType.FLOAT32, Arrays.stream(inputShape).map(Dim::of).toList())));
        graph.setOutputs(List.of(ValueInfo.untyped("y")));
    }

    Graph graph() {
        return graph;
    }

    Node node(String operator, List<String> inputs, String... outputs) {
        return graph.add(new Node(operator, inputs, List.of(outputs)));
    }

    Rewriting alsoOutput(String value) {
        List<ValueInfo> outputs = new ArrayList<>(graph.outputs());
        outputs.add(ValueInfo.untyped(value));
        graph.setOutputs(outputs);
        return this;
    }

    /** Adds a constant of numbers between 0.5 and 1.5. {@return its name} */
    String constant(String name, Long... shape) {
        float[] values = new float[Math.toIntExact(Tensor.elements(List.of(shape)))];
        for (int i = 0; i < values.length; i++) {
            values[i] = 0.5f + random.nextFloat();
        }
        graph.setInitializer(name, Weights.ofFloats(List.of(shape), values));
        return name;
    }

    String constant(String name, Weights weights) {
        graph.setInitializer(name, weights);
        return name;
    }

    /** Applies the rewrite once, and checks that it found so much and that the answers are the same. {@return the operators left} */
    List<String> apply(Rewrite rewrite, int expected) throws IOException, InferenceException {
        OnnxModel model = OnnxModel.of(8, opset, graph);
        Path file = dir.resolve("before.onnx");
        model.write(file);
        Map<String, Tensor> inputs = Map.of("x", input());
        Map<String, Tensor> before = Engine.run(file, inputs);
        Path exposed = dir.resolve("exposed.onnx");
        model.exposed().write(exposed);
        ModelProbe.outputTypes(exposed, graph::describe);

        assertThat(rewrite.apply(graph)).as(rewrite.figure()).isEqualTo(expected);

        graph.removeUnused();
        Path after = dir.resolve("after.onnx");
        model.write(after);
        Map<String, Tensor> found = Engine.run(after, inputs);
        assertThat(found.keySet()).isEqualTo(before.keySet());
        before.forEach((name, tensor) -> {
            assertThat(found).containsKey(name);
            Tensor answer = found.getOrDefault(name, tensor);
            assertThat(Closeness.difference(tensor, answer)).as(name).isEmpty();
        });
        return graph.nodes().stream().map(Node::opType).toList();
    }

    FoldConstants foldConstants(long largestBytes) {
        return new FoldConstants(OnnxModel.of(8, opset, graph), dir, largestBytes);
    }

    private Tensor input() {
        float[] values = new float[Math.toIntExact(Tensor.elements(inputShape))];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() * 4 - 2;
        }
        return Tensor.ofFloats(inputShape, values);
    }
}
