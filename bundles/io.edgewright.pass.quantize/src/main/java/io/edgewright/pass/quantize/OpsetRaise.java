// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Raises a model from ONNX's operators of version 7 or later to version 13, which is the first where weights can have a step for each
 * channel. A node is changed only so that it means the same by the operator's change log (ONNX, Changelog.md); where that cannot be
 * told, the model is refused.
 */
final class OpsetRaise {

    /** What the result has. */
    static final long TARGET = 13;

    private static final long OLDEST = 7;

    /** Versions 7 to 13 differ in the types that are allowed, or in attributes whose default is what was before. */
    private static final Set<String> SAME = Set.of(
            ("Abs Acos Acosh Add And ArgMax ArgMin Asin Asinh Atan Atanh AveragePool Cast Ceil Concat Constant ConstantOfShape Conv"
                            + " ConvInteger ConvTranspose Cos Cosh CumSum DepthToSpace DequantizeLinear Det Div"
                            + " DynamicQuantizeLinear Einsum Elu Equal Erf Exp Expand EyeLike Flatten Floor GRU Gather"
                            + " GatherElements GatherND Gemm GlobalAveragePool GlobalLpPool GlobalMaxPool Greater"
                            + " GreaterOrEqual HardSigmoid Identity If InstanceNormalization IsInf IsNaN LRN LSTM LeakyRelu Less"
                            + " LessOrEqual Log Loop LpNormalization LpPool MatMul MatMulInteger Max MaxPool MaxRoiPool Mean"
                            + " MeanVarianceNormalization Min Mod Mul Neg NonMaxSuppression NonZero Not OneHot Or PRelu Pow"
                            + " QLinearConv QLinearMatMul QuantizeLinear RNN RandomNormal RandomNormalLike RandomUniform"
                            + " RandomUniformLike Range Reciprocal ReduceL1 ReduceL2 ReduceLogSum ReduceLogSumExp ReduceMax"
                            + " ReduceMean ReduceMin ReduceProd ReduceSumSquare Relu Reshape ReverseSequence RoiAlign Round"
                            + " ScatterElements ScatterND Selu Shape Shrink Sigmoid Sign Sin Sinh Size Softplus Softsign"
                            + " SpaceToDepth Sqrt Sub Sum Tan Tanh ThresholdedRelu Tile Transpose Unique Where Xor")
                    .split(" "));

    private final long from;

    private OpsetRaise(long from) {
        this.from = from;
    }

