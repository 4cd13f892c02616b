// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

class TuningTest {

    private static final CpuInfo CPU = new CpuInfo("AMD", "test", 8, 4);
    private static final Duration SHORT = Duration.ofNanos(20_000);
    private static final Duration LONG = Duration.ofMillis(9);
    private static final Duration UNKNOWN = Duration.ofNanos(-1);
    private static final long BIG = 10 << 20;
    private static final long SMALL = 10 << 10;
    private static final LoadOptions THROUGHPUT = LoadOptions.DEFAULT;
    private static final LoadOptions LATENCY = new LoadOptions(Goal.LATENCY, 0, false, Map.of());

    @Test
    void sharesATinyModelAmongManyWithoutAnArena() {
        assertThat(Tuning.choose(THROUGHPUT, CPU, SHORT, false, BIG, true)).isEqualTo(new Tuning(1, false, false, 32));
        assertThat(Tuning.choose(LATENCY, CPU, SHORT, false, BIG, true)).isEqualTo(new Tuning(1, false, false, 32));
        assertThat(Tuning.choose(THROUGHPUT, new CpuInfo("", "", 2, 2), SHORT, false, BIG, true)
                        .parallelism())
                .isEqualTo(16);
    }

    @Test
    void runsALargeModelOnOneThreadWithAFewRunsMoreThanCores() {
        assertThat(Tuning.choose(THROUGHPUT, CPU, LONG, false, SMALL, true)).isEqualTo(new Tuning(1, false, true, 12));
    }

    @Test
    void letsOneSessionSpinForLatencyAndNoMore() {
        assertThat(Tuning.choose(LATENCY, CPU, LONG, false, BIG, true)).isEqualTo(new Tuning(4, true, true, 1));
        assertThat(Tuning.choose(LATENCY, CPU, LONG, false, BIG, false)).isEqualTo(new Tuning(4, false, true, 1));
        assertThat(Tuning.choose(LATENCY, new CpuInfo("", "", 1, 1), LONG, false, BIG, true))
                .isEqualTo(new Tuning(1, false, true, 2));
    }

    @Test
    void goesBySizeWhereNoRunTellsEnough() {
        assertThat(Tuning.choose(THROUGHPUT, CPU, UNKNOWN, false, SMALL, true).arena())
                .isFalse();
        assertThat(Tuning.choose(THROUGHPUT, CPU, UNKNOWN, false, BIG, true).arena())
                .isTrue();
        assertThat(Tuning.choose(THROUGHPUT, CPU, SHORT, true, BIG, true).arena())
                .isTrue();
    }

    @Test
    void doesWhatTheDeploymentSays() {
        var threads = new LoadOptions(Goal.THROUGHPUT, 3, false, Map.of());
        assertThat(Tuning.choose(threads, CPU, LONG, false, BIG, true)).isEqualTo(new Tuning(3, false, true, 3));
        var arena = new LoadOptions(Goal.THROUGHPUT, 0, false, Map.of(Tuning.ARENA, "true"));
        assertThat(Tuning.choose(arena, CPU, SHORT, false, BIG, true).arena()).isTrue();
    }
}
