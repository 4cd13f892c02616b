// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.inference.ServedVersion.Role;
import io.edgewright.api.tensor.Tensor;
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
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** One deployment on several devices at once. */
@Timeout(120)
class SpreadTest {

    private static final List<Long> ONE = List.of(1L);
    private static final String[] BOTH = {"sim:a", "sim:b"};

    @TempDir
    Path home;

    @Test
    void servesOnAllDevicesAndSendsMoreToTheFasterOne() throws Exception {
        try (var gateway = spread(Map.of("recover.seconds", 0), null)) {
            gateway.command("sim:a", "run.micros", 20_000);
            try (var clients = new Clients(gateway, 4)) {
                clients.awaitAnswer();
                Await.until("both answer and the fast one more", () -> {
                    long slow = on(gateway, "sim:a").statistics().successes();
                    long fast = on(gateway, "sim:b").statistics().successes();
                    return slow > 0 && fast > 20 * slow;
                });
            }
            List<ServedVersion> served = gateway.status("d").served();
            assertThat(served).extracting(ServedVersion::role).containsExactly(Role.PRIMARY, Role.PRIMARY);
            assertThat(served).extracting(ServedVersion::accelerator).containsExactly("sim:a", "sim:b");
            assertThat(served.stream().mapToInt(ServedVersion::percent).sum()).isEqualTo(100);
            assertThat(served.get(1).percent()).isGreaterThan(served.get(0).percent());
        }
    }

    @Test
    void followsADeviceThatBecomesSlowAndFastAgain() throws Exception {
        try (var gateway = spread(Map.of(), null)) {
            gateway.command("sim:b", "run.micros", 5_000);
            try (var clients = new Clients(gateway, 1)) {
                clients.awaitAnswer();
                growsOn(gateway, "sim:a", 50);
                gateway.command("sim:a", "run.micros", 40_000);
                growsOn(gateway, "sim:b", 50);
                gateway.command("sim:a", "run.micros", 0); // found by measuring it in the background
                growsOn(gateway, "sim:a", 50);
            }
        }
    }

    @Test
    void aLostDeviceLeavesAndComesBackWithoutAFailedRequest() throws Exception {
        try (var gateway = spread(Map.of("recover.seconds", 0), null)) {
            try (var clients = new Clients(gateway, 4)) {
                clients.awaitAnswer();
                gateway.command("sim:a", "present", false);
                Await.until(
                        "it serves on the other alone",
                        () -> gateway.status("d").served().size() == 1);
                assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:b");
                gateway.awaitEvent("d", Kind.DEVICE_LOST);
                gateway.awaitEvent("d", Kind.FAILED_OVER);
                gateway.command("sim:a", "present", true);
                Await.until(
                        "it serves on both", () -> gateway.status("d").served().size() == 2);
                assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:a");
                gateway.command("sim:b", "fail.percent", 100);
                Await.until("it serves without the failing one", () -> {
                    gateway.runtime.core().requestAll();
                    return gateway.status("d").served().size() == 1;
                });
                gateway.command("sim:b", "fail.percent", 0);
                Await.until(
                        "it serves on both again",
                        () -> gateway.status("d").served().size() == 2);
            }
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
        }
    }

    @Test
    void aSwapChangesTheVersionOnAllDevices() throws Exception {
        try (var gateway = spread(Map.of(), null)) {
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
            assertThat(gateway.status("d").served())
                    .hasSize(2)
                    .allMatch(v -> v.manifest().id().version().toString().equals("2.0.0"));
            for (int i = 0; i < 20; i++) {
                assertThat(gateway.ask("d", i)).isEqualTo(i + 2);
            }
            Await.until("the old ones are freed", () -> gateway.store.open() == 2);
        }
    }

    @Test
    void aCanaryTakesItsShareBesideBoth() throws Exception {
        var time = new ManualTime();
        try (var gateway = spread(
                Map.of(),
                time,
                "rollout",
                "canary",
                "canary.percent",
                20,
                "observe.requests",
                20,
                "max.latency.ratio",
                1000.0)) {
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            Await.until("it is observed", () -> gateway.status("d").served().size() == 3);
            assertThat(gateway.status("d").served().stream()
                            .filter(v -> v.role() == Role.PRIMARY)
                            .mapToInt(ServedVersion::percent)
                            .sum())
                    .isEqualTo(80);
            while (on(gateway, Role.CANARY).statistics().successes() < 30) {
                assertThat(gateway.ask("d", 1)).isIn(2f, 3f);
            }
            gateway.advance(time, Duration.ofSeconds(61));
            gateway.awaitServing("d", "2.0.0");
            Await.until("it is on both", () -> gateway.status("d").served().size() == 2);
        }
    }

