// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.PassRecord;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Figures for people. */
final class Texts {

    /** Why a pass was broken off, where that was not its fault. */
    static final String TIME_OVER = "was broken off, as the time was over";

    private Texts() {}

    /** {@return how good the answers of a variant are} */
    static String quality(Measurement original, Measurement variant) {
        String agreement = text("agrees in %.2f %%", 100 * variant.agreement().score());
        return Double.isNaN(variant.accuracy())
                ? agreement
                : agreement
                        + text(", accuracy %.2f %% (was %.2f %%)", 100 * variant.accuracy(), 100 * original.accuracy());
    }

    /**
     * {@return one line on variants of which none pays: the fastest of the right ones, the fastest of the others, and what was not made}
     *
     * @param declined why passes were not tried
     */
    static String whyNone(List<Variant> judged, List<String> declined) {
        Optional<String> right = fastest(judged, Verdict.NO_GAIN).map(v -> v.pipeline() + " is " + v.reason());
        Optional<String> wrong = fastest(judged, Verdict.GATE_FAILED)
                .map(v -> text(
                                "%s is %.2f times as fast, but ",
                                v.pipeline(), v.measurement().speedup())
                        + v.reason());
        Stream<String> unmade = judged.stream()
                .filter(v -> v.verdict() == Verdict.REFUSED || v.verdict() == Verdict.FAILED)
                .map(Variant::reason)
                .filter(reason -> !reason.equals(TIME_OVER));
        String why = Stream.of(right.stream(), wrong.stream(), unmade, declined.stream())
                .flatMap(parts -> parts)
                .distinct()
                .collect(Collectors.joining("; "));
        return why.isEmpty() ? "no pass is installed" : why;
    }

    /** {@return why the last pass of a variant changed nothing, in brackets; empty if it changed something} */
    static String unchanged(Variant variant) {
        List<PassRecord> steps = variant.steps();
        if (steps.isEmpty()) {
            return "";
        }
        PassResult last = steps.get(steps.size() - 1).result();
        return last.changed() || !last.load().isEmpty() ? "" : " (" + last.summary() + ")";
    }

    private static Optional<Variant> fastest(List<Variant> judged, Verdict verdict) {
        Comparator<Variant> bySpeed = Comparator.comparing(v -> v.measurement().speedup());
        return judged.stream()
                .filter(v -> v.verdict() == verdict)
                .max(Comparator.comparing((Variant v) -> unchanged(v).isEmpty()).thenComparing(bySpeed));
    }

    private static String text(String format, Object... values) {
        return String.format(Locale.ROOT, format, values);
    }
}
