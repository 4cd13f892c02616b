// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.Tensor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** How far the outputs of a model lie from their mean, over samples. */
final class Spread {

    private static final double SHARE = 0.2;

    private final Map<String, Double> tolerances = new HashMap<>();

    /** @param answers those of the original */
    Spread(List<Map<String, Tensor>> answers) {
        if (!answers.isEmpty()) {
            answers.get(0).keySet().forEach(name -> tolerances.put(name, SHARE * deviation(name, answers)));
        }
    }

    /** {@return how far an output may be from the original's, by Euclidean distance} */
    double tolerance(String output) {
        return tolerances.getOrDefault(output, 0.0);
    }

    /** The root mean square of the distance from the mean; of the length where all are equal or of different shapes. */
    private static double deviation(String name, List<Map<String, Tensor>> answers) {
        List<Tensor> all = answers.stream().map(a -> a.get(name)).toList();
        int elements = (int) all.get(0).elements();
        boolean alike = all.stream().allMatch(t -> t.elements() == elements);
        double variance = alike ? squares(all, mean(all, elements)) : 0;
        return Math.sqrt((variance > 1e-12 ? variance : squares(all, new double[0])) / all.size());
    }

    private static double[] mean(List<Tensor> all, int elements) {
        double[] mean = new double[elements];
        for (Tensor tensor : all) {
            for (int i = 0; i < elements; i++) {
                mean[i] += Numbers.at(tensor, i) / all.size();
            }
        }
        return mean;
    }

    private static double squares(List<Tensor> all, double[] around) {
        double sum = 0;
        for (Tensor tensor : all) {
            for (int i = 0; i < tensor.elements(); i++) {
                double difference = Numbers.at(tensor, i) - (around.length == 0 ? 0 : around[i]);
                sum += difference * difference;
            }
        }
        return sum;
    }
}
