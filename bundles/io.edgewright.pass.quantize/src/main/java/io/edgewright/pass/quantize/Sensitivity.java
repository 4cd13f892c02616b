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
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds out which products cost most accuracy for the time that int8 saves there. The accuracy is the error of the answers with this
 * product alone in int8; the time, where the device is this processor, how much longer the model takes with this product alone in
 * float, conversions included, and elsewhere its multiplications. In large models neighbours are tried together first, and those with
 * the greatest error are divided.
 */
final class Sensitivity {

    private static final int SAMPLES = 8;

    /** Products, or groups of them, that are tried. */
    private static final int MOST_TRIALS = 64;

    private static final Comparator<Part> LEAST_ERROR = Comparator.comparingDouble(Part::errorOfEach);

    private final OnnxModel model;
    private final PassContext context;
    private final StaticInt8 int8;
    private final Observation seen;
    private final List<Node> products;
    private final Set<String> names = new HashSet<>();
    private final List<Map<String, Tensor>> samples; // kept, as reading them again may mean to decode pictures
    private final List<Map<String, float[]>> right;
    private int trials;

    /** @param products of the model, in its order */
    Sensitivity(OnnxModel model, PassContext context, StaticInt8 int8, Observation seen, List<Node> products)
            throws OptimizationException {
        this.model = model;
        this.context = context;
        this.int8 = int8;
        this.seen = seen;
        this.products = products;
        products.forEach(p -> names.add(p.name()));
        try (Stream<Map<String, Tensor>> all = Observer.spread(context, context.calibrationSize(), SAMPLES)) {
            this.samples = all.toList();
        }
        this.right = answers(model, List.of(), new double[1]);
    }

    /**
     * {@return the names of the products in two orders: those first that cost most accuracy for the time that they save, and those
     * first that cost most accuracy}
     */
    List<List<String>> costliestFirst() throws OptimizationException, IOException {
        double all = int8.isMeasured() ? int8.micros(seen, Set.of()) : 0;
        List<Part> parts = Part.allOf(products, MOST_TRIALS, part -> tried(part, all));
        Comparator<Part> cheapest = Comparator.comparingDouble(Part::errorForItsPrice);
        return List.of(names(parts, cheapest.thenComparing(LEAST_ERROR)), names(parts, LEAST_ERROR));
    }

    private static List<String> names(List<Part> parts, Comparator<Part> least) {
        return parts.stream()
                .sorted(least.reversed())
                .flatMap(p -> p.products().stream())
                .map(Node::name)
                .toList();
    }

    private Part tried(List<Node> part, double timeOfAll) throws OptimizationException, IOException {
        context.checkCancelled();
        Set<String> without = new HashSet<>();
        part.forEach(p -> without.add(p.name()));
        Set<String> others = new HashSet<>(names);
        others.removeAll(without);
        double[] error = new double[1];
        try (OnnxModel alone = int8.quantized(seen, others)) {
            answers(alone, right, error);
        }
        double price = int8.isMeasured()
                ? int8.micros(seen, without) - timeOfAll
                : part.stream().mapToDouble(this::multiplications).sum();
        trials++;
        context.progress(0.5 + 0.4 * trials / MOST_TRIALS, "sensitivity of " + part);
        return new Part(part, error[0], price);
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
        try (OrtModel opened = OrtModel.open(one, context.workFolder())) {
            for (Map<String, Tensor> sample : samples) {
                Map<String, float[]> answer = new HashMap<>();
                opened.run(sample, (name, values, shape) -> {
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
