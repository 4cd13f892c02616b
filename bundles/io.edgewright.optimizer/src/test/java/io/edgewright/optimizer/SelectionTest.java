// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.optimize.Agreement;
import io.edgewright.api.optimize.Agreement.Measure;
import io.edgewright.api.optimize.Budget;
import io.edgewright.api.optimize.Gate;
import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Pipeline;
import io.edgewright.api.optimize.Variant;
import io.edgewright.api.optimize.Variant.Verdict;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SelectionTest {

    private static final long MIB = 1 << 20;

    private final Measurement original = measured(1, 1, 0.95, MIB);

    @Test
    void theFastestThatHoldsTheGateIsBest() {
        List<Variant> judged = judge(
                Budget.DEFAULT, of("a", 2, 1, 0.95, MIB), of("b", 4, 0.5, 0.5, MIB), of("c", 3, 0.99, 0.949, MIB));

        assertThat(judged)
                .extracting(Variant::verdict)
                .containsExactly(Verdict.FRONT, Verdict.GATE_FAILED, Verdict.FRONT);
        assertThat(Selection.best(judged)).map(Variant::key).contains("c");
    }

    @Test
    void ofTwoThatAreAsFastTheBetterOneIsChosenAndTheOtherIsMarked() {
        List<Variant> judged = judge(Budget.DEFAULT, of("a", 2, 0.99, 0.946, MIB), of("b", 2, 1, 0.95, MIB));

        assertThat(judged).extracting(Variant::verdict).containsExactly(Verdict.DOMINATED, Verdict.FRONT);
        assertThat(Selection.best(judged)).map(Variant::key).contains("b");
    }

    @Test
    void lostAccuracyBreaksTheGateEvenWhereAnswersAgree() {
        assertThat(judge(Budget.DEFAULT, of("a", 2, 0.985, 0.93, MIB)).get(0).reason())
                .contains("accuracy falls from 95.00 to 93.00 %", "0.50 points");
    }

    @Test
    void aSmallerFileIsAGainUnlessItIsSlower() {
        List<Variant> judged = judge(
                Budget.DEFAULT,
                of("a", 0.99, 1, 0.95, MIB / 2),
                of("b", 0.9, 1, 0.95, MIB / 2),
                of("c", 1, 1, 1, MIB - 1));

        assertThat(judged)
                .extracting(Variant::verdict)
                .containsExactly(Verdict.FRONT, Verdict.NO_GAIN, Verdict.NO_GAIN);
    }

    @Test
    void aBudgetThatThePlainModelBreaksMakesASlowerOneWelcome() {
        Budget small = new Budget(Duration.ZERO, MIB / 2, 0, Duration.ofMinutes(1));
        List<Variant> judged = judge(small, of("a", 0.5, 1, 0.95, MIB / 2), of("b", 2, 1, 0.95, MIB));

        assertThat(judged).extracting(Variant::verdict).containsExactly(Verdict.FRONT, Verdict.GATE_FAILED);
        assertThat(judged.get(1).reason()).contains("the budget is 524288");
    }

    @Test
    void numbersThatAreNoneHoldNoGate() {
        assertThat(judge(Budget.DEFAULT, of("a", 2, Double.NaN, 0.95, MIB))
                        .get(0)
                        .verdict())
                .isEqualTo(Verdict.GATE_FAILED);
    }

    private List<Variant> judge(Budget budget, Variant... variants) {
        return new Selection(original, Gate.DEFAULT, budget).front(List.of(variants));
    }

    private static Variant of(String key, double speedup, double agreement, double accuracy, long bytes) {
        return new Variant(
                key,
                Pipeline.parse(key),
                Verdict.FRONT,
                "",
                measured(speedup, agreement, accuracy, bytes),
                List.of(),
                Map.of());
    }

    private static Measurement measured(double speedup, double agreement, double accuracy, long bytes) {
        var latency = new Latency(Duration.ofMillis(1), Duration.ofMillis(2), 100);
        return new Measurement(new Agreement(Measure.TOP1, agreement, 1, 0, 100), accuracy, latency, speedup, bytes, 0);
    }
}
