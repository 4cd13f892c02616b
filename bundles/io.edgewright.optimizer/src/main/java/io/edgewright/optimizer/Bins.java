// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.Tensor;
import java.util.Arrays;

/** The distribution of one tensor's numbers: 10 bins that hold equal shares of a reference. */
final class Bins {

    private static final int COUNT = 10;

    /** Of one tensor, spread over it: neighbours in a picture tell the same. */
    private static final int MOST_NUMBERS = 256;

    private final double[] edges = new double[COUNT - 1];
    private final double[] reference;

    /** @param numbers of the reference, one or more */
    Bins(double[] numbers) {
        double[] sorted = numbers.clone();
        Arrays.sort(sorted);
        for (int i = 0; i < edges.length; i++) {
            edges[i] = sorted[(int) ((long) (i + 1) * sorted.length / COUNT)];
        }
        this.reference = shares(numbers);
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
        double[] shares = shares(numbers);
        double sum = 0;
        for (int i = 0; i < COUNT; i++) {
            sum += (shares[i] - reference[i]) * Math.log(shares[i] / reference[i]);
        }
        return sum;
    }

    /** Each bin has half a number more than it has, so that an empty one does not count for infinitely much. */
    private double[] shares(double[] numbers) {
        double[] shares = new double[COUNT];
        Arrays.fill(shares, 0.5);
        for (double number : numbers) {
            int bin = 0;
            while (bin < edges.length && !(number < edges[bin])) { // NaN is in the last one
                bin++;
            }
            shares[bin]++;
        }
        double all = numbers.length + 0.5 * COUNT;
        return Arrays.stream(shares).map(s -> s / all).toArray();
    }
}
