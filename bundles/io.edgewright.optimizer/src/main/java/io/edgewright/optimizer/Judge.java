// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Compares models with the original on samples; the original's answers are kept. */
final class Judge {

    private static final long MOST_BYTES = 64L << 20; // of the answers together
    private static final int TRIED = 5; // samples that tell how long the others will take

    private final ModelManifest manifest;
    private final Samples samples;
    private final List<Map<String, Tensor>> answers;
    private final Spread spread;

    /**
     * What came out.
     *
     * @param agreement with the original
     * @param accuracy the share of right answers; NaN without labels
     * @param compared how many boxes of a detector were compared, else samples
     */
    record Verdict(Agreement agreement, double accuracy, int compared) {}

    private Judge(ModelManifest manifest, Samples samples, List<Map<String, Tensor>> answers) {
        this.manifest = manifest;
        this.samples = samples;
        this.answers = answers;
        this.spread = new Spread(answers);
    }

    /**
     * {@return a judge who uses as many of the samples as the original answers in a while, spread over all}
     *
     * @param all the samples
     * @param original loaded
     * @param time how long the original may take for its answers
     */
    static Judge of(ModelManifest manifest, Samples all, Bench original, Duration time, Stopwatch.Pause check)
            throws OptimizationException {
        Samples tried = all.atMost(TRIED);
        long bytes = bytes(answers(tried, original, check));
        long nanosEach = Long.MAX_VALUE; // without reading the samples, which is done for all at once
        for (int i = 0; i < tried.size(); i++) {
            nanosEach = Math.min(nanosEach, Math.max(1, original.time()));
        }
        long most = Math.min(time.toNanos() / nanosEach, MOST_BYTES * tried.size() / Math.max(1, bytes));
        Samples used = all.atMost((int) Math.max(Math.min(all.size(), TRIED), Math.min(most, all.size())));
        return new Judge(manifest, used, answers(used, original, check));
    }

    int size() {
        return samples.size();
    }

    /** {@return how far a model agrees with the original, on some of the samples, or all} */
    Verdict judge(Bench model, int mostSamples, Stopwatch.Pause check) throws OptimizationException {
        int[] chosen = Samples.spread(samples.size(), Math.min(mostSamples, samples.size()));
        var comparison = new Comparison(manifest, spread);
        try (Stream<Map<String, Tensor>> inputs = samples.only(chosen).stream()) {
            int next = 0;
            for (Iterator<Map<String, Tensor>> i = inputs.iterator(); i.hasNext(); next++) {
                check.await();
                Map<String, Tensor> answer = model.run(i.next());
                comparison.add(answers.get(chosen[next]), answer, samples.label(chosen[next]));
            }
        } catch (Samples.UnreadableSample e) {
            throw e.toOptimizationException();
        } catch (IllegalArgumentException e) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED, "its answers cannot be read as the original's: " + e.getMessage(), e);
        }
        checkLabels(comparison);
        return new Verdict(comparison.agreement(), comparison.accuracy(), comparison.compared());
    }

    private void checkLabels(Comparison comparison) throws OptimizationException {
        boolean labelled = samples.size() > 0 && samples.label(0) != Samples.UNKNOWN;
        if (labelled && comparison.measure() != Agreement.Measure.TOP1) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "the labels are classes, but the model's outputs %s are not one of one number for each class"
                            .formatted(manifest.outputs()));
        }
    }

    private static List<Map<String, Tensor>> answers(Samples samples, Bench original, Stopwatch.Pause check)
            throws OptimizationException {
        List<Map<String, Tensor>> answers = new ArrayList<>();
        try (Stream<Map<String, Tensor>> inputs = samples.stream()) {
            for (Iterator<Map<String, Tensor>> i = inputs.iterator(); i.hasNext(); ) {
                check.await();
                answers.add(original.run(i.next()));
            }
        } catch (Samples.UnreadableSample e) {
            throw e.toOptimizationException();
        }
        return answers;
    }

    private static long bytes(List<Map<String, Tensor>> answers) {
        return answers.stream()
                .flatMap(a -> a.values().stream())
                .mapToLong(t -> t.data().limit())
                .sum();
    }
}
