// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnxruntime.session.ModelProbe;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** A model in half floats: half the size, and faster on devices with such arithmetic. Processors mostly lack it. */
final class HalfPrecision {

    private static final double GREATEST_HALF = 65504;

    /** Operators of opset 13 and later all of whose float inputs and outputs have one type, which may be a half float. */
    private static final Set<String> OPERATORS = Set.of(
            ("Abs Add ArgMax ArgMin AveragePool BatchNormalization Ceil Clip Concat Conv ConvTranspose DepthToSpace Div Einsum Elu"
                            + " Equal Erf Exp Expand Flatten Floor GRU Gather GatherElements GatherND Gelu Gemm GlobalAveragePool"
                            + " GlobalMaxPool Greater GreaterOrEqual GroupNormalization HardSigmoid HardSwish Identity"
                            + " InstanceNormalization LRN LSTM LayerNormalization LeakyRelu Less LessOrEqual Log LogSoftmax"
                            + " LpNormalization MatMul Max MaxPool Mean Min Mish Mul Neg PRelu Pad Pow Reciprocal ReduceL1 ReduceL2"
                            + " ReduceMax ReduceMean ReduceMin ReduceProd ReduceSum ReduceSumSquare Relu Reshape Round ScatterND"
                            + " Selu Shape Sigmoid Sign Slice Softmax Softplus Softsign SpaceToDepth Split Sqrt Squeeze Sub Sum"
                            + " Tanh Tile TopK Transpose Unsqueeze Where")
                    .split(" "));

    private final OnnxModel model;
    private final Settings settings;
    private final PassContext context;
    private final Map<Node, Rule> floats = new LinkedHashMap<>();

    HalfPrecision(OnnxModel model, Settings settings, PassContext context) {
        this.model = model;
        this.settings = settings;
        this.context = context;
    }

    PassResult apply(Path target) throws OptimizationException, IOException {
        Graph graph = model.graph();
        Set<String> values = valuesOf(model, ElementType.FLOAT32, context.workFolder());
        Set<String> tooLarge = tooLarge(values);
        for (Node node : graph.nodes()) {
            whyFloat(node, tooLarge).ifPresent(rule -> floats.put(node, rule));
        }
        List<Node> changes = graph.nodes().stream()
                .filter(n -> !floats.containsKey(n) && !n.is("Constant"))
                .toList();
        if (changes.isEmpty()) {
            return PassResult.unchanged("none of its operators has a form in half floats");
        }
        new FloatWidth(graph, DataType.FLOAT32, DataType.FLOAT16, values).change(changes::contains);
        model.write(target);
        List<NodeRemark> remarks = floats.entrySet().stream()
                .filter(e -> e.getKey().reads().stream().anyMatch(values::contains))
                .map(e -> e.getValue().on(e.getKey()))
                .toList();
        return PassResult.changed(
                changes.size() + " nodes to half floats",
                Map.of("nodes_fp16", (double) changes.size(), "nodes_float", (double) remarks.size()),
                remarks);
    }

    private Optional<Rule> whyFloat(Node node, Set<String> tooLarge) {
        if (settings.keep().contains(node.name())) {
            return Optional.of(Rule.ASKED_FOR);
        }
        if (!node.domain().isEmpty() || !node.subgraphs().isEmpty()) {
            return Optional.of(Int8Rules.whyFloat(model.graph(), node));
        }
        if (!OPERATORS.contains(node.opType()) && !node.is("Constant")) {
            return Optional.of(new Rule("no-half-form", node.opType() + " is not known to take half floats alone"));
        }
        boolean overflows = node.outputs().stream().anyMatch(tooLarge::contains)
                || node.inputs().stream().anyMatch(v -> tooLarge.contains(v) || isTooLarge(v));
        return overflows
                ? Optional.of(new Rule("range", "it has values beyond 65504, the greatest half float"))
                : Optional.empty();
    }

    private boolean isTooLarge(String constant) {
        return model.graph()
                .constant(constant)
                .filter(w -> w.type() == DataType.FLOAT32)
                .map(w -> {
                    Histogram all = new Histogram();
                    all.add(FloatBuffer.wrap(w.toFloats()));
                    return isTooLarge(all);
                })
                .orElse(false);
    }

    private static boolean isTooLarge(Histogram seen) {
        return seen.total() > 0 && Math.max(seen.range().most(), -seen.range().least()) > GREATEST_HALF;
    }

    /** {@return the values that were beyond the range with the samples; none without samples} */
    private Set<String> tooLarge(Set<String> values) throws OptimizationException {
        Set<String> tooLarge = new HashSet<>();
        if (context.calibrationSize() >= Observer.LEAST_SAMPLES) {
            Observation seen = new Observer(model, context, settings.samples()).observe(values, Map.of());
            values.forEach(value ->
                    seen.histogram(value).filter(HalfPrecision::isTooLarge).ifPresent(h -> tooLarge.add(value)));
        }
        return tooLarge;
    }

    /**
     * Brings half floats to full ones, if there are any: int8 is made of these. The model's inputs and outputs stay as they are.
     *
     * @param folder for a temporary file
     */
    static void widen(OnnxModel model, Path folder) throws OptimizationException, IOException {
        Graph graph = model.graph();
        if (graph.initializers().values().stream().noneMatch(w -> w.type() == DataType.FLOAT16)) {
            return;
        }
        Set<String> values = valuesOf(model, ElementType.FLOAT16, folder);
        new FloatWidth(graph, DataType.FLOAT16, DataType.FLOAT32, values)
                .change(n -> n.domain().isEmpty() && n.subgraphs().isEmpty() && !n.is("Cast") && !n.is("Constant"));
        graph.sort();
    }

    /** {@return the values of the main graph with this type: inputs, and what nodes make} */
    private static Set<String> valuesOf(OnnxModel model, ElementType type, Path folder)
            throws OptimizationException, IOException {
        Set<String> values = new HashSet<>();
        for (ValueInfo input : model.graph().inputs()) {
            if (input.type().flatMap(DataType::elementType).equals(Optional.of(type))) {
                values.add(input.name());
            }
        }
        Map<String, ElementType> types = new HashMap<>();
        Path file = folder.resolve("types.onnx");
        try (OnnxModel exposed = model.exposed()) {
            exposed.write(file);
            ModelProbe.outputTypes(file, (name, found, shape, symbols) -> types.put(name, found));
        } catch (InferenceException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, String.valueOf(e.getMessage()), e);
        } finally {
            Files.deleteIfExists(file);
            Files.deleteIfExists(file.resolveSibling("types.onnx.data"));
        }
        types.forEach((name, found) -> {
            if (found == type) {
                values.add(name);
            }
        });
        return values;
    }
}
