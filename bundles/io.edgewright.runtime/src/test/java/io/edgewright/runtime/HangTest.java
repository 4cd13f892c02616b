// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Calls into drivers that do not return: runs, loads, and the calls that should cancel a run. */
@Timeout(120)
class HangTest {

    private static final List<Long> ONE = List.of(1L);
    private static final RequestOptions SOON = RequestOptions.within(Duration.ofSeconds(20));

    @TempDir
    Path home;

    @Test
    void aRunThatHangsIsCutOffAndRepeatedElsewhereBeforeItsDeadline() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.device("sim:b");
            deployOnBoth(gateway);
            gateway.command("sim:a", "hang", true);
            assertThat(gateway.ask("d", 1, RequestOptions.within(Duration.ofSeconds(2))))
                    .isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            gateway.awaitEvent("d", Kind.FAILED_OVER);
            assertThat(gateway.runtime.devices())
                    .anyMatch(
                            d -> d.state() == DeviceState.FAILING && d.message().contains("usually takes"));
        }
    }

    @Test
    void aRunThatCannotBeCutOffIsLeftAndItsDeviceQuarantinedUntilItEnds() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a", "cancellable", false);
            gateway.device("sim:b");
            deployOnBoth(gateway);
            gateway.command("sim:a", "cancellable", false, "hang", true);
            assertThat(gateway.ask("d", 1, RequestOptions.within(Duration.ofSeconds(2))))
                    .isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            assertThat(gateway.runtime.devices()).anyMatch(d -> d.state() == DeviceState.QUARANTINED);
            assertThat(gateway.runtime.check())
                    .anyMatch(f -> f.severity() == Severity.CRITICAL
                            && f.subject().equals("accelerator sim:a")
                            && f.advice().contains("driver is restarted"));
            gateway.command("sim:a", "cancellable", false, "hang", false);
            gateway.awaitOn("d", "sim:a");
            Await.until("nothing is left open", () -> gateway.store.open() == 1);
        }
    }

    @Test
    void aRunWithShapesOfItsOwnIsNotHeldAgainstTheDevice() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, List.of(-1L, -1L)));
            gateway.device("sim:a");
            gateway.device("sim:b");
            deployOnBoth(gateway);
            gateway.command("sim:a", "run.micros", 1_800_000); // as for thousands of numbers instead of one
            var many = Map.of("x", Tensor.ofFloats(List.of(1L, 2L), 1, 2));
            assertThat(gateway.predictor("d")
                            .submit(many, RequestOptions.within(Duration.ofSeconds(15)))
                            .get(20, TimeUnit.SECONDS))
                    .containsEntry("y", Tensor.ofFloats(List.of(1L, 2L), 2, 3));
            assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:a");
            assertThat(gateway.has("d", Kind.DEVICE_LOST)).isFalse();
        }
    }

    @Test
    void aSlowRunWithoutAnotherDeviceIsLeftToItsDeadline() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "run.micros", 700_000);
            assertThat(gateway.ask("d", 1, RequestOptions.within(Duration.ofSeconds(1))))
                    .isEqualTo(2);
        }
    }

    @Test
    void aDriverThatBlocksWhenItCancelsCostsNoOtherRunItsDeadline() throws Exception {
        var released = new CountDownLatch(1);
        var ended = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of("stuck.seconds", 1, "recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var odd = new OddDriver("odd:a", true);
            gateway.runtime.addDriver(odd);
            gateway.device("sim:b");
            gateway.deploy("blocks", "accelerators", new String[] {"odd:a"}, "instances", 1);
            gateway.deploy("other", "accelerators", new String[] {"sim:b"});
            gateway.awaitOn("blocks", "odd:a");
            gateway.awaitOn("other", "sim:b");
            odd.onCancel = () -> await(released);
            odd.onRun = () -> await(ended);
            CompletableFuture<Reason> first = failing(gateway, "blocks");
            Await.until("the call that cancels is told to be stuck", () -> gateway.runtime.devices().stream()
                    .anyMatch(d -> d.state() == DeviceState.QUARANTINED));
            gateway.command("sim:b", "hang", true);
            assertThat(failing(gateway, "other").get(20, TimeUnit.SECONDS)).isEqualTo(Reason.DEADLINE_EXCEEDED);

            odd.onRun = () -> {};
            ended.countDown(); // the run ends, the call that should cancel it does not
            assertThat(first.get(20, TimeUnit.SECONDS)).isNull();
            assertThat(gateway.runtime.devices()).anyMatch(d -> d.state() == DeviceState.QUARANTINED);
            odd.onCancel = () -> {};
            released.countDown();
            gateway.awaitOn("blocks", "odd:a");
            Await.until("the device is back", () -> gateway.runtime.devices().stream()
                    .noneMatch(d -> d.state() == DeviceState.QUARANTINED));
            assertThat(gateway.ask("blocks", 1)).isEqualTo(2);
        } finally {
            released.countDown();
            ended.countDown();
        }
    }

    @Test
    void aLoadThatDoesNotReturnLeavesItsDeviceOutAndTheNextOneServes() throws Exception {
        var time = new ManualTime();
        var loading = new CountDownLatch(1);
        var released = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of("load.seconds", 60, "recover.seconds", 5), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            OddDriver odd = hanging(gateway, loading, released);
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"odd:a", "sim:b"});
            await(loading);
            Await.until("the other device serves", () -> {
                time.advance(Duration.ofMillis(500)); // requests wait 15 s where there is another device
                return gateway.primary("d").isPresent();
            });
            assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:b");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            Await.until("the load is given up", () -> {
                gateway.advance(time, Duration.ofSeconds(61));
                return gateway.runtime.devices().stream().anyMatch(d -> d.state() == DeviceState.QUARANTINED);
            });
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            odd.onLoad = () -> {};
            released.countDown();
            Await.until("serving returns", () -> {
                gateway.advance(time, Duration.ofSeconds(5));
                return gateway.primary("d").orElseThrow().accelerator().equals("odd:a");
            });
            Await.until("nothing is left open", () -> gateway.store.open() == 1);
        } finally {
            released.countDown();
        }
    }

    @Test
    void aLostDeviceIsReplacedWhileTheLoadOnAnotherHangs() throws Exception {
        var time = new ManualTime();
        var loading = new CountDownLatch(1);
        var released = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:b");
            gateway.device("sim:c");
            gateway.deploy("d", "accelerators", new String[] {"odd:a", "sim:b", "sim:c"});
            gateway.awaitOn("d", "sim:b");
            hanging(gateway, loading, released); // preferred, so it is loaded at once
            await(loading);
            gateway.command("sim:b", "present", false);
            CompletableFuture<Float> answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return gateway.ask("d", 1, SOON);
                } catch (InferenceException e) {
                    throw new AssertionError("the request failed: " + e.reason(), e);
                }
            });
            assertThat(answer.get(30, TimeUnit.SECONDS))
                    .isEqualTo(2); // the clock stands still: nobody waits for the load
            gateway.awaitOn("d", "sim:c"); // the status follows the switch
        } finally {
            released.countDown();
        }
    }

    @Test
    void aDeviceWhoseLoadWasCalledOffIsTakenIfThereIsNoOther() throws Exception {
        var loading = new CountDownLatch(1);
        var released = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of(), new ManualTime())) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"odd:a", "sim:b"});
            gateway.awaitOn("d", "sim:b");
            hanging(gateway, loading, released); // preferred, so it is loaded at once
            await(loading);
            gateway.command("sim:b", "present", false);
            gateway.awaitEvent("d", Kind.LOAD_FAILED); // called off, as there is something more urgent
            released.countDown();
            gateway.awaitOn("d", "odd:a"); // the clock stands still: it is not left alone for a while
        } finally {
            released.countDown();
        }
    }

    private static OddDriver hanging(Gateway gateway, CountDownLatch loading, CountDownLatch released) {
        var odd = new OddDriver("odd:a", true);
        odd.onLoad = () -> {
            loading.countDown();
            await(released);
        };
        gateway.runtime.addDriver(odd);
        return odd;
    }

    private static void deployOnBoth(Gateway gateway) throws Exception {
        gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
        gateway.awaitOn("d", "sim:a");
        Await.until("it knows of the other device", () -> gateway.runtime.core().controllers().stream()
                .flatMap(c -> c.serving().versions().stream())
                .allMatch(LoadedVersion::isReplaceable));
    }

    /** {@return why a request with little time failed; null if it did not} */
    private static CompletableFuture<Reason> failing(Gateway gateway, String name) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        gateway.ask(name, 1, RequestOptions.within(Duration.ofMillis(50)));
                        return null;
                    } catch (InferenceException e) {
                        return e.reason();
                    }
                },
                command -> new Thread(command, "caller").start());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
