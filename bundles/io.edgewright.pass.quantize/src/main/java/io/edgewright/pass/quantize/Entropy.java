// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

/**
 * Finds the range whose 8-bit form tells most of how the values are distributed: the least relative entropy (Kullback and Leibler
 * 1951) of the distribution, with what lies outside moved to the edges, to what remains of it after quantization. The idea is
 * Szymon Migacz's, "8-bit Inference with TensorRT", 2017. Unlike widespread code for it, a bin where nothing was seen gets nothing,
 * every bin belongs to a level, also at the end of the range, a range that reaches to one side of zero alone has all levels there,
 * and one value that occurs very often (zero after a Relu, what a background becomes) does not outweigh all others.
 */
final class Entropy {

    private static final int LEVELS = 256;

    /** So many ranges are tried. */
    private static final int TRIALS = 256;

    /** Stands for a share of 0 where there should be one. */
    private static final double NOTHING = 1e-9;

    /** Bins to each side that a bin is compared with, and how much more often than they are it may count. */
    private static final int NEIGHBOURS = 8;

    private static final int MOST_TIMES = 4;

    private final Histogram seen;
    private final int first; // of the bins that hold values or zero
    private final int end;
    private final double[] counts; // of all bins, without what outweighs

    Entropy(Histogram seen) {
        this.seen = seen;
        Range all = seen.range();
        this.first = Histogram.SIDE + (int) Math.floor(all.least() / seen.width());
        this.end = Histogram.SIDE + (int) Math.floor(all.most() / seen.width()) + 1;
        this.counts = new double[2 * Histogram.SIDE];
        for (int i = first; i < end; i++) {
            counts[i] = Math.min(seen.count(i), 1 + MOST_TIMES * meanAround(i));
        }
    }

    private double meanAround(int bin) {
        int from = Math.max(first, bin - NEIGHBOURS);
        int to = Math.min(end, bin + NEIGHBOURS + 1);
        long sum = -seen.count(bin);
        for (int i = from; i < to; i++) {
            sum += seen.count(i);
        }
        return sum / (double) Math.max(1, to - from - 1);
    }

    Range choose() {
        Range all = seen.range();
        int longest = Math.max(Histogram.SIDE - first, end - Histogram.SIDE);
        int step = Math.max(1, longest / TRIALS);
        Range best = all;
        double least = divergence(first, end);
        for (int side = longest - step; side > 0; side -= step) {
            int from = Math.max(first, Histogram.SIDE - side);
            int to = Math.min(end, Histogram.SIDE + side);
            if (to - from < LEVELS) {
                break; // finer than the bins: nothing can be told any more
            }
            double divergence = divergence(from, to);
            if (divergence < least) {
                least = divergence;
                best = Range.around(
                        Math.max(all.least(), (from - Histogram.SIDE) * seen.width()),
                        Math.min(all.most(), (to - Histogram.SIDE) * seen.width()));
            }
        }
        return best;
    }

    /** {@return the relative entropy, in nats, of all that was seen to the 8-bit form of the bins from..to} */
    private double divergence(int from, int to) {
        int bins = to - from;
        double[] levelCount = new double[LEVELS];
        int[] levelBins = new int[LEVELS];
        for (int i = 0; i < bins; i++) {
            int level = level(i, bins);
            levelCount[level] += counts[from + i];
            levelBins[level] += counts[from + i] > 0 ? 1 : 0;
        }
        double below = sum(first, from);
        double inside = sum(from, to);
        double above = sum(to, end);
        double divergence = 0;
        for (int i = 0; i < bins; i++) {
            double count = counts[from + i];
            double expected = count + (i == 0 ? below : 0) + (i == bins - 1 ? above : 0);
            if (expected > 0) {
                int level = level(i, bins);
                double p = expected / (below + inside + above);
                double q = count > 0 ? levelCount[level] / levelBins[level] / inside : NOTHING;
                divergence += p * Math.log(p / q);
            }
        }
        return divergence;
    }

    private static int level(int bin, int bins) {
        return (int) ((long) bin * LEVELS / bins);
    }

    private double sum(int from, int to) {
        double sum = 0;
        for (int i = from; i < to; i++) {
            sum += counts[i];
        }
        return sum;
    }
}
