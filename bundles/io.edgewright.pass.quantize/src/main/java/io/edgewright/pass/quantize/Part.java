// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.onnx.Node;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * Products that were tried together.
 *
 * @param products neighbours
 * @param error of the answers, with only these in int8
 * @param price what they save: microseconds, or multiplications
 */
record Part(List<Node> products, double error, double price) {

    /** Tries some products. */
    @FunctionalInterface
    interface Trial {

        Part of(List<Node> products) throws OptimizationException, IOException;
    }

    Part {
        products = List.copyOf(products);
    }

    /**
     * {@return all products, tried one by one; if they are too many, neighbours are tried together first, and then those with the
     * greatest error are halved}
     *
     * @param most trials
     */
    static List<Part> allOf(List<Node> products, int most, Trial trial) throws OptimizationException, IOException {
        int size = products.size() <= most ? 1 : (2 * products.size() + most - 1) / most;
        int trials = 0;
        List<Part> parts = new ArrayList<>();
        for (int start = 0; start < products.size(); start += size, trials++) {
            parts.add(trial.of(products.subList(start, Math.min(start + size, products.size()))));
        }
        for (; trials + 2 <= most; trials += 2) {
            Optional<Part> worst = parts.stream()
                    .filter(p -> p.products.size() > 1)
                    .max(Comparator.comparingDouble(Part::errorOfEach));
            if (worst.isEmpty()) {
                break;
            }
            List<Node> together = worst.get().products;
            int half = together.size() / 2;
            parts.remove(worst.get());
            parts.add(trial.of(together.subList(0, half)));
            parts.add(trial.of(together.subList(half, together.size())));
        }
        return parts;
    }

    double errorOfEach() {
        return error / products.size();
    }

    /** What saves nothing costs accuracy for nothing. */
    double errorForItsPrice() {
        return price > 0 ? error / price : Double.POSITIVE_INFINITY;
    }
}
