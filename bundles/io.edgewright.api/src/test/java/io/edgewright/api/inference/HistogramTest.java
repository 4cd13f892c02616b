// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HistogramTest {

    private static final List<Double> BOUNDS = List.of(1.0, 2.0, 4.0);

    @Test
    void estimatesQuantilesWithinTheirBucket() {
        var histogram = new Histogram(BOUNDS, List.of(10L, 10L, 0L, 0L), 15);

        assertThat(histogram.count()).isEqualTo(20);
        assertThat(histogram.quantileMillis(0.25)).isEqualTo(0.5, within(1e-9));
        assertThat(histogram.quantileMillis(0.5)).isEqualTo(1, within(1e-9));
        assertThat(histogram.quantileMillis(0.75)).isEqualTo(1.5, within(1e-9));
        assertThat(histogram.quantileMillis(1)).isEqualTo(2, within(1e-9));
    }

    @Test
    void answersZeroWithoutCountsAndTheLastBoundBeyondIt() {
        assertThat(new Histogram(BOUNDS, List.of(0L, 0L, 0L, 0L), 0).quantileMillis(0.99))
                .isZero();
        assertThat(new Histogram(BOUNDS, List.of(1L, 0L, 0L, 9L), 100).quantileMillis(0.99))
                .isEqualTo(4);
        assertThat(new Histogram(BOUNDS, List.of(0L, 0L, 0L, 9L), 100).quantileMillis(0))
                .isEqualTo(4);
    }

    @Test
    void refusesCountsThatDoNotFitItsBounds() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Histogram(BOUNDS, List.of(1L), 0))
                .withMessageContaining("1 counts for 3 bounds");
    }

    @Test
    void addsUpFailures() {
        var empty = new Histogram(List.of(), List.of(0L), 0);
        var statistics = new InferenceStatistics(
                5, Map.of(Reason.DEADLINE_EXCEEDED, 2L, Reason.INPUT_MISMATCH, 3L), 5, 5, 0, 0, 0, 0, 0, 0, empty);

        assertThat(statistics.failed()).isEqualTo(5);
    }

    @Test
    void countsADeadlineFromTheCall() {
        assertThat(RequestOptions.DEFAULT.deadline()).isSameAs(Deadline.NONE);
        assertThat(Deadline.NONE.passed()).isFalse();
        assertThat(RequestOptions.within(Duration.ofHours(1)).deadline().remainingNanos())
                .isBetween(Duration.ofMinutes(50).toNanos(), Duration.ofHours(1).toNanos());
        assertThat(new Deadline(System.nanoTime() - 1, true).passed()).isTrue();
    }

    @Test
    void refusesTimeoutsAndPrioritiesOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RequestOptions.within(Duration.ZERO))
                .withMessageContaining("timeout");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new RequestOptions(Duration.ofSeconds(1), 101))
                .withMessageContaining("101");
    }
}
