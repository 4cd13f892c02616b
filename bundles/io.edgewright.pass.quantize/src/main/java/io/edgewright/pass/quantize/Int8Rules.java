// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What ONNX Runtime 1.29 runs in int8 between QuantizeLinear and DequantizeLinear, as its sources say and as was seen of the graphs
 * that it builds.
 */
final class Int8Rules {

    /** How an operator takes part. */
    enum Role {
        /** A convolution or matrix product with constant weights: what int8 is for. */
        PRODUCT,
        /** Has an int8 form, which pays between products only. */
        COMPUTE,
        /** Moves values and makes none: the same scale before and after. */
        MOVE,
        /** Is folded into the quantization of what comes before. */
        CLIP,
        /** Has no int8 form. */
        FLOAT
    }

    private static final Set<String> COMPUTES = Set.of(
            "Add", "Mul", "Concat", "AveragePool", "GlobalAveragePool", "Sigmoid", "LeakyRelu", "Softmax", "MatMul");

    private static final Set<String> MOVES = Set.of(
            "MaxPool",
            "Flatten",
            "Transpose",
            "Split",
            "DepthToSpace",
            "Reshape",
            "Slice",
            "Gather",
            "Squeeze",
            "Unsqueeze",
            "Expand",
            "Tile",
            "ReduceMax",
            "ReduceMin");

    private static final Set<String> SHAPES =
            Set.of("Shape", "Size", "Constant", "ConstantOfShape", "Range", "NonZero", "Cast", "Identity", "Dropout");

    private static final Map<String, String> HINTS = Map.of(
            "BatchNormalization", "the pass graph folds it into a convolution",
            "ReduceMean", "the pass graph makes GlobalAveragePool of it, which has an int8 form",
            "Pad", "the pass graph folds it into a convolution",
            "Resize", "only mode nearest has an int8 form");

    private Int8Rules() {}

    static Role role(Graph graph, Node node) {
        if (!node.domain().isEmpty()) {
            return Role.FLOAT;
        }
        String operator = node.opType();
        if (isProduct(operator) && whyNoProduct(graph, node).isEmpty()) {
            return Role.PRODUCT;
        }
        if (COMPUTES.contains(operator)) {
            return Role.COMPUTE;
        }
        if (!operator.equals("Split") && node.outputs().stream().skip(1).anyMatch(v -> !v.isEmpty())) {
            return Role.FLOAT;
        }
        if (MOVES.contains(operator)
                || operator.equals("Resize") && node.textOr("mode", "nearest").equals("nearest")) {
            return Role.MOVE;
        }
        return operator.equals("Relu") || operator.equals("Clip") ? Role.CLIP : Role.FLOAT;
    }

    static boolean isProduct(String operator) {
        return operator.equals("Conv") || operator.equals("Gemm") || operator.equals("MatMul");
    }

    /** {@return which rule keeps this node from being a product in int8, with the reason; empty if none does} */
    static Optional<Rule> whyNoProduct(Graph graph, Node node) {
        Optional<Weights> weights = graph.constant(node.input(1)).filter(w -> w.type() == DataType.FLOAT32);
        if (weights.isEmpty()) {
            return Optional.of(new Rule("weights-not-constant", "its weights are no float constant"));
        }
        int rank = weights.get().shape().size();
        if (node.is("Conv") ? rank < 3 : rank != 2) {
            return Optional.of(
                    new Rule("weights-shape", "weights with %d dimensions have no int8 form".formatted(rank)));
        }
        if (graph.constant(node.input(0)).isPresent()) {
            return Optional.of(new Rule("constant", "it reads constants only: the pass graph folds it"));
        }
        if (node.is("Gemm")
                && (node.intOr("transA", 0) != 0 || node.realOr("alpha", 1) != 1 || node.realOr("beta", 1) != 1)) {
            return Optional.of(new Rule("gemm-attributes", "only alpha 1, beta 1 and transA 0 have an int8 form"));
        }
        return node.input(2).isEmpty() || biasOf(graph, node).isPresent()
                ? Optional.empty()
                : Optional.of(new Rule("bias", "its bias is not one float constant for each channel"));
    }

    /** {@return the bias, one for each output channel; empty if there is none that int8 can have} */
    static Optional<Weights> biasOf(Graph graph, Node product) {
        long channels = channels(graph, product);
        return graph.constant(product.input(2))
                .filter(b -> b.type() == DataType.FLOAT32)
                .filter(b -> b.elements() == 1
                        || b.elements() == channels && b.shape().get(b.shape().size() - 1) == channels)
                .map(b -> b.elements() == channels ? b.reshaped(List.of(channels)) : repeated(b, channels));
    }

    private static Weights repeated(Weights one, long times) {
        float[] all = new float[Math.toIntExact(times)];
        Arrays.fill(all, one.toFloats()[0]);
        return Weights.ofFloats(List.of(times), all);
    }

    /** {@return along which dimension of the weights the output channels lie} */
    static int channelAxis(Node product) {
        return product.is("Conv") || product.is("Gemm") && product.intOr("transB", 0) != 0 ? 0 : 1;
    }

    static long channels(Graph graph, Node product) {
        return graph.constant(product.input(1))
                .map(w -> w.shape().get(channelAxis(product)))
                .orElse(0L);
    }

    /** {@return which inputs are values that int8 needs in quantized form} */
    static List<String> dataInputs(Graph graph, Node node, Role role) {
        if (role == Role.COMPUTE) {
            return switch (node.opType()) {
                case "Add", "Mul", "MatMul" -> List.of(node.input(0), node.input(1));
                case "Concat" -> List.copyOf(node.inputs());
                default -> List.of(node.input(0));
            };
        }
        return List.of(node.input(0));
    }

    /** {@return why an operator has no int8 form} */
    static Rule whyFloat(Graph graph, Node node) {
        if (!node.domain().isEmpty()) {
            return new Rule("custom-operator", "operators of domain " + node.domain() + " are left alone");
        }
        if (!node.subgraphs().isEmpty()) {
            return new Rule("control-flow", "what lies in the bodies of " + node.opType() + " is left alone");
        }
        if (isProduct(node.opType())) {
            return whyNoProduct(graph, node).orElse(Rule.ASKED_FOR);
        }
        String hint = HINTS.getOrDefault(node.opType(), "");
        return new Rule("no-int8-kernel", "there is no int8 " + node.opType() + (hint.isEmpty() ? "" : ": " + hint));
    }

    /** {@return true if a node does nothing but turn constants and shapes into others} */
    static boolean readsConstantsOnly(Graph graph, Node node) {
        return node.reads().stream().allMatch(v -> graph.constant(v).isPresent());
    }

    /** {@return true for operators that make or read shapes rather than data} */
    static boolean isAboutShapes(Node node) {
        return SHAPES.contains(node.opType());
    }
}
