// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out which products cost most accuracy for the time that int8 saves there: the error of the answers with this product alone in
 * int8, for each of its multiplications, as the time that is saved goes with these.
 */
final class Sensitivity {

    private static final int SAMPLES = 8;

    private final OnnxModel model;
    private final PassContext context;
    private final StaticInt8 int8;
    private final Observation seen;

    Sensitivity(OnnxModel model, PassContext context, StaticInt8 int8, Observation seen) {
        this.model = model;
        this.context = context;
        this.int8 = int8;
        this.seen = seen;
    }

    /**
     * {@return the names of the products in two orders: those first that cost most accuracy for the time that they save, and those
     * first that cost most accuracy}
     */
    List<List<String>> costliestFirst(List<Node> products) throws OptimizationException, IOException {
        List<Map<String, float[]>> right = answers(model, List.of(), new double[1]);
        Set<String> names = new HashSet<>();
        products.forEach(p -> names.add(p.name()));
        Map<String, Double> errors = new HashMap<>();
        Map<String, Double> costs = new HashMap<>();
        for (Node product : products) {
            context.checkCancelled();
            Set<String> others = new HashSet<>(names);
            others.remove(product.name());
            double[] error = new double[1];
            try (OnnxModel alone = int8.quantized(seen, others)) {
                answers(alone, right, error);
            }
            errors.put(product.name(), error[0]);
            costs.put(product.name(), error[0] / multiplications(product));
            context.progress(0.5 + 0.4 * costs.size() / products.size(), "sensitivity of " + product);
        }
        return List.of(greatestFirst(costs), greatestFirst(errors));
    }

    private static List<String> greatestFirst(Map<String, Double> numbers) {
        return numbers.entrySet().stream()
                .sorted(Map.Entry.<String, Double>comparingByValue()
                        .reversed()
                        .thenComparing(Map.Entry.comparingByKey()))
                .map(Map.Entry::getKey)
                .toList();
    }

    /** For one output element: the weights that take part in it. */
    private double multiplications(Node product) {
        Graph graph = model.graph();
        double perOutput =
                graph.constant(product.input(1)).map(w -> (double) w.elements()).orElse(1.0)
                        / Math.max(1, Int8Rules.channels(graph, product));
        return perOutput * outputElements(product.output(0));
    }

    private double outputElements(String value) {
        long total = seen.histogram(value)
                .or(() -> model.graph().onlyConsumer(value).flatMap(n -> seen.histogram(n.output(0))))
                .map(Histogram::total)
                .orElse(1L);
        return Math.max(1, total);
    }

    /**
     * {@return the answers to a few samples}
     *
     * @param right what to compare with; may be empty
     * @param error gets the mean over samples and outputs of the squared error, relative to the squared answer
     */
    private List<Map<String, float[]>> answers(OnnxModel one, List<Map<String, float[]>> right, double[] error)
            throws OptimizationException {
        List<Map<String, float[]>> all = new ArrayList<>();
        try (OrtModel opened = OrtModel.open(one, context.workFolder());
                Stream<Map<String, Tensor>> samples = Observer.spread(context, context.calibrationSize(), SAMPLES)) {
            for (Iterator<Map<String, Tensor>> it = samples.iterator(); it.hasNext(); ) {
                Map<String, float[]> answer = new HashMap<>();
                opened.run(it.next(), (name, values, shape) -> {
                    float[] copy = new float[values.remaining()];
                    values.get(copy);
                    answer.put(name, copy);
                });
                if (right.size() > all.size()) {
                    error[0] += relativeError(right.get(all.size()), answer);
                    answer.clear(); // only its place counts
                }
                all.add(answer);
            }
        }
        return all;
    }

    private static double relativeError(Map<String, float[]> right, Map<String, float[]> found) {
        double error = 0;
        for (Map.Entry<String, float[]> output : right.entrySet()) {
            float[] expected = output.getValue();
            float[] actual = found.getOrDefault(output.getKey(), new float[0]);
            double squares = 1e-12;
            double differences = 0;
            for (int i = 0; i < Math.min(expected.length, actual.length); i++) {
                double difference = (double) expected[i] - actual[i];
                squares += (double) expected[i] * expected[i];
                differences += difference * difference;
            }
            error += differences / squares;
        }
        return error;
    }
}
