// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/**
 * The distribution of one tensor's numbers in the reference: 10 bins that hold equal shares of it.
 *
 * @param edges between the bins, 9 that ascend
 * @param shares of the numbers in each of the 10 bins, each above 0, together 1
 */
record Bins(List<Double> edges, List<Double> shares) {

    private static final int COUNT = 10;
    private static final double ROUNDING = 1e-6;

    /** Of one tensor, spread over it: neighbours in a picture tell the same. */
    private static final int MOST_NUMBERS = 256;

    /** Checks and copies. */
    Bins {
        edges = List.copyOf(edges);
        shares = List.copyOf(shares);
        double all = shares.stream().mapToDouble(s -> s).sum();
        boolean counted = shares.stream().allMatch(s -> s > 0) && Math.abs(all - 1) < ROUNDING;
        if (edges.size() != COUNT - 1 || shares.size() != COUNT || !counted || !isAscending(edges)) {
            throw new IllegalArgumentException(
                    "bins with the edges %s hold the shares %s, expected %d that ascend and %d of 1"
                            .formatted(edges, shares, COUNT - 1, COUNT));
        }
    }

    /**
     * {@return the bins of these numbers}
     *
     * @param numbers one or more
     */
    static Bins of(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        Double[] edges = new Double[COUNT - 1];
        for (int i = 0; i < edges.length; i++) {
            edges[i] = sorted[(int) ((long) (i + 1) * sorted.length / COUNT)];
        }
        return new Bins(List.of(edges), shares(numbers, List.of(edges)));
    }

    /** {@return the numbers of a tensor that count} */
    static double[] numbers(Tensor tensor) {
        int elements = (int) Math.min(Integer.MAX_VALUE, tensor.elements());
        int count = Math.min(elements, MOST_NUMBERS);
        double[] numbers = new double[count];
        for (int i = 0; i < count; i++) {
            numbers[i] = Numbers.at(tensor, (int) ((long) i * elements / count));
        }
        return numbers;
    }

    /** {@return the population stability index of these numbers against the reference} */
    double psi(double[] numbers) {
        List<Double> now = shares(numbers, edges);
        double sum = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += (now.get(i) - shares.get(i)) * Math.log(now.get(i) / shares.get(i));
        }
        return sum;
    }

    /** Each bin has half a number more than it has, so that an empty one does not count for infinitely much. */
    private static List<Double> shares(double[] numbers, List<Double> edges) {
        double[] counts = new double[COUNT];
        Arrays.fill(counts, 0.5);
        for (double number : numbers) {
            int bin = 0;
            while (bin < edges.size() && !(number < edges.get(bin))) { // NaN is in the last one
                bin++;
            }
            counts[bin]++;
        }
        double all = numbers.length + 0.5 * COUNT;
        return Arrays.stream(counts).mapToObj(c -> c / all).toList();
    }

    private static boolean isAscending(List<Double> edges) {
        for (int i = 1; i < edges.size(); i++) {
            if (edges.get(i - 1).compareTo(edges.get(i)) > 0) {
                return false;
            }
        }
        return true;
    }
}