    /**
     * Raises a model, if it is older.
     *
     * @throws OptimizationException with {@code UNSUPPORTED} if it is too old, or has a node that cannot be raised
     */
    static void apply(OnnxModel model) throws OptimizationException {
        long from = model.opset();
        if (from < OLDEST) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED, "the model has opset " + from + ", expected " + OLDEST + " or later");
        }
        if (from >= TARGET) {
            return;
        }
        var raise = new OpsetRaise(from);
        for (Graph graph : model.graph().withSubgraphs()) {
            for (Node node : List.copyOf(graph.nodes())) {
                if (node.domain().isEmpty() && !SAME.contains(node.opType()) && !raise.change(graph, node)) {
                    throw new OptimizationException(
                            Reason.UNSUPPORTED,
                            "%s of opset %d cannot be raised to opset %d, which int8 needs: export the model with opset %d or later"
                                    .formatted(node, from, TARGET, TARGET));
                }
            }
        }
        model.opsets().put("", TARGET);
    }

    /** {@return false if it is not known what the node would mean} */
    private boolean change(Graph graph, Node node) {
        return switch (node.opType()) {
            case "BatchNormalization" -> batchNormalization(node);
            case "Clip" -> clip(graph, node);
            case "Dropout" -> dropout(graph, node);
            case "Pad" -> pad(graph, node);
            case "ReduceSum", "Squeeze", "Unsqueeze" -> attributeToInput(graph, node, "axes", 1, TARGET);
            case "Split" -> attributeToInput(graph, node, "split", 1, TARGET);
            case "Slice" ->
                attributeToInput(graph, node, "starts", 1, 10)
                        && attributeToInput(graph, node, "ends", 2, 10)
                        && attributeToInput(graph, node, "axes", 3, 10);
            case "TopK" -> topK(graph, node);
            case "Softmax", "LogSoftmax" -> softmax(graph, node);
            case "Upsample" -> upsample(graph, node);
            case "Resize" -> resize(graph, node);
            default -> false;
        };
    }

    private boolean attributeToInput(Graph graph, Node node, String attribute, int input, long since) {
        if (from < since && node.attribute(attribute).isPresent()) {
            List<Long> values = node.intsOr(attribute, List.of());
            node.remove(attribute);
            node.setInput(input, longs(graph, node, attribute, values));
        }
        return true;
    }

    private static String longs(Graph graph, Node node, String what, List<Long> values) {
        long[] all = values.stream().mapToLong(Long::longValue).toArray();
        return graph.addInitializer(node.output(0) + "_" + what, Weights.ofLongs(List.of((long) all.length), all));
    }

    private static boolean batchNormalization(Node node) {
        boolean plain =
                node.intOr("spatial", 1) == 1 && node.outputs().stream().skip(1).allMatch(String::isEmpty);
        if (plain) {
            node.remove("spatial");
            node.setOutputs(List.of(node.output(0)));
        }
        return plain;
    }

    private boolean clip(Graph graph, Node node) {
        if (from < 11) {
            limit(graph, node, "min", 1);
            limit(graph, node, "max", 2);
        }
        return true;
    }

    private static void limit(Graph graph, Node node, String attribute, int input) {
        if (node.attribute(attribute).isPresent()) {
            float limit = node.realOr(attribute, 0);
            node.remove(attribute);
            node.setInput(
                    input, graph.addInitializer(node.output(0) + "_" + attribute, Weights.ofFloats(List.of(), limit)));
        }
    }

    private boolean dropout(Graph graph, Node node) {
        node.remove("ratio"); // it means nothing outside of training
        String mask = node.output(1);
        boolean masks = !mask.isEmpty()
                && (graph.isOutput(mask) || !graph.consumers(mask).isEmpty());
        if (!masks) {
            node.setOutputs(List.of(node.output(0)));
        }
        return from >= 10 || !masks;
    }

    private boolean pad(Graph graph, Node node) {
        if (from < 11) {
            float fill = node.realOr("value", 0);
            node.remove("value");
            node.setInput(1, longs(graph, node, "pads", node.intsOr("pads", List.of())));
            node.remove("pads");
            node.setInput(2, graph.addInitializer(node.output(0) + "_fill", Weights.ofFloats(List.of(), fill)));
        }
        return true;
    }

    private boolean topK(Graph graph, Node node) {
        if (from < 10) {
            node.setInput(1, longs(graph, node, "k", List.of(node.intOr("k", 1))));
            node.remove("k");
        }
        return true;
    }

    /** Up to version 12, all from the axis on is one vector. */
    private static boolean softmax(Graph graph, Node node) {
        long axis = node.intOr("axis", 1);
        String input = node.input(0);
        String answer = node.output(0);
        String flat = graph.freshName(answer + "_flat");
        String flatAnswer = graph.freshName(answer + "_of_flat");
        String shape = graph.freshName(answer + "_shape");
        graph.add(new Node("Flatten", List.of(input), List.of(flat)).set("axis", Attribute.of(axis)));
        graph.add(new Node("Shape", List.of(input), List.of(shape)));
        node.setInput(0, flat);
        node.setOutputs(List.of(flatAnswer));
        node.set("axis", Attribute.of(-1L));
        graph.add(new Node("Reshape", List.of(flatAnswer, shape), List.of(answer)));
        return true;
    }

    private boolean upsample(Graph graph, Node node) {
        List<Float> scales = node.attribute("scales").orElse(null) instanceof Attribute.Floats attribute
                ? attribute.values()
                : List.of();
        String input = from < 9 ? "" : node.input(1);
        boolean grows = from < 9
                ? !scales.isEmpty() && scales.stream().allMatch(s -> s >= 1)
                : allAreOneOrMore(graph.constant(input));
        if (!node.textOr("mode", "nearest").equals("nearest") || !grows) {
            return false;
        }
        if (from < 9) {
            float[] all = new float[scales.size()];
            for (int i = 0; i < all.length; i++) {
                all[i] = scales.get(i);
            }
            input = graph.addInitializer(node.output(0) + "_scales", Weights.ofFloats(List.of((long) all.length), all));
        }
        String scalesInput = input;
        List<String> outputs = node.outputs();
        graph.remove(node);
        graph.add(nearest(new Node("Resize", List.of(node.input(0), "", scalesInput), outputs).named(node.name())));
        return true;
    }

    private boolean resize(Graph graph, Node node) {
        if (from >= 11) {
            return true;
        }
        if (!node.textOr("mode", "nearest").equals("nearest") || !allAreOneOrMore(graph.constant(node.input(1)))) {
            return false;
        }
        node.setInputs(List.of(node.input(0), "", node.input(1)));
        nearest(node);
        return true;
    }

    /** What Upsample and the first Resize did when they made a picture larger. */
    private static Node nearest(Node resize) {
        return resize.set("mode", Attribute.of("nearest"))
                .set("coordinate_transformation_mode", Attribute.of("asymmetric"))
                .set("nearest_mode", Attribute.of("floor"));
    }

    private static boolean allAreOneOrMore(Optional<Weights> scales) {
        if (scales.isEmpty()) {
            return false;
        }
        for (float scale : scales.get().toFloats()) {
            if (!(scale >= 1)) {
                return false;
            }
        }
        return true;
    }
}
