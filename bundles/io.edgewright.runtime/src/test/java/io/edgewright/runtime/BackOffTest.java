// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.Configs;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackOffTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final ManualTime time = new ManualTime();
    private final RuntimeSettings settings = RuntimeSettings.of(
            Configs.of(EdgeRuntime.Config.class, Map.of("backoff.start.seconds", 1, "backoff.max.seconds", 4)));
    private final BackOff backOff = new BackOff(time, () -> settings);

    @Test
    void doublesThePause() {
        assertThat(backOff.failed("m", "no")).isEqualTo(SECOND);
        assertThat(backOff.failed("m", "no")).isEqualTo(SECOND.multipliedBy(2));
        assertThat(backOff.failed("m", "no")).isEqualTo(SECOND.multipliedBy(4));
        assertThat(backOff.failed("m", "no")).isEqualTo(SECOND.multipliedBy(4));
        assertThat(backOff.nextTry()).contains(SECOND.multipliedBy(4));
    }

    @Test
    void looksAgainWhenThePauseEndedMeanwhile() {
        backOff.failed("m", "no");
        time.advance(SECOND); // the next device took longer to load than the pause
        assertThat(backOff.nextTry())
                .hasValueSatisfying(d -> assertThat(d).isPositive().isLessThan(SECOND));
        backOff.failed("m", "no");
        assertThat(backOff.nextTry()).contains(SECOND.multipliedBy(2));
        assertThat(backOff.blocked("m")).contains("no"); // woken a little too early
        time.advance(SECOND.multipliedBy(2));
        assertThat(backOff.nextTry())
                .hasValueSatisfying(d -> assertThat(d).isPositive().isLessThan(SECOND));
    }

    @Test
    void doesNotLookForWhatNobodyAsksForAnyMore() {
        backOff.failed("old", "no");
        assertThat(backOff.nextTry()).contains(SECOND);
        time.advance(SECOND);
        assertThat(backOff.nextTry()).isEmpty();
        assertThat(backOff.blocked("old")).isEmpty();
    }
}
