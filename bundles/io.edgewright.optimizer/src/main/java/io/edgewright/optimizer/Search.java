// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.OptimizationPass.Stage;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Looks for the pipeline that is best. It goes through the stages in their order, cheap and sure ones first: simplify the
 * graph; then change number formats; then change the architecture, each with and without training; then both; at last fit the
 * best of all to the engine. Stops when its time is over.
 */
final class Search {

    /** Makes, measures and judges variants. */
    interface Workshop {

        Variant tryOut(Pipeline pipeline) throws OptimizationException, NotThereException;

        /** {@return why passes of a stage cannot be judged; empty if they can} */
        String unfit(Stage stage);

        /** {@return true if something would be won by a variant if its answers were right} */
        boolean gains(Variant variant);

        /** {@return what a pipeline that was tried out has made} */
        ModelFile file(Pipeline pipeline) throws OptimizationException, NotThereException;
    }

    private final Passes passes;
    private final Accelerator device;
    private final Workshop workshop;
    private final BooleanSupplier timeLeft;
    private final List<String> declined = new ArrayList<>();
    private final List<Variant> tried = new ArrayList<>();

    Search(Passes passes, Accelerator device, Workshop workshop, BooleanSupplier timeLeft) {
        this.passes = passes;
        this.device = device;
        this.workshop = workshop;
        this.timeLeft = timeLeft;
    }

    /** {@return what was tried} */
    List<Variant> run() throws OptimizationException, NotThereException {
        Pipeline base = simplified();
        Pipeline numbers = best(variants(base, Stage.PRECISION), base);
        for (PassStep structure : steps(Stage.STRUCTURE, base)) {
            Pipeline smaller = base.then(structure);
            if (!timeLeft.getAsBoolean()) {
                break;
            }
            Variant pruned = tryOut(smaller);
            if (isBroken(pruned)
                    || !workshop.gains(pruned)) { // training makes it right, but neither faster nor smaller
                continue;
            }
            Pipeline trained = holds(pruned) ? smaller : trained(smaller);
            if (!numbers.equals(base) && (holds(pruned) || !trained.equals(smaller)) && timeLeft.getAsBoolean()) {
                tryOut(trained.then(last(numbers)));
            }
        }
        Optional<Variant> winner = Selection.best(tried);
        if (winner.isPresent()) {
            variants(winner.get().pipeline(), Stage.ENGINE);
        } else {
            variants(base, Stage.ENGINE);
        }
        return tried;
    }

    /** {@return why passes were not tried, by pass} */
    List<String> declined() {
        return declined.stream().distinct().toList();
    }

    /** Simplifying the graph costs nothing and helps the others, even where it does not pay by itself. */
    private Pipeline simplified() throws OptimizationException, NotThereException {
        Pipeline base = Pipeline.NONE;
        for (PassStep step : steps(Stage.GRAPH, base)) {
            Variant variant = tryOut(base.then(step));
            boolean harmless = holds(variant)
                    || (variant.verdict() == Verdict.NO_GAIN
                            && variant.measurement().speedup() > 0.97);
            base = harmless ? variant.pipeline() : base;
        }
        return base;
    }

    /** {@return with the first training after which it holds the gate, as longer ones only take longer; without if none does} */
    private Pipeline trained(Pipeline smaller) throws OptimizationException, NotThereException {
        for (PassStep training : steps(Stage.TRAINING, smaller)) {
            if (timeLeft.getAsBoolean() && holds(tryOut(smaller.then(training)))) {
                return smaller.then(training);
            }
        }
        return smaller;
    }

    private List<Variant> variants(Pipeline base, Stage stage) throws OptimizationException, NotThereException {
        List<Variant> all = new ArrayList<>();
        for (PassStep step : steps(stage, base)) {
            if (timeLeft.getAsBoolean()) {
                all.add(tryOut(base.then(step)));
            }
        }
        return all;
    }

    private Variant tryOut(Pipeline pipeline) throws OptimizationException, NotThereException {
        Variant variant = workshop.tryOut(pipeline);
        tried.add(variant);
        return variant;
    }

    private static Pipeline best(List<Variant> variants, Pipeline otherwise) {
        return Selection.best(variants).map(Variant::pipeline).orElse(otherwise);
    }

    private List<PassStep> steps(Stage stage, Pipeline base) throws OptimizationException, NotThereException {
        List<PassStep> steps = new ArrayList<>();
        for (OptimizationPass pass : passes.all()) {
            if (pass.stage() != stage) {
                continue;
            }
            String unfit = workshop.unfit(stage);
            if (!unfit.isEmpty()) {
                declined.add(pass.name() + ": " + unfit);
                continue;
            }
            ModelFile model = workshop.file(base);
            Applicability applicability = pass.check(model, device);
            if (!applicability.applicable()) {
                declined.add(pass.name() + ": " + applicability.reason());
                continue;
            }
            for (Map<String, String> parameters : pass.proposals(model, device)) {
                steps.add(new PassStep(pass.name(), parameters));
            }
        }
        return steps;
    }

    private static boolean holds(Variant variant) {
        return variant.verdict() == Verdict.FRONT || variant.verdict() == Verdict.DOMINATED;
    }

    private static boolean isBroken(Variant variant) {
        return variant.verdict() == Verdict.REFUSED || variant.verdict() == Verdict.FAILED;
    }

    private static PassStep last(Pipeline pipeline) {
        return pipeline.steps().get(pipeline.steps().size() - 1);
    }
}
