// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.GoldenCase;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SwapTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void servesTheNewestVersion() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.store.put("m", "1.1.0", TestModels.add(2, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.1.0");
            assertThat(gateway.ask("d", 40)).isEqualTo(42);
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
            assertThat(gateway.primary("d").orElseThrow().statistics().successes())
                    .isEqualTo(1);
            assertThat(gateway.predictor("d").signature().inputs()).hasSize(1);
        }
    }

    @Test
    void noRequestFailsWhileVersionsAreSwapped() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1");
            var stop = new AtomicBoolean();
            var answered = new AtomicLong();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                clients.add(CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                try {
                                    float constant = gateway.ask("d", 1000) - 1000;
                                    assertThat(constant).isBetween(1f, 40f);
                                    answered.incrementAndGet();
                                } catch (InferenceException e) {
                                    throw new AssertionError("a request failed: " + e.reason(), e);
                                }
                            }
                        },
                        command -> new Thread(command, "client").start()));
            }
            for (int version = 2; version <= 40; version++) {
                gateway.store.put("m", String.valueOf(version), TestModels.add(version, ONE));
                gateway.changed();
                gateway.awaitServing("d", String.valueOf(version));
                long so = answered.get();
                Await.until("clients go on", () -> answered.get() > so + 100);
            }
            stop.set(true);
            for (CompletableFuture<Void> client : clients) {
                client.get(10, TimeUnit.SECONDS);
            }
            assertThat(gateway.status("d").swaps()).isEqualTo(39);
            Await.until("old versions are closed", () -> gateway.store.open() == 1);
        }
    }

    @Test
    void aVersionThatFailsItsGoldenPairNeverServes() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            var golden =
                    new GoldenCase("case1", Map.of("x", Tensor.ofFloats(ONE, 1)), Map.of("y", Tensor.ofFloats(ONE, 5)));
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE), golden);
            gateway.changed();
            gateway.awaitEvent("d", Kind.LOAD_FAILED);
            Await.until("it is degraded", () -> gateway.status("d").state() == State.DEGRADED);
            assertThat(gateway.status("d").message()).contains("case1", "3.0", "5.0", "keeps m:1.0.0");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            assertThat(gateway.events).anyMatch(e -> e.topic().equals("deployment/d/load_failed"));
        }
    }

    @Test
    void keepsTheOldVersionWhenMemoryIsShort() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            gateway.available.set(10 << 20);
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            Await.until("it is degraded", () -> gateway.status("d").state() == State.DEGRADED);
            assertThat(gateway.status("d").message()).contains("64 MiB", "10 MiB are available");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void changedSettingsKeepThePredictor() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.device("sim:npu.0");
            var deployment = gateway.deploy("d");
            gateway.awaitServing("d", "2.0.0");
            Predictor before = gateway.predictor("d");
            deployment.modified(Gateway.config("d", "version", "1.0.0", "instances", 3));
            gateway.awaitServing("d", "1.0.0");
            assertThat(gateway.predictor("d")).isSameAs(before);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            assertThat(before.version("1.0.0")).isPresent();
            assertThat(before.version("2.0.0")).isEmpty();
        }
    }

    @Test
    void aSecondDeploymentOfTheSameNameWaitsForTheFirstToGo() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.store.put("n", "1.0.0", TestModels.add(5, ONE));
            gateway.device("sim:npu.0");
            var first = gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            gateway.deploy("d", "model", "n");
            assertThat(gateway.runtime.list()).hasSize(2).anySatisfy(s -> {
                assertThat(s.state()).isEqualTo(State.FAILED);
                assertThat(s.message()).contains("another deployment is named 'd'");
            });
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            first.deactivate(4);
            gateway.awaitServing("d", "1.0.0");
            assertThat(gateway.ask("d", 1)).isEqualTo(6);
        }
    }

    @Test
    void saysWhatToDoWhenTheModelIsMissing() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("other", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d", "model", "shelf");
            Await.until("it failed", () -> gateway.status("d").state() == State.FAILED);
            assertThat(gateway.status("d").message()).contains("'shelf' is in no store", "other");
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_READY));
            assertThat(gateway.runtime.check()).anyMatch(f -> f.subject().equals("deployment d"));
            gateway.store.put("shelf", "1.0.0", TestModels.add(1, ONE));
            gateway.changed();
            gateway.awaitServing("d", "1.0.0");
        }
    }

    @Test
    void saysWhatToDoWhenTheDeviceIsMissing() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d", "accelerators", new String[] {"GPU"});
            Await.until("it failed", () -> gateway.status("d").state() == State.FAILED);
            assertThat(gateway.status("d").message()).contains("[GPU]", "sim:npu.0 (NPU)");
        }
    }

    @Test
    void afterARestartServesWhatServedAndRemembersWhatWasRolledBack() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
            gateway.runtime.rollback("d");
            gateway.awaitServing("d", "1.0.0");
        }
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.device("sim:npu.0");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            Await.until("it says why", () -> gateway.status("d").message().contains("[2.0.0] was rolled back"));
            gateway.store.put("m", "2.1.0", TestModels.add(3, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.1.0");
            assertThat(gateway.status("d").previousVersion()).contains("1.0.0");
        }
    }
}
