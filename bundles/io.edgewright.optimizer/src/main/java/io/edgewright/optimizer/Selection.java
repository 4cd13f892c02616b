// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Judges variants by what was measured of them. */
final class Selection {

    /** A variant that is not that many times as fast as the original is not faster. */
    private static final double FASTER = 1.05;

    /** A variant that is not that many times as fast as the original is slower. */
    private static final double SLOWER = 0.95;

    /** A variant larger than that share of the original is not smaller. */
    private static final double SMALLER = 0.9;

    /** Less than that is not worth another file. */
    private static final long LEAST_SAVING_BYTES = 64 << 10;

    private static final double ROUNDING = 1e-9;

    private final Measurement original;
    private final Gate gate;
    private final Budget budget;

    Selection(Measurement original, Gate gate, Budget budget) {
        this.original = original;
        this.gate = gate;
        this.budget = budget;
    }

    /** {@return the variant with what its own figures say: {@link Verdict#FRONT} until others are known} */
    Variant judge(Variant variant) {
        if (variant.verdict() == Verdict.REFUSED || variant.verdict() == Verdict.FAILED) {
            return variant;
        }
        Measurement m = variant.measurement();
        String broken = broken(m);
        if (!broken.isEmpty()) {
            return with(variant, Verdict.GATE_FAILED, broken);
        }
        if (!gains(m)) {
            return with(
                    variant,
                    Verdict.NO_GAIN,
                    text("%.2f times as fast, %.2f of the size: no gain", m.speedup(), sizeRatio(m))
                            + Texts.unchanged(variant));
        }
        return with(variant, Verdict.FRONT, text("%.2f times as fast, %.2f of the size", m.speedup(), sizeRatio(m)));
    }

    /** {@return all variants, with those that others beat marked} */
    List<Variant> front(List<Variant> variants) {
        List<Variant> good = good(variants.stream().map(this::judge).toList());
        List<Variant> all = new ArrayList<>();
        for (Variant variant : variants) {
            Variant judged = judge(variant);
            Optional<Variant> better = judged.verdict() == Verdict.FRONT
                    ? good.stream()
                            .filter(g -> beats(g.measurement(), judged.measurement()))
                            .findFirst()
                    : Optional.empty();
            all.add(
                    better.isPresent()
                            ? with(judged, Verdict.DOMINATED, better.get().pipeline() + " is better in everything")
                            : judged);
        }
        return all;
    }

    /** {@return the variant to use: the fastest, unless none is faster; then the smallest} */
    static Optional<Variant> best(List<Variant> judged) {
        Comparator<Variant> byQuality = Comparator.comparing(v -> quality(v.measurement()));
        Optional<Variant> fastest = good(judged).stream()
                .max(Comparator.comparing((Variant v) -> v.measurement().speedup()));
        if (fastest.isEmpty()) {
            return fastest;
        }
        double speedup = fastest.get().measurement().speedup();
        if (speedup < FASTER) {
            return good(judged).stream()
                    .min(Comparator.comparing((Variant v) -> v.measurement().sizeBytes()));
        }
        return good(judged).stream() // as fast within what can be measured
                .filter(v -> v.measurement().speedup() > speedup / 1.02)
                .max(byQuality.thenComparing(v -> -v.measurement().sizeBytes()));
    }

    private static List<Variant> good(List<Variant> judged) {
        return judged.stream().filter(v -> v.verdict() == Verdict.FRONT).toList();
    }

    private String broken(Measurement m) {
        Agreement a = m.agreement();
        if (!(a.score() >= gate.leastAgreement())) {
            return text("agrees in %.2f %%, expected %.2f %%", 100 * a.score(), 100 * gate.leastAgreement());
        }
        if (!(a.cosine() >= gate.leastCosine())) {
            return text("least cosine similarity is %.4f, expected %.4f", a.cosine(), gate.leastCosine());
        }
        if (!(a.maxError() <= gate.mostError())) {
            return text("greatest error is %.4g, expected %.4g at the most", a.maxError(), gate.mostError());
        }
        double loss = original.accuracy() - m.accuracy(); // NaN without labels
        if (loss > gate.mostAccuracyLoss() + ROUNDING) {
            return text(
                    "accuracy falls from %.2f to %.2f %%, by more than %.2f points",
                    100 * original.accuracy(), 100 * m.accuracy(), 100 * gate.mostAccuracyLoss());
        }
        return overBudget(m.latency(), m.sizeBytes(), m.memoryBytes());
    }

    private String overBudget(Latency latency, long sizeBytes, long memoryBytes) {
        if (!budget.latency().isZero() && latency.p50().compareTo(budget.latency()) > 0) {
            return text(
                    "a run takes %.3f ms, the budget is %.3f ms",
                    latency.p50().toNanos() / 1e6, budget.latency().toNanos() / 1e6);
        }
        if (budget.sizeBytes() > 0 && sizeBytes > budget.sizeBytes()) {
            return "it has " + sizeBytes + " bytes, the budget is " + budget.sizeBytes();
        }
        if (budget.memoryBytes() > 0 && memoryBytes > budget.memoryBytes()) {
            return "it takes " + memoryBytes + " bytes of memory, the budget is " + budget.memoryBytes();
        }
        return "";
    }

    /** {@return true if the model as it is does not hold the budget} */
    boolean isNeeded() {
        return !overBudget(original.latency(), original.sizeBytes(), original.memoryBytes())
                .isEmpty();
    }

    /** {@return true if something is won, however right the answers are} */
    boolean gains(Measurement m) {
        return isNeeded() || m.speedup() >= FASTER || (isSmaller(m) && m.speedup() >= SLOWER);
    }

    private boolean isSmaller(Measurement m) {
        return sizeRatio(m) <= SMALLER && original.sizeBytes() - m.sizeBytes() >= LEAST_SAVING_BYTES;
    }

    private double sizeRatio(Measurement m) {
        return (double) m.sizeBytes() / Math.max(1, original.sizeBytes());
    }

    private static boolean beats(Measurement a, Measurement b) {
        boolean noWorse = a.speedup() >= b.speedup() && quality(a) >= quality(b) && a.sizeBytes() <= b.sizeBytes();
        boolean better = a.speedup() > b.speedup() || quality(a) > quality(b) || a.sizeBytes() < b.sizeBytes();
        return noWorse && better;
    }

    private static double quality(Measurement m) {
        return Double.isNaN(m.accuracy()) ? m.agreement().score() : m.accuracy();
    }

    private static Variant with(Variant v, Verdict verdict, String reason) {
        return new Variant(v.key(), v.pipeline(), verdict, reason, v.measurement(), v.steps(), v.load());
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
