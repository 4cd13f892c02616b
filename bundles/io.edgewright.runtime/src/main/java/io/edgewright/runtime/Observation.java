// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.ServedVersion.Role;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A candidate beside the primary, and what was seen of it since it began. Thread-safe. */
final class Observation {

    private static final Logger LOG = LoggerFactory.getLogger(Observation.class);

    /** What was seen means. */
    enum Verdict {
        GO_ON,
        PROMOTE,
        ROLL_BACK
    }

    /**
     * The verdict with its reason.
     *
     * @param verdict what to do
     * @param reason with the figures, one line
     */
    record Judgement(Verdict verdict, String reason) {}

    private final LoadedVersion candidate;
    private final LoadedVersion primary;
    private final Role role;
    private final int percent;
    private final long startNanos;
    private final @Nullable Shadow shadow;
    private final InferenceStatistics primaryBefore;
    private final LongAdder failures = new LongAdder();

    Observation(
            LoadedVersion candidate,
            LoadedVersion primary,
            Role role,
            int percent,
            long startNanos,
            @Nullable Shadow shadow) {
        this.candidate = candidate;
        this.primary = primary;
        this.role = role;
        this.percent = percent;
        this.startNanos = startNanos;
        this.shadow = shadow;
        this.primaryBefore = primary.recorder().statistics(0);
    }

    LoadedVersion candidate() {
        return candidate;
    }

    Role role() {
        return role;
    }

    int percent() {
        return role == Role.CANARY ? percent : 0;
    }

    long comparisons() {
        return shadow == null ? 0 : shadow.comparisons();
    }

    long disagreements() {
        return shadow == null ? 0 : shadow.disagreements();
    }

    /** Counts requests that the candidate could not answer. */
    void failed(Reason reason, int requests) {
        candidate.recorder().failed(reason);
        failures.add(requests);
    }

    /** Copies the inputs and outputs of a request for the shadow, if it has room; the request does not depend on it. */
    void offer(OutputTensors outputs, LoadedVersion version, InputWriter writer) {
        Shadow to = shadow;
        if (to != null && outputs instanceof InputTensors inputs) {
            try {
                to.offer(inputs, outputs, version, writer);
            } catch (InferenceException | RuntimeException | OutOfMemoryError e) {
                LOG.debug("a request to {} could not be copied for the shadow", version.id(), e);
            }
        }
    }

    /** Judges what was seen so far. */
    Judgement judge(long nowNanos, DeploymentSettings settings) {
        return role == Role.CANARY ? judgeCanary(nowNanos, settings) : judgeShadow(nowNanos, settings);
    }

    private Judgement judgeCanary(long nowNanos, DeploymentSettings settings) {
        InferenceStatistics seen = candidate.recorder().statistics(0);
        long bad = failures.sum();
        long total = seen.successes() + bad;
        double errors = total == 0 ? 0 : 100.0 * bad / total;
        // more failures than the whole observation may have: no use in waiting for its end
        if (bad * 100.0 > settings.maxErrorPercent() * Math.max(total, settings.observeRequests())) {
            return new Judgement(
                    Verdict.ROLL_BACK,
                    "%d of %d requests failed (%.1f %%), at most %d %% may"
                            .formatted(bad, total, errors, settings.maxErrorPercent()));
        }
        if (total < settings.observeRequests()) {
            return new Judgement(Verdict.GO_ON, "%d of %d requests seen".formatted(total, settings.observeRequests()));
        }
        double p95 = seen.latency().quantileMillis(0.95);
        InferenceStatistics primaryNow = primary.recorder().statistics(0);
        double before = Quantiles.since(primaryBefore.latency(), primaryNow.latency(), 0.95);
        if (before > 0 && p95 > before * settings.maxLatencyRatio()) {
            return new Judgement(
                    Verdict.ROLL_BACK,
                    "p95 latency is %.3f ms, %.1f times the %.3f ms of version %s; at most %.1f times may be"
                            .formatted(p95, p95 / before, before, primary.version(), settings.maxLatencyRatio()));
        }
        return timeOver(
                nowNanos,
                settings,
                "%d requests, %.1f %% failed, p95 %.3f ms against %.3f ms".formatted(total, errors, p95, before));
    }

    private Judgement judgeShadow(long nowNanos, DeploymentSettings settings) {
        long compared = comparisons();
        long differed = disagreements();
        double percentOff = compared == 0 ? 0 : 100.0 * differed / compared;
        if (differed * 100.0 > settings.maxDisagreementPercent() * Math.max(compared, settings.observeRequests())) {
            return new Judgement(
                    Verdict.ROLL_BACK,
                    "%d of %d compared answers differed or failed (%.1f %%), at most %d %% may"
                            .formatted(differed, compared, percentOff, settings.maxDisagreementPercent()));
        }
        if (compared < settings.observeRequests()) {
            return new Judgement(
                    Verdict.GO_ON, "%d of %d answers compared".formatted(compared, settings.observeRequests()));
        }
        return timeOver(nowNanos, settings, "%d answers compared, %.1f %% differed".formatted(compared, percentOff));
    }

    private Judgement timeOver(long nowNanos, DeploymentSettings settings, String figures) {
        Duration seen = Duration.ofNanos(nowNanos - startNanos);
        boolean over = seen.compareTo(Duration.ofSeconds(settings.observeSeconds())) >= 0;
        return new Judgement(
                over ? Verdict.PROMOTE : Verdict.GO_ON,
                figures + " in " + seen.toSeconds() + " s, at least " + settings.observeSeconds()
                        + " s were asked for");
    }

    /** Quantiles of what came between two looks at a histogram. */
    private static final class Quantiles {

        static double since(Histogram before, Histogram now, double q) {
            List<Long> counts = new ArrayList<>();
            for (int i = 0; i < now.counts().size(); i++) {
                counts.add(Math.max(0, now.counts().get(i) - before.counts().get(i)));
            }
            return new Histogram(now.upperBoundsMillis(), counts, 0).quantileMillis(q);
        }
    }
}
