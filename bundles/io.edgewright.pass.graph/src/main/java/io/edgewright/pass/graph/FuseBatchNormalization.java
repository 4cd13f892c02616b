// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.Optional;

/**
 * Conv, BatchNormalization: the Conv alone. As {@code bn(y) = (y - mean) * s + b} with {@code s = gamma / sqrt(var + epsilon)}.
 */
final class FuseBatchNormalization implements Rewrite.OfNode {

    private static final float DEFAULT_EPSILON = 1e-5f;

    @Override
    public String figure() {
        return "batch_normalizations_fused";
    }

    @Override
    public boolean apply(Graph graph, Node bn) {
        if (!bn.is("BatchNormalization") || trains(graph, bn)) {
            return false;
        }
        Optional<Node> conv = Patterns.onlyFor(graph, bn, bn.input(0), "Conv");
        Optional<ConvWeights> weights = conv.flatMap(node -> ConvWeights.of(graph, node));
        if (conv.isEmpty() || weights.isEmpty()) {
            return false;
        }
        float[][] parameters = new float[4][]; // gamma, beta, mean, variance
        for (int i = 0; i < 4; i++) {
            Optional<Weights> one = Patterns.floats(graph, bn.input(i + 1));
            if (one.isEmpty() || one.get().elements() != weights.get().channels()) {
                return false;
            }
            parameters[i] = one.get().toFloats();
        }
        double[] scale = new double[weights.get().channels()];
        double[] shift = new double[scale.length];
        double epsilon = bn.realOr("epsilon", DEFAULT_EPSILON);
        for (int c = 0; c < scale.length; c++) {
            scale[c] = parameters[0][c] / Math.sqrt(parameters[3][c] + epsilon);
            shift[c] = parameters[1][c] - parameters[2][c] * scale[c];
        }
        weights.get().apply(graph, conv.get(), scale, shift);
        Patterns.absorb(graph, conv.get(), bn);
        return true;
    }

    /** Further outputs, and the modes of old opsets, are those of training. */
    private static boolean trains(Graph graph, Node bn) {
        boolean more = false;
        for (int i = 1; i < bn.outputs().size(); i++) {
            more |= !Patterns.isUnused(graph, bn, i);
        }
        return more || bn.intOr("training_mode", 0) != 0 || bn.intOr("spatial", 1) != 1;
    }
}
