// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.optimize.Evaluator.Candidate;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;

/** Static int8: ranges from calibration, and products back to float where int8 costs too much accuracy. */
final class StaticInt8 {

    private static final int AGREEMENT_SAMPLES = 64;

    /** How often two models are measured, one after the other. */
    private static final int TURNS = 3;

    /** What a measurement must be below, of another, to be less. */
    private static final double WORTH_TELLING = 0.98;

    private final OnnxModel model; // prepared: sorted, each node with a name of its own
    private final Settings settings;
    private final PassContext context;
    private final Path target;
    private final Map<String, Rule> floats = new HashMap<>(); // by name of node
    private final Map<String, Scale> scales = new HashMap<>();
    private double lastAgreement = Double.NaN;
    private Map<String, Tensor> firstSample = Map.of();

    StaticInt8(OnnxModel model, Settings settings, PassContext context, Path target) {
        this.model = model;
        this.settings = settings;
        this.context = context;
        this.target = target;
    }

    PassResult apply() throws OptimizationException, IOException {
        settings.keep().forEach(name -> floats.put(name, Rule.ASKED_FOR));
        Plan wish = plan(model, n -> why(n, Set.of()));
        if (wish.products().isEmpty()) {
            return PassResult.unchanged("no convolution or matrix product of it can run in int8");
        }
        Observation seen = observe(wish);
        excludeWhatIsNotFinite(wish, seen);
        List<Node> products = plan(model, n -> why(n, Set.of())).products();
        if (products.isEmpty()) {
            return PassResult.unchanged("no product is left: values were not finite with the samples");
        }
        if (settings.slowerStaysFloat() && products.size() > 1) {
            products = excludeWhatIsSlower(products, seen);
        }
        write(seen, Set.of());
        Set<String> dropped = settings.leastAgreement() > 0 ? mix(products, seen) : Set.of();
        return report(dropped);
    }

    private Observation observe(Plan wish) throws OptimizationException {
        Map<String, Integer> channelAxes = new HashMap<>();
        for (Node product : wish.products()) {
            channelAxes.put(product.input(0), product.is("Conv") ? 1 : -1);
        }
        Observation seen = new Observer(model, context, settings.samples()).observe(wish.values(), channelAxes);
        try (Stream<Map<String, Tensor>> samples = context.calibration()) {
            firstSample = samples.iterator().next();
        }
        return seen;
    }

    /** What was infinite, or never there, has no range; nor have weights that are not finite. */
    private void excludeWhatIsNotFinite(Plan wish, Observation seen) {
        for (Node node : wish.int8().keySet()) {
            List<String> values = new ArrayList<>(node.inputs());
            values.addAll(node.outputs());
            boolean bad = values.stream().filter(wish.values()::contains).anyMatch(v -> !isFinite(seen, v));
            boolean badConstant = node.inputs().stream()
                    .flatMap(v -> model.graph().constant(v).stream())
                    .filter(w -> w.type() == DataType.FLOAT32)
                    .anyMatch(w -> !isFinite(w.toFloats()));
            if (bad || badConstant) {
                floats.putIfAbsent(node.name(), Rule.NOT_FINITE);
            }
        }
        for (String value : wish.values()) {
            seen.histogram(value).filter(h -> h.total() > 0).ifPresent(h -> {
                scales.put(
                        value,
                        Scale.of(settings.calibration().choose(h, settings.percentile()), settings.activations()));
            });
        }
    }

    /**
     * The first convolution of a network reads few channels, for which the engine's int8 form is made least: on some processors, and
     * with some networks, it is faster in float, and what it reads is not rounded then.
     */
    private List<Node> excludeWhatIsSlower(List<Node> products, Observation seen)
            throws OptimizationException, IOException {
        List<Node> left = new ArrayList<>(products);
        for (Node product : products) {
            if (left.size() > 1 && model.graph().isInput(product.input(0))) {
                double without = Double.POSITIVE_INFINITY;
                double all = Double.POSITIVE_INFINITY;
                for (int turn = 0; turn < TURNS; turn++) {
                    context.checkCancelled();
                    all = Math.min(all, micros(seen, Set.of()));
                    without = Math.min(without, micros(seen, Set.of(product.name())));
                }
                if (without < WORTH_TELLING * all) {
                    floats.put(product.name(), Rule.SLOWER);
                    left.remove(product);
                }
            }
        }
        return left;
    }

    /** {@return true if the model is for this processor, so that times can be measured} */
    boolean isMeasured() {
        return context.device().kind() == AcceleratorKind.CPU;
    }

    /** {@return how long the model takes on this processor with some products in float} */
    double micros(Observation seen, Set<String> dropped) throws OptimizationException, IOException {
        try (OnnxModel quantized = quantized(seen, dropped)) {
            return KernelTimes.micros(quantized, firstSample, context.workFolder());
        }
    }

