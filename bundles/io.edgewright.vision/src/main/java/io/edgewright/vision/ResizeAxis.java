// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * Which source pixels make up each target pixel along one axis, and with what weight. Target pixel i is the sum of
 * {@code weights[i * taps + t] * source[start[i] + t]}.
 */
final class ResizeAxis {

    final int[] start;
    final int taps;
    final float[] weights;

    private ResizeAxis(int[] start, int taps, float[] weights) {
        this.start = start;
        this.taps = taps;
        this.weights = weights;
    }

    /**
     * Two neighbours each, pixel centres at .5, edges repeated.
     *
     * @param source size of the source
     * @param from where the part that is used begins
     * @param length of that part
     * @param target number of target pixels
     */
    static ResizeAxis bilinear(int source, double from, double length, int target) {
        int taps = Math.min(2, source);
        int[] start = new int[target];
        float[] weights = new float[target * taps];
        for (int i = 0; i < target; i++) {
            double center = Math.max(0, Math.min(source - 1, from + (i + 0.5) * length / target - 0.5));
            start[i] = Math.max(0, Math.min((int) center, source - 2));
            float second = (float) (center - start[i]);
            weights[i * taps] = 1 - second;
            if (taps == 2) {
                weights[i * taps + 1] = second;
            }
        }
        return new ResizeAxis(start, taps, weights);
    }

    /** Each source pixel by the share of it that the target pixel covers; for shrinking. Arguments as above. */
    static ResizeAxis area(int source, double from, double length, int target) {
        double step = length / target;
        int taps = Math.min(source, (int) Math.ceil(step) + 1);
        int[] start = new int[target];
        float[] weights = new float[target * taps];
        for (int i = 0; i < target; i++) {
            double begin = from + i * step;
            double end = Math.min(source, begin + step);
            start[i] = Math.max(0, Math.min((int) begin, source - taps));
            for (int t = 0; t < taps; t++) {
                double pixel = start[i] + t;
                double covered = Math.min(end, pixel + 1) - Math.max(begin, pixel);
                weights[i * taps + t] = (float) (Math.max(0, covered) / (end - begin));
            }
        }
        return new ResizeAxis(start, taps, weights);
    }
}
