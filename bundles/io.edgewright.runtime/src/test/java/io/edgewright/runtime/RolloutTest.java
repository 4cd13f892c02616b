// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RolloutTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void promotesACanaryThatDoesWell() throws Exception {
        var time = new ManualTime();
        try (var gateway = observed(time, TestModels.add(2, ONE), "rollout", "canary", "canary.percent", 50)) {
            askUntil(gateway, 60);
            assertThat(gateway.status("d").served()).hasSize(2);
            assertThat(gateway.primary("d").orElseThrow().percent()).isEqualTo(50);
            gateway.advance(time, Duration.ofSeconds(61));
            gateway.awaitServing("d", "2.0.0");
            gateway.awaitEvent("d", Kind.PROMOTED);
            assertThat(gateway.status("d").served()).hasSize(1);
        }
    }

    @Test
    void rollsACanaryThatFailsBackAndAnswersFromThePrimary() throws Exception {
        var time = new ManualTime();
        try (var gateway =
                observed(time, broken("sim.fail.percent", "25"), "rollout", "canary", "canary.percent", 50)) {
            askUntil(gateway, 20);
            gateway.advance(time, Duration.ofSeconds(2));
            gateway.awaitEvent("d", Kind.ROLLED_BACK);
            gateway.awaitServing("d", "1.0.0");
            Await.until("it says so", () -> gateway.status("d").message().contains("[2.0.0] was rolled back"));
            gateway.changed();
            assertThat(gateway.status("d").state()).isEqualTo(State.DEGRADED);
            assertThat(gateway.status("d").served()).hasSize(1);
        }
    }

    @Test
    void rollsASlowCanaryBack() throws Exception {
        var time = new ManualTime();
        try (var gateway = observed(
                time,
                broken("sim.run.micros", "50000"),
                "rollout",
                "canary",
                "canary.percent",
                50,
                "max.latency.ratio",
                2)) {
            askUntil(gateway, 60);
            gateway.advance(time, Duration.ofSeconds(2));
            gateway.awaitEvent("d", Kind.ROLLED_BACK);
            assertThat(gateway.runtime.history("d", 100))
                    .anyMatch(e -> e.kind() == Kind.ROLLED_BACK && e.message().contains("p95 latency"));
        }
    }

    @Test
    void rollsAShadowThatDisagreesBack() throws Exception {
        var time = new ManualTime();
        try (var gateway = observed(time, TestModels.add(2, ONE), "rollout", "shadow")) {
            for (int i = 0; i < 20; i++) {
                assertThat(gateway.ask("d", i)).isEqualTo(i + 1); // a shadow never answers
                int expected = i + 1;
                Await.until("it was compared", () -> shadowComparisons(gateway) >= expected);
            }
            gateway.advance(time, Duration.ofSeconds(2));
            gateway.awaitEvent("d", Kind.ROLLED_BACK);
            gateway.awaitServing("d", "1.0.0");
        }
    }

    @Test
    void promotesAShadowThatAgrees() throws Exception {
        var time = new ManualTime();
        try (var gateway = observed(time, TestModels.add(1.001f, ONE), "rollout", "shadow")) {
            for (int i = 0; i < 20; i++) {
                assertThat(gateway.ask("d", i)).isEqualTo(i + 1);
                int expected = i + 1;
                Await.until("it was compared", () -> shadowComparisons(gateway) >= expected);
            }
            gateway.advance(time, Duration.ofSeconds(61));
            gateway.awaitServing("d", "2.0.0");
        }
    }

    @Test
    void aCanaryIsPromotedOrThrownOutByHand() throws Exception {
        var time = new ManualTime();
        try (var gateway = observed(time, TestModels.add(2, ONE), "rollout", "canary")) {
            assertThat(gateway.predictor("d")
                            .version("2.0.0")
                            .orElseThrow()
                            .predict(Map.of("x", Tensor.ofFloats(ONE, 1))))
                    .containsEntry("y", Tensor.ofFloats(ONE, 3));
            gateway.runtime.promote("d");
            gateway.awaitServing("d", "2.0.0");
            assertThatIllegalStateException()
                    .isThrownBy(() -> gateway.runtime.promote("d"))
                    .withMessageContaining("no canary or shadow");
            gateway.store.put("m", "3.0.0", TestModels.add(3, ONE));
            gateway.changed();
            Await.until("it is observed", () -> gateway.status("d").served().size() == 2);
            gateway.runtime.rollback("d");
            assertThat(gateway.status("d").served()).hasSize(1);
            gateway.runtime.rollback("d");
            gateway.awaitServing("d", "1.0.0");
        }
    }

    @Test
    void noVersionBelowTheFloorIsChosenOrGoneBackTo() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
            gateway.change("d", "version.floor", "2.0.0");
            assertThatIllegalStateException()
                    .isThrownBy(() -> gateway.runtime.rollback("d"))
                    .withMessageContainingAll("m:1.0.0", "below version.floor", "at least 2.0.0");
            gateway.change("d", "version", "1.0.0", "version.floor", "2.0.0");
            Await.until("it says why", () -> gateway.status("d")
                    .message()
                    .contains("serves m:2.0.0 on, but model 'm' has no version 1.0.0, at least 2.0.0"));
            gateway.awaitServing("d", "2.0.0");
        }
    }

    @Test
    void aStartServesNothingBelowTheFloor() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
        }
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d", "version.floor", "2.0.0");
            Await.until("it says why", () -> gateway.status("d").message().contains("latest, at least 2.0.0"));
            assertThat(gateway.status("d").served()).isEmpty();
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
        }
    }

    private Gateway observed(ManualTime time, byte[] candidate, Object... settings) throws Exception {
        var gateway = new Gateway(home, Map.of(), time);
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        gateway.device("sim:a");
        // latencies are real here, and a busy machine's are anything: only the test of latencies judges them
        Object[] all = Stream.concat(
                        Stream.of("observe.requests", 20, "max.latency.ratio", 1000), Arrays.stream(settings))
                .toArray();
        gateway.deploy("d", all);
        gateway.awaitServing("d", "1.0.0");
        gateway.store.put("m", "2.0.0", candidate);
        gateway.changed();
        Await.until("it is observed", () -> gateway.status("d").served().size() == 2);
        return gateway;
    }

    /** Asks until the canary has seen that many requests, failed ones counted. */
    private static void askUntil(Gateway gateway, int seen) throws Exception {
        for (int i = 0; i < 10_000; i++) {
            assertThat(gateway.ask("d", 1)).isBetween(1f, 3f);
            var served = gateway.status("d").served();
            if (served.size() < 2
                    || served.get(1).statistics().successes()
                                    + served.get(1).statistics().failed()
                            >= seen) {
                return;
            }
        }
        throw new AssertionError("the canary was not asked " + seen + " times in 10,000 requests");
    }

    private static long shadowComparisons(Gateway gateway) {
        var served = gateway.status("d").served();
        return served.size() < 2 ? Long.MAX_VALUE : served.get(1).comparisons();
    }

    /** An identity model that is slow or fails on the simulated device. */
    private static byte[] broken(String key, String value) {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, ONE))
                .output(new TensorSpec("y", ElementType.FLOAT32, ONE))
                .node("Identity", List.of("x"), List.of("y"), Map.of())
                .metadata(key, value)
                .toBytes();
    }
}
