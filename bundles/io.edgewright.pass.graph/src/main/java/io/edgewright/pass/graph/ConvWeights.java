// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.List;
import java.util.Optional;

/**
 * The constant weights and bias of a Conv, to be scaled and shifted channel by channel: {@code y' = y * scale + shift}.
 *
 * @param weights [M, C/group, k...]
 * @param bias [M]; zeros if the node has none
 * @param shape of the weights
 */
record ConvWeights(float[] weights, float[] bias, List<Long> shape) {

    /** {@return the weights of a Conv in 32-bit floats; empty for other nodes, types, and weights that vary} */
    static Optional<ConvWeights> of(Graph graph, Node conv) {
        Optional<Weights> weights = Patterns.floats(graph, conv.input(1));
        if (!conv.is("Conv") || weights.isEmpty() || weights.get().shape().isEmpty()) {
            return Optional.empty();
        }
        int channels = Math.toIntExact(weights.get().shape().get(0));
        float[] bias = new float[channels];
        if (!conv.input(2).isEmpty()) {
            Optional<Weights> found = Patterns.floats(graph, conv.input(2));
            if (found.isEmpty() || found.get().elements() != channels) {
                return Optional.empty();
            }
            bias = found.get().toFloats();
        }
        return Optional.of(
                new ConvWeights(weights.get().toFloats(), bias, weights.get().shape()));
    }

    int channels() {
        return bias.length;
    }

    /** {@return the rank of what the Conv makes} */
    int rank() {
        return shape.size();
    }

    /**
     * Scales, then shifts what the Conv makes. The weights get new names: others may read the old ones.
     *
     * @param scale one for each channel
     * @param shift one for each channel
     */
    void apply(Graph graph, Node conv, double[] scale, double[] shift) {
        int each = weights.length / Math.max(1, channels());
        for (int i = 0; i < weights.length; i++) {
            weights[i] = (float) (weights[i] * scale[i / each]);
        }
        for (int c = 0; c < bias.length; c++) {
            bias[c] = (float) (bias[c] * scale[c] + shift[c]);
        }
        conv.setInput(1, graph.addInitializer(conv.input(1), Weights.ofFloats(shape, weights)));
        String name = conv.input(2).isEmpty() ? conv.output(0) + "_bias" : conv.input(2);
        conv.setInput(2, graph.addInitializer(name, Weights.ofFloats(List.of((long) bias.length), bias)));
    }
}
