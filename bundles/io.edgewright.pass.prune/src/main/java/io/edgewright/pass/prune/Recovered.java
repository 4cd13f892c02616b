// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.graph.SampleFile;
import java.util.List;
import java.util.Set;

/**
 * A model without channels, as the parameters of the pass ask for it.
 *
 * @param model the model
 * @param removed the units that are gone
 * @param remarks on layers that could not be recovered
 * @param how one phrase for people
 */
record Recovered(OnnxModel model, Set<Integer> removed, List<NodeRemark> remarks, String how) {

    /** {@return the model without channels} */
    static Recovered of(Channels channels, Settings settings, PassContext context) throws OptimizationException {
        if (!settings.needsSamples()) {
            Set<Integer> removed =
                    new Plan(channels, settings.importances().get(0), settings.round()).uniform(settings.keep());
            return new Recovered(channels.without(removed), removed, List.of(), "not recovered");
        }
        if (context.calibrationSize() < Settings.FEWEST_SAMPLES) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "prune: there are %d calibration samples, expected %d or more; recovery=none with budget=uniform needs none"
                            .formatted(context.calibrationSize(), Settings.FEWEST_SAMPLES));
        }
        List<TensorSpec> inputs = channels.model().graph().inputs().stream()
                .flatMap(input -> input.spec().stream())
                .toList();
        try (SampleFile samples = SampleFile.of(
                context, inputs, settings.samples(), context.workFolder().resolve("samples"))) {
            return best(channels, settings, samples, context);
        }
    }

    private static Recovered best(Channels channels, Settings settings, SampleFile samples, PassContext context)
            throws OptimizationException {
        var deviation = new Deviation(channels.model(), samples, context);
        Recovered best = null;
        double least = Double.POSITIVE_INFINITY;
        for (Importance importance : settings.importances()) {
            var plan = new Plan(channels, importance, settings.round());
            Set<Integer> removed = settings.bySensitivity()
                    ? plan.bySensitivity(settings.keep(), deviation)
                    : plan.uniform(settings.keep());
            Recovered one = recovered(channels, removed, settings, samples, context);
            double found = deviation.of(one.model());
            if (best == null || found < least) {
                best = one;
                least = found;
            }
        }
        if (best == null || Double.isInfinite(least)) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED, "prune: the model's answers are not finite, before or after");
        }
        return best;
    }

    private static Recovered recovered(
            Channels channels, Set<Integer> removed, Settings settings, SampleFile samples, PassContext context)
            throws OptimizationException {
        OnnxModel slim = channels.without(removed);
        if (!settings.ridge() || removed.isEmpty()) {
            return new Recovered(slim, removed, List.of(), "not recovered");
        }
        List<NodeRemark> remarks = new Recovery(channels, slim, removed, samples, context).run();
        return new Recovered(slim, removed, remarks, "recovered with " + samples.size() + " samples");
    }
}
