// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Conv, then Mul, Div, Add or Sub with a constant for each channel: the Conv alone. */
final class FuseScale implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "scales_fused";
    }

    @Override
    public boolean apply(Graph graph, Node node) {
        boolean sum = node.is("Add") || node.is("Sub");
        if (!sum && !node.is("Mul") && !node.is("Div")) {
            return false;
        }
        return apply(graph, node, 0) || ((node.is("Add") || node.is("Mul")) && apply(graph, node, 1));
    }

    private static boolean apply(Graph graph, Node node, int convInput) {
        Optional<Node> conv = Patterns.onlyFor(graph, node, node.input(convInput), "Conv");
        Optional<ConvWeights> weights = conv.flatMap(c -> ConvWeights.of(graph, c));
        if (conv.isEmpty() || weights.isEmpty()) {
            return false;
        }
        Optional<float[]> constant = Patterns.floats(graph, node.input(1 - convInput))
                .flatMap(c -> perChannel(c, weights.get().rank(), weights.get().channels()));
        if (constant.isEmpty()) {
            return false;
        }
        double[] scale = new double[weights.get().channels()];
        double[] shift = new double[scale.length];
        Arrays.fill(scale, 1);
        for (int c = 0; c < scale.length; c++) {
            float value = constant.get()[c];
            switch (node.opType()) {
                case "Add" -> shift[c] = value;
                case "Sub" -> shift[c] = -value;
                case "Mul" -> scale[c] = value;
                default -> scale[c] = 1.0 / value;
            }
        }
        if (Arrays.stream(scale).anyMatch(s -> Double.isInfinite(s) || Double.isNaN(s))) {
            return false; // 0 / 0 is not what 0 * (1 / 0) is
        }
        weights.get().apply(graph, conv.get(), scale, shift);
        Patterns.absorb(graph, conv.get(), node);
        return true;
    }

    /** {@return a value for each channel, if the constant broadcasts along no other dimension and adds none} */
    private static Optional<float[]> perChannel(Weights constant, int rank, int channels) {
        List<Long> shape = constant.shape();
        if (shape.size() > rank || constant.elements() != 1 && constant.elements() != channels) {
            return Optional.empty();
        }
        for (int i = 0; i < shape.size(); i++) {
            int dimension = rank - shape.size() + i;
            if (shape.get(i) != 1 && dimension != 1) {
                return Optional.empty();
            }
        }
        float[] values = constant.toFloats();
        float[] each = new float[channels];
        for (int c = 0; c < channels; c++) {
            each[c] = values[values.length == 1 ? 0 : c];
        }
        return Optional.of(each);
    }
}
