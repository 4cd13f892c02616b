// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnxruntime.session.ModelProbe;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Lets ONNX Runtime compute what depends on constants only, and keeps the results where they are not too large. */
final class FoldConstants implements Rewrite {

    /** Their results may be of any size, which is not asked for where the shape is not known beforehand. */
    private static final Set<String> GROWING = Set.of(
            "Col2Im",
            "ConstantOfShape",
            "Expand",
            "EyeLike",
            "MaxUnpool",
            "OneHot",
            "Pad",
            "Range",
            "Resize",
            "Tile",
            "Upsample");

    /** Results are in memory until the model is written; larger ones are left to the engine. */
    private static final long LARGEST_BYTES = 16L << 20;

    /** Growth that is not counted: the nodes take as much in the file. */
    private static final long TINY_BYTES = 1 << 10;

    private final OnnxModel model;
    private final Path workFolder;
    private final Set<Node> left = new HashSet<>();
    private long growthBytes; // that are left

    /** @param growthBytes that all results together may take more than what they were made of */
    FoldConstants(OnnxModel model, Path workFolder, long growthBytes) {
        this.model = model;
        this.workFolder = workFolder;
        this.growthBytes = growthBytes;
    }

    @Override
    public String figure() {
        return "constants_folded";
    }

    @Override
    public int apply(Graph graph) {
        graph.sort();
        List<Node> group = foldable(graph);
        if (group.isEmpty()) {
            return 0;
        }
        if (fold(graph, group)) {
            return group.size();
        }
        int folded = 0;
        for (Node node : group) { // one of them is the reason: the others one by one
            boolean ready = node.inputs().stream()
                    .allMatch(v -> v.isEmpty() || graph.constant(v).isPresent());
            if (ready && fold(graph, List.of(node))) {
                folded++;
            } else {
                left.add(node);
            }
        }
        return folded;
    }

    private List<Node> foldable(Graph graph) {
        List<Node> group = new ArrayList<>();
        Set<String> made = new HashSet<>();
        for (Node node : graph.nodes()) {
            if (!left.contains(node) && isFoldable(graph, node, made)) {
                group.add(node);
                made.addAll(node.outputs());
            }
        }
        return group;
    }

    /** DequantizeLinear stays: it tells the engine to compute in integers. */
    private boolean isFoldable(Graph graph, Node node, Set<String> made) {
        return Determinism.holds(node)
                && !node.is("DequantizeLinear")
                && !node.is("Constant")
                && node.inputs().stream()
                        .allMatch(v -> v.isEmpty()
                                || made.contains(v)
                                || graph.constant(v).isPresent())
                && isSmall(graph, node);
    }

    private boolean isSmall(Graph graph, Node node) {
        for (String output : node.outputs()) {
            Optional<List<Long>> shape = Patterns.fixedShape(graph, output);
            if (shape.isEmpty() && GROWING.contains(node.opType())) {
                return false;
            }
            long bytes = shape.isEmpty()
                    ? 0
                    : Patterns.type(graph, output)
                            .map(type -> type.bytes(Tensor.elements(shape.get())))
                            .orElse(0L);
            if (bytes > mostBytes(ownBytes(graph, node.inputs()))) {
                return false;
            }
        }
        return true;
    }

    /** @param from of what the result is computed from */
    private long mostBytes(long from) {
        return Math.max(mostGrowth(), Math.min(from, LARGEST_BYTES));
    }

    private long mostGrowth() {
        return Math.max(growthBytes, TINY_BYTES);
    }

    /** What a body takes from around it does not count: other bodies read it too, and each would get a result of its own. */
    private static long ownBytes(Graph graph, Collection<String> constants) {
        return constants.stream()
                .mapToLong(v -> graph.initializer(v).map(Weights::byteSize).orElse(0L))
                .sum();
    }

    /** {@return false if the engine cannot compute one of them, or a result is too large; nothing has changed then} */
    private boolean fold(Graph graph, List<Node> group) {
        Graph part = new Graph("constants");
        Set<String> results = new HashSet<>();
        Set<Node> members = new HashSet<>(group);
        for (Node node : group) {
            for (String input : node.inputs()) {
                graph.constant(input).ifPresent(weights -> part.setInitializer(input, weights));
            }
            for (String output : node.outputs()) {
                boolean outside = graph.consumers(output).stream().anyMatch(reader -> !members.contains(reader));
                if (!output.isEmpty() && (outside || graph.isOutput(output))) {
                    results.add(output);
                }
            }
        }
        group.forEach(node -> part.add(node.copy()));
        part.setOutputs(results.stream().map(ValueInfo::untyped).toList());
        Optional<Map<String, Tensor>> answers = results.isEmpty() ? Optional.of(Map.of()) : compute(part);
        if (answers.isEmpty() || !answers.get().keySet().equals(results)) {
            return false;
        }
        long from = ownBytes(graph, part.initializers().keySet());
        long growth = bytes(answers.get()) - from;
        if (growth > mostGrowth() || isTooLarge(answers.get(), from)) {
            return false;
        }
        growthBytes -= growth > TINY_BYTES ? growth : 0;
        group.forEach(graph::remove);
        answers.get().forEach((value, tensor) -> graph.setInitializer(value, Weights.of(tensor)));
        return true;
    }

    private static long bytes(Map<String, Tensor> answers) {
        return answers.values().stream().mapToLong(t -> t.data().limit()).sum();
    }

    private boolean isTooLarge(Map<String, Tensor> answers, long from) {
        return answers.values().stream().anyMatch(t -> t.data().limit() > mostBytes(from));
    }

    private Optional<Map<String, Tensor>> compute(Graph part) {
        OnnxModel constants = OnnxModel.of(model.irVersion(), model.opset(), part);
        constants.opsets().putAll(model.opsets());
        Path file = workFolder.resolve("constants.onnx");
        try {
            constants.write(file);
            return Optional.of(ModelProbe.answers(file));
        } catch (InferenceException e) {
            return Optional.empty(); // an operator or type that it lacks: the nodes stay
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
