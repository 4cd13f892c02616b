// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.onnx.Graph;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** How many channels of each block stay, and which. */
final class Plan {

    private static final int BISECTIONS = 20;

    private final Channels channels;
    private final Importance importance;
    private final int round;

    Plan(Channels channels, Importance importance, int round) {
        this.channels = channels;
        this.importance = importance;
        this.round = round;
    }

    /** {@return the units to take out if each block keeps the same share} */
    Set<Integer> uniform(double keep) {
        double[] shares = new double[channels.blocks().size()];
        Arrays.fill(shares, keep);
        return removed(shares);
    }

    /**
     * {@return the units to take out if blocks that hurt more when cut keep more, for as many products as {@link #uniform} takes.
     * How much a block hurts is measured by cutting it alone; its share goes with the fourth root, so that one of 16 times the
     * harm keeps twice as much}
     */
    Set<Integer> bySensitivity(double keep, Deviation deviation) throws OptimizationException {
        List<Block> blocks = channels.blocks();
        double[] pull = new double[blocks.size()];
        for (int i = 0; i < pull.length; i++) {
            double[] alone = new double[blocks.size()];
            Arrays.fill(alone, 1);
            alone[i] = keep;
            double harm = deviation.of(channels.without(removed(alone)));
            pull[i] = Math.pow(Math.min(1e6, Math.max(1e-6, harm)), 0.25);
        }
        long budget = channels.products(uniform(keep));
        double low = 0;
        double high = 1 / Arrays.stream(pull).min().orElse(1);
        for (int i = 0; i < BISECTIONS; i++) {
            double middle = (low + high) / 2;
            if (channels.products(removed(shares(pull, middle, keep))) <= budget) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return removed(shares(pull, low, keep));
    }

    private static double[] shares(double[] pull, double scale, double keep) {
        return Arrays.stream(pull)
                .map(p -> Math.min(1, Math.max(keep / 2, p * scale)))
                .toArray();
    }

    private Set<Integer> removed(double[] shares) {
        Graph graph = channels.model().graph();
        Set<Integer> removed = new HashSet<>();
        for (int i = 0; i < shares.length; i++) {
            Block block = channels.blocks().get(i);
            int kept = block.kept(shares[i], round);
            if (kept < block.units().size()) {
                Set<Integer> best = importance.best(graph, block, kept);
                block.units().stream().filter(u -> !best.contains(u)).forEach(removed::add);
            }
        }
        return removed;
    }
}
