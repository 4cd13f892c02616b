// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FailoverTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void movesWhenTheDeviceIsUnpluggedAndBackWhenItWasHealthyForAWhile() throws Exception {
        var time = new ManualTime();
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 30), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.device("sim:npu", "kind", "NPU");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:npu");
            gateway.command("sim:npu", "kind", "NPU", "present", false);
            gateway.awaitOn("d", "sim:cpu");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitEvent("d", Kind.FAILED_OVER);

            gateway.command("sim:npu", "kind", "NPU", "present", true);
            Await.until(
                    "it says that it waits", () -> gateway.status("d").message().contains("healthy for a while"));
            assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:cpu");
            gateway.advance(time, Duration.ofSeconds(31));
            gateway.awaitOn("d", "sim:npu");
            gateway.awaitEvent("d", Kind.RECOVERED);
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
        }
    }

    @Test
    void noRequestFailsWhileDevicesAreUnplugged() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:a");
            var stop = new AtomicBoolean();
            var answered = new AtomicLong();
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                clients.add(CompletableFuture.runAsync(
                        () -> {
                            while (!stop.get()) {
                                try {
                                    assertThat(gateway.ask("d", 1)).isEqualTo(2);
                                    answered.incrementAndGet();
                                } catch (InferenceException e) {
                                    throw new AssertionError("a request failed: " + e.reason(), e);
                                }
                            }
                        },
                        command -> new Thread(command, "client").start()));
            }
            gateway.command("sim:a", "present", false);
            gateway.awaitOn("d", "sim:b");
            long so = answered.get();
            Await.until("clients go on", () -> answered.get() > so + 100);
            stop.set(true);
            for (CompletableFuture<Void> client : clients) {
                client.get(10, TimeUnit.SECONDS);
            }
        }
    }

    @Test
    void aFailingRunIsRepeatedOnTheNextDevice() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 1000), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "fail.percent", 100);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            gateway.awaitEvent("d", Kind.DEVICE_LOST);
            assertThat(gateway.runtime.devices()).anySatisfy(device -> {
                assertThat(device.accelerator().id()).isEqualTo("sim:a");
                assertThat(device.healthy()).isFalse();
                assertThat(device.message()).contains("failed 1 times");
            });
        }
    }

    @Test
    void aLoneDeviceIsTriedOnAndReloadedWhenItsPauseIsOver() throws Exception {
        var time = new ManualTime();
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "fail.percent", 100);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
            Await.until("it is degraded", () -> gateway.status("d").state() == State.DEGRADED);
            gateway.command("sim:a", "fail.percent", 0);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.advance(time, Duration.ofSeconds(5));
            gateway.runtime.core().requestAll();
            gateway.awaitEvent("d", Kind.RECOVERED);
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
        }
    }

    @Test
    void cutsOffARunAtItsDeadline() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "hang", true);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1, RequestOptions.within(Duration.ofMillis(30))))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
            gateway.command("sim:a", "hang", false);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void letsTheCallerGoAtItsDeadlineWhenTheDeviceCannotCutARunOff() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var driver = gateway.device("sim:a", "cancellable", false);
            gateway.deploy("d", "instances", 1);
            gateway.awaitOn("d", "sim:a");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.command("sim:a", "cancellable", false, "hang", true);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1, RequestOptions.within(Duration.ofMillis(500))))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
            assertThat(driver.running()).isEqualTo(1);
            gateway.command("sim:a", "cancellable", false, "hang", false);
            assertThat(gateway.ask("d", 1)).isEqualTo(2); // the only slot was given back
        }
    }

    @Test
    void aStuckDeviceIsLeftOutAndItsRequestsAreAnsweredElsewhere() throws Exception {
        try (var gateway = new Gateway(home, Map.of("stuck.seconds", 1, "recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a", "cancellable", false);
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "cancellable", false, "hang", true);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            assertThat(gateway.runtime.check())
                    .anyMatch(f -> f.severity() == Severity.CRITICAL
                            && f.subject().equals("accelerator sim:a")
                            && f.message().contains("stuck"));
            gateway.command("sim:a", "cancellable", false, "hang", false);
            gateway.awaitOn("d", "sim:a");
            Await.until("nothing is left open", () -> gateway.store.open() == 1);
        }
    }

    @Test
    void movesBeforeADriverThatStopsIsGone() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:b", "kind", "CPU");
            var driver = gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.runtime.removeDriver(driver);
            assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:b");
            gateway.runtime.addDriver(driver);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void requestsWaitWhileTheOnlyDriverIsReplaced() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var driver = gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.runtime.removeDriver(driver);
            Await.until("nothing serves", () -> gateway.primary("d").isEmpty());
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return gateway.ask("d", 1);
                } catch (InferenceException e) {
                    throw new AssertionError("the request failed: " + e.reason(), e);
                }
            });
            gateway.runtime.addDriver(driver);
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    @Test
    void requestsAreRefusedOnceTheOnlyDriverHasBeenGoneForTooLong() throws Exception {
        var time = new ManualTime();
        try (var gateway = new Gateway(home, Map.of("wait.seconds", 10), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var driver = gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.runtime.removeDriver(driver);
            Await.until("it waits", () -> gateway.status("d").state() == State.DEGRADED);
            gateway.advance(time, Duration.ofSeconds(11));
            Await.until("it gives up", () -> gateway.status("d").state() == State.FAILED);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .withMessageContaining("sim:a")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_READY));
        }
    }
}
