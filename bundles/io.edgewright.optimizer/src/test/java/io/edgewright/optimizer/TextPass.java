// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Applicability;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassParameter;
import io.edgewright.api.optimize.PassResult;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** Changes a {@link TextModel}. */
final class TextPass implements OptimizationPass {

    /** What it makes of a model; null for a refusal. */
    @FunctionalInterface
    interface Change {
        TextModel of(TextModel model, PassContext context) throws OptimizationException;
    }

    private final String name;
    private final Stage stage;
    private final Change change;
    private List<Map<String, String>> proposals = List.of(Map.of());
    final AtomicInteger applied = new AtomicInteger();

    TextPass(String name, Stage stage, Change change) {
        this.name = name;
        this.stage = stage;
        this.change = change;
    }

    /** Halves the time at the price of an error. */
    static TextPass faster(String name, Stage stage, double error) {
        return new TextPass(
                name,
                stage,
                (m, c) -> new TextModel(
                        m.micros() / 2,
                        m.error() + error * Double.parseDouble(c.parameters().get("strength")),
                        m.padding()));
    }

    /** Has a search try these. */
    TextPass proposing(List<Map<String, String>> parameters) {
        proposals = parameters;
        return this;
    }

    @Override
    public List<Map<String, String>> proposals(ModelFile model, Accelerator device) {
        return proposals;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String description() {
        return "For tests.";
    }

    @Override
    public Stage stage() {
        return stage;
    }

    @Override
    public List<PassParameter> parameters() {
        return List.of(PassParameter.real("strength", "times the error", 1, 0, 100));
    }

    @Override
    public Applicability check(ModelFile model, Accelerator device) {
        return Applicability.yes("always");
    }

    @Override
    public PassResult apply(ModelFile model, Path target, PassContext context) throws OptimizationException {
        applied.incrementAndGet();
        try {
            TextModel before = TextModel.read(model.path());
            TextModel after = change.of(before, context);
            if (after.equals(before)) {
                return PassResult.unchanged("nothing to do");
            }
            after.write(target);
            return PassResult.changed(
                    "from " + before.micros(), Map.of("micros_before", (double) before.micros()), List.of());
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "no disk: " + e, e);
        }
    }
}
