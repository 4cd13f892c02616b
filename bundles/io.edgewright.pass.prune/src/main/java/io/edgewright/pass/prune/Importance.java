// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** How much a channel matters, told from the weights that make it. */
enum Importance {
    /** The sum of their magnitudes (Li et al., Pruning Filters for Efficient ConvNets, 2017). */
    L1 {
        @Override
        double[] ofOutputs(Graph graph, Layer layer) {
            return norms(graph, layer, 1);
        }
    },
    /**
     * Their length times |gamma| / sigma of the normalization that follows: how far the channel really swings. Without one, their
     * length.
     */
    NORM {
        @Override
        double[] ofOutputs(Graph graph, Layer layer) {
            double[] norms = norms(graph, layer, 2);
            Optional<Node> next = graph.onlyConsumer(layer.node().output(0)).filter(n -> n.is("BatchNormalization"));
            Optional<Weights> gamma = next.flatMap(n -> graph.constant(n.input(1)));
            Optional<Weights> variance = next.flatMap(n -> graph.constant(n.input(4)));
            if (gamma.isPresent() && variance.isPresent()) {
                float epsilon = next.get().realOr("epsilon", 1e-5f);
                float[] scales = gamma.get().toFloats();
                float[] variances = variance.get().toFloats();
                for (int i = 0; i < norms.length; i++) {
                    norms[i] *= Math.abs(scales[i]) / Math.sqrt(variances[i] + epsilon);
                }
            }
            return norms;
        }
    };

    /** {@return a number for each output channel of a layer} */
    abstract double[] ofOutputs(Graph graph, Layer layer);

    /**
     * {@return those units of a block that matter most}
     *
     * @param kept how many
     */
    Set<Integer> best(Graph graph, Block block, int kept) {
        Map<Layer, double[]> scores = new HashMap<>();
        Map<Integer, Double> sums = new HashMap<>();
        for (int unit : block.units()) {
            for (Block.Place place : block.places(unit)) {
                double[] all = scores.computeIfAbsent(place.layer(), layer -> normalized(graph, layer));
                sums.merge(unit, all[place.index()], Double::sum);
            }
        }
        return new HashSet<>(block.units().stream()
                .sorted(Comparator.comparingDouble((Integer unit) -> -sums.getOrDefault(unit, 0.0)))
                .limit(kept)
                .toList());
    }

    /** By the mean over the layer, so that the layers of a block count alike. */
    private double[] normalized(Graph graph, Layer layer) {
        double[] all = ofOutputs(graph, layer);
        double sum = 0;
        for (double one : all) {
            sum += one;
        }
        for (int i = 0; i < all.length && sum > 0; i++) {
            all[i] *= all.length / sum;
        }
        return all;
    }

    private static double[] norms(Graph graph, Layer layer, int power) {
        Weights weights = graph.constant(layer.weights()).orElseThrow();
        List<Long> shape = weights.shape();
        int outputs = Math.toIntExact(shape.get(layer.outputAxis()));
        int inner = 1;
        for (int axis = layer.outputAxis() + 1; axis < shape.size(); axis++) {
            inner *= Math.toIntExact(shape.get(axis));
        }
        float[] values = weights.toFloats();
        double[] sums = new double[outputs];
        for (int i = 0; i < values.length; i++) {
            double value = Math.abs(values[i]);
            sums[i / inner % outputs] += power == 1 ? value : value * value;
        }
        for (int i = 0; i < outputs && power == 2; i++) {
            sums[i] = Math.sqrt(sums[i]);
        }
        return sums;
    }
}