    private static boolean isFinite(Observation seen, String value) {
        return seen.histogram(value).map(h -> h.notFinite() == 0).orElse(false);
    }

    private static boolean isFinite(float[] values) {
        for (float value : values) {
            if (!(Math.abs(value) <= Float.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }

    private Optional<Rule> why(Node node, Set<String> dropped) {
        Rule rule = dropped.contains(node.name()) ? Rule.SENSITIVE : floats.get(node.name());
        return Optional.ofNullable(rule);
    }

    private static Plan plan(OnnxModel model, Function<Node, Optional<Rule>> excluded) {
        return Plan.of(model.graph(), excluded);
    }

    /** {@return the model in int8 but for some products; the caller closes it} */
    OnnxModel quantized(Observation seen, Set<String> dropped) {
        OnnxModel copy = model.copy();
        Plan plan = plan(copy, n -> why(n, dropped));
        new QdqWriter(copy.graph(), plan, settings, v -> scale(plan.root(v)), seen).write();
        return copy;
    }

    private Scale scale(String value) {
        Scale scale = scales.get(value);
        if (scale == null) {
            throw new IllegalStateException("'" + value + "' was not observed, expected all planned values to be");
        }
        return scale;
    }

    private void write(Observation seen, Set<String> dropped) throws IOException {
        try (OnnxModel quantized = quantized(seen, dropped)) {
            quantized.write(target);
        }
    }

    /** {@return the products that had to go back to float: of two ways to choose them the faster one} */
    private Set<String> mix(List<Node> products, Observation seen) throws OptimizationException, IOException {
        if (agrees()) {
            return Set.of();
        }
        Set<String> best = Set.of();
        double least = Double.POSITIVE_INFINITY;
        for (List<String> costly : new Sensitivity(model, context, this, seen, products).costliestFirst()) {
            int enough = fewest(costly, seen);
            if (enough < costly.size()) {
                Set<String> dropped = new LinkedHashSet<>(costly.subList(0, enough));
                double time = isMeasured() ? micros(seen, dropped) : enough;
                best = time < least ? dropped : best;
                least = Math.min(time, least);
            }
        }
        if (best.isEmpty()) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED,
                    "with one of %d products in int8 it agrees with the original by %s, expected %s"
                            .formatted(products.size(), lastAgreement, settings.leastAgreement()));
        }
        write(seen, best);
        return best;
    }

    /** {@return how many of the first must be in float; all if that is so} */
    private int fewest(List<String> costly, Observation seen) throws OptimizationException, IOException {
        int tooFew = 0;
        int enough = 1;
        while (enough < costly.size() && !agreesWithout(costly, enough, seen)) {
            tooFew = enough;
            enough = enough * 2 < costly.size() ? enough * 2 : Math.max(enough + 1, costly.size() - 1);
        }
        while (enough - tooFew > 1 && enough < costly.size()) {
            int middle = (tooFew + enough) / 2;
            if (agreesWithout(costly, middle, seen)) {
                enough = middle;
            } else {
                tooFew = middle;
            }
        }
        return Math.min(enough, costly.size());
    }

    private boolean agreesWithout(List<String> costly, int count, Observation seen)
            throws OptimizationException, IOException {
        write(seen, new LinkedHashSet<>(costly.subList(0, count)));
        context.progress(0.9, count + " products back to float");
        return agrees();
    }

    private boolean agrees() throws OptimizationException {
        context.checkCancelled();
        lastAgreement = context.evaluator()
                .agreement(Candidate.of(target), AGREEMENT_SAMPLES)
                .score();
        return Double.isNaN(lastAgreement) || lastAgreement >= settings.leastAgreement(); // NaN: nothing to compare
    }

    private PassResult report(Set<String> dropped) throws OptimizationException, IOException {
        Plan plan = plan(model, n -> why(n, dropped));
        Islands islands = Islands.find(model.graph(), plan, target, context);
        List<NodeRemark> remarks = islands.remarks();
        int all = (int) model.graph().nodes().stream()
                .filter(n -> n.domain().isEmpty() && Int8Rules.isProduct(n.opType()))
                .count();
        int int8 = islands.productsInInt8();
        Map<String, Double> figures = new LinkedHashMap<>();
        figures.put("products", (double) all);
        figures.put("products_int8", (double) int8);
        figures.put("products_left_float_for_accuracy", (double) dropped.size());
        figures.put("nodes_float", (double) remarks.size());
        figures.put(
                "size_ratio",
                Files.size(target)
                        / (double) Math.max(1, context.original().manifest().sizeBytes()));
        return PassResult.changed("%d of %d products to int8".formatted(int8, all), figures, remarks);
    }
}