    @Test
    void oneVersionMovesBetweenItsDevicesToo() throws Exception {
        try (var gateway = spread(Map.of("recover.seconds", 1000), null)) {
            gateway.command("sim:a", "fail.percent", 100);
            var version = gateway.predictor("d").version("1.0.0").orElseThrow();
            for (int i = 0; i < 50; i++) {
                assertThat(version.predict(Map.of("x", Tensor.ofFloats(ONE, 1))))
                        .containsEntry("y", Tensor.ofFloats(ONE, 2));
            }
        }
    }

    @Test
    void serveOnOneDeviceAgainWhenTheSettingsSaySo() throws Exception {
        try (var gateway = spread(Map.of(), null)) {
            gateway.change("d", "accelerators", BOTH, "placement", "preferred");
            Await.until("it is on one", () -> gateway.status("d").served().size() == 1);
            assertThat(gateway.primary("d").orElseThrow().accelerator()).isEqualTo("sim:a");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            Await.until("the other is freed", () -> gateway.store.open() == 1);
        }
    }

    @Test
    void aDeviceWithoutMemoryForItDoesNotJoin() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d", "accelerators", BOTH, "placement", "spread");
            gateway.awaitOn("d", "sim:a");
            gateway.available.set(1 << 20);
            gateway.device("sim:b");
            Await.until("it says so", () -> gateway.status("d").message().contains("MiB"));
            assertThat(gateway.status("d").served()).hasSize(1);
            gateway.available.set(Long.MAX_VALUE);
            Await.until("it joins", () -> {
                gateway.runtime.core().requestAll();
                return gateway.status("d").served().size() == 2;
            });
        }
    }

    private Gateway spread(Map<String, Object> settings, @Nullable Time time, Object... more) throws Exception {
        var gateway = new Gateway(home, settings, time);
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        gateway.device("sim:a");
        gateway.device("sim:b");
        List<Object> all = new ArrayList<>(List.of("accelerators", BOTH, "placement", "spread"));
        all.addAll(List.of(more));
        gateway.deploy("d", all.toArray());
        Await.until("it is on both", () -> gateway.status("d").served().size() == 2);
        return gateway;
    }

    private static void growsOn(Gateway gateway, String device, int by) throws Exception {
        long before = on(gateway, device).statistics().successes();
        Await.until(device + " answers", () -> on(gateway, device).statistics().successes() > before + by);
    }

    private static ServedVersion on(Gateway gateway, String device) {
        return gateway.status("d").served().stream()
                .filter(v -> v.accelerator().equals(device))
                .findFirst()
                .orElseThrow();
    }

    private static ServedVersion on(Gateway gateway, Role role) {
        return gateway.status("d").served().stream()
                .filter(v -> v.role() == role)
                .findFirst()
                .orElseThrow();
    }

    /** Threads that ask without a pause; closing them checks that no request failed. */
    private static final class Clients implements AutoCloseable {

        private final AtomicBoolean stop = new AtomicBoolean();
        private final AtomicLong answered = new AtomicLong();
        private final AtomicReference<Throwable> failed = new AtomicReference<>();
        private final List<CompletableFuture<Void>> all = new ArrayList<>();

        Clients(Gateway gateway, int count) {
            for (int i = 0; i < count; i++) {
                all.add(CompletableFuture.runAsync(
                        () -> ask(gateway), command -> new Thread(command, "client").start()));
            }
        }

        void awaitAnswer() throws Exception {
            Await.until("they are answered", () -> answered.get() > 0);
        }

        private void ask(Gateway gateway) {
            try {
                while (!stop.get()) {
                    assertThat(gateway.ask("d", 1, RequestOptions.within(Duration.ofSeconds(20))))
                            .isEqualTo(2);
                    answered.incrementAndGet();
                }
            } catch (InferenceException | AssertionError e) {
                failed.compareAndSet(null, e);
            }
        }

        @Override
        public void close() {
            stop.set(true);
            all.forEach(client -> client.orTimeout(30, TimeUnit.SECONDS).join());
            assertThat(failed).hasNullValue();
            assertThat(answered).hasPositiveValue();
        }
    }
}
