// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a driver has loaded and can do without it, once the driver has gone. */
class DriverGoneTest {

    private final OddDriver driver = new OddDriver("odd", true);
    private final CountDownLatch slotClosed = new CountDownLatch(1);

    @TempDir
    Path home;

    @BeforeEach
    void outlive() {
        driver.outlived = true;
        driver.onCloseSlot = slotClosed::countDown;
    }

    @Test
    void itAnswersUntilTheNewDriverServes() throws Exception {
        try (var gateway = serving(new ManualTime())) {
            gateway.runtime.removeDriver(driver);
            Await.until(
                    "it says so", () -> gateway.status("d").message().contains("the driver of device odd has gone"));
            assertThat(gateway.status("d").state()).isEqualTo(State.DEGRADED);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);

            var loads = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            var next = new OddDriver("odd", true);
            next.onLoad = () -> {
                loads.countDown();
                await(goOn);
            };
            gateway.runtime.addDriver(next);
            await(loads);
            assertThat(gateway.ask("d", 2)).isEqualTo(3);
            assertThat(slotClosed.getCount()).isEqualTo(1);

            goOn.countDown();
            gateway.awaitEvent("d", Kind.RECOVERED);
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
            await(slotClosed);
            assertThat(gateway.ask("d", 3)).isEqualTo(4);
        }
    }

    @Test
    void itIsClosedWhenNoDriverComes() throws Exception {
        var time = new ManualTime();
        try (var gateway = serving(time)) {
            gateway.runtime.removeDriver(driver);
            Await.until("it is degraded", () -> gateway.status("d").state() == State.DEGRADED);
            gateway.advance(time, Duration.ofSeconds(11));
            Await.until("it gives up", () -> gateway.status("d").state() == State.FAILED);
            await(slotClosed);
            Await.until("its file is closed", () -> gateway.store.open() == 0);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NOT_READY));
        }
    }

    @Test
    void requestsWaitForTheNewDriverOnceItFails() throws Exception {
        try (var gateway = serving(new ManualTime())) {
            gateway.runtime.removeDriver(driver);
            Await.until("it is degraded", () -> gateway.status("d").state() == State.DEGRADED);
            driver.onRun = () -> {
                throw new NoClassDefFoundError("a class of a bundle that was refreshed");
            };
            var answer = CompletableFuture.supplyAsync(() -> {
                try {
                    return gateway.ask("d", 1);
                } catch (InferenceException e) {
                    throw new AssertionError("the request failed: " + e.reason(), e);
                }
            });
            Await.until("nothing serves", () -> gateway.primary("d").isEmpty());
            gateway.runtime.addDriver(new OddDriver("odd", true));
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    @Test
    void anotherDeviceTakesOver() throws Exception {
        try (var gateway = serving(new ManualTime())) {
            gateway.runtime.addDriver(new OddDriver("other", true));
            gateway.runtime.removeDriver(driver);
            gateway.awaitOn("d", "other");
            await(slotClosed);
        }
    }

    private Gateway serving(ManualTime time) throws Exception {
        var gateway = new Gateway(home, Map.of("wait.seconds", 10), time);
        gateway.store.put("m", "1.0.0", TestModels.add(1, List.of(1L)));
        gateway.runtime.addDriver(driver);
        gateway.deploy("d");
        gateway.awaitOn("d", "odd");
        assertThat(gateway.ask("d", 0)).isEqualTo(1);
        return gateway;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
