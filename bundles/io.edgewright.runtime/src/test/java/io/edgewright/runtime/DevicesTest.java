// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.health.HealthCheck.Severity;
import io.edgewright.api.inference.Deployments.Device;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the runtime knows and tells about devices, whatever their drivers do. */
@Timeout(120)
class DevicesTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void aDeviceGoesFromClosedOverOpenAndHalfOpenToClosed() throws Exception {
        var time = new ManualTime();
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 30), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:a");
            assertThat(device(gateway, "sim:a").state()).isEqualTo(DeviceState.READY);

            gateway.command("sim:a", "fail.percent", 100);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            Device failing = device(gateway, "sim:a");
            assertThat(failing.state()).isEqualTo(DeviceState.FAILING);
            assertThat(failing.state().breaker()).isEqualTo("open");
            assertThat(failing.message()).contains("failed 1 times", "tried again in");
            assertThat(failing.retry()).contains(time.now().plusSeconds(2));

            gateway.command("sim:a", "fail.percent", 0);
            time.advance(Duration.ofSeconds(3));
            assertThat(device(gateway, "sim:a").state()).isEqualTo(DeviceState.TRIAL);
            assertThat(device(gateway, "sim:a").state().breaker()).isEqualTo("half-open");
            assertThat(device(gateway, "sim:a").healthy()).isTrue();
            gateway.advance(time, Duration.ofSeconds(30));
            gateway.awaitOn("d", "sim:a");
            assertThat(device(gateway, "sim:a").state()).isEqualTo(DeviceState.READY);
            assertThat(device(gateway, "sim:a").message()).isEmpty();
        }
    }

    @Test
    void failuresOfSeveralDeploymentsAtOnceCountAsOne() throws Exception {
        var time = new ManualTime();
        var devices = new Devices(time, () -> RuntimeSettings.of(Gateway.settings(Map.of())), Runnable::run, () -> {});
        var driver = new OddDriver("odd:a", true);
        devices.add(driver);
        var place = new Found(driver, driver.device);
        assertThat(devices.failed(place, "odd")).isEqualTo(Duration.ofSeconds(2));
        assertThat(devices.failed(place, "odd")).isEqualTo(Duration.ofSeconds(2));
        time.advance(Duration.ofSeconds(2));
        assertThat(devices.isUsable(place)).isTrue();
        assertThat(devices.failed(place, "odd")).isEqualTo(Duration.ofSeconds(4));
    }

    @Test
    void aDeviceThatComesAndGoesIsTrustedLaterEachTime() {
        var time = new ManualTime();
        var devices = new Devices(
                time,
                () -> RuntimeSettings.of(Gateway.settings(Map.of("recover.seconds", 1))),
                Runnable::run,
                () -> {});
        var driver = new OddDriver("odd:a", true);
        devices.add(driver);
        var place = new Found(driver, driver.device);
        Duration before = Duration.ZERO;
        for (int i = 0; i < 4; i++) {
            driver.present = false;
            devices.look();
            driver.present = true;
            devices.look();
            Duration wait = devices.untilTrusted(place).orElseThrow();
            assertThat(wait).isGreaterThan(before);
            before = wait;
            time.advance(wait);
            assertThat(devices.condition(place).state()).isEqualTo(DeviceState.READY);
        }
    }

    @Test
    void aDeviceThatIsUnpluggedIsToldToBeAbsentAndNotToHaveFailed() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:a");
            gateway.command("sim:a", "present", false);
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitOn("d", "sim:b");
            Device gone = device(gateway, "sim:a");
            assertThat(gone.state()).isEqualTo(DeviceState.ABSENT);
            assertThat(gone.message()).contains("is gone", "set present=true");
            assertThat(gateway.runtime.check())
                    .anyMatch(f -> f.subject().equals("accelerator sim:a")
                            && f.message().contains("is gone"));
            gateway.command("sim:a", "present", true);
            gateway.awaitOn("d", "sim:a");
            assertThat(device(gateway, "sim:a").state()).isEqualTo(DeviceState.READY);
        }
    }

    @Test
    void aDriverThatDoesNotNameItsDevicesHoldsNobodyUp() throws Exception {
        var time = new ManualTime();
        var released = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var odd = new OddDriver("odd:a", true);
            odd.onDevices = () -> await(released);
            gateway.runtime.addDriver(odd);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("d");
            gateway.awaitOn("d", "sim:cpu");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.advance(time, Duration.ofSeconds(31));
            assertThat(gateway.runtime.check())
                    .anyMatch(f -> f.severity() == Severity.CRITICAL
                            && f.subject().startsWith("driver ")
                            && f.message().contains("has not answered"));
            released.countDown();
            gateway.awaitOn("d", "odd:a");
        } finally {
            released.countDown();
        }
    }

    @Test
    void nothingNewIsLoadedOnADriverThatFellSilentAndWhatRunsGoesOn() throws Exception {
        var time = new ManualTime();
        var released = new CountDownLatch(1);
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            var odd = new OddDriver("odd:a", true);
            gateway.runtime.addDriver(odd);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("before");
            gateway.awaitOn("before", "odd:a");
            var asked = new CountDownLatch(1);
            odd.onRescan = () -> {
                asked.countDown();
                await(released);
            };
            gateway.advance(time, Duration.ofSeconds(31)); // the periodic rescan
            await(asked);
            gateway.advance(time, Duration.ofSeconds(31));
            assertThat(device(gateway, "odd:a").state()).isEqualTo(DeviceState.QUARANTINED);
            gateway.deploy("after");
            gateway.awaitOn("after", "sim:cpu");
            assertThat(gateway.ask("before", 1)).isEqualTo(2);
            assertThat(gateway.primary("before").orElseThrow().accelerator()).isEqualTo("odd:a");
            released.countDown();
            Await.until("it is used again", () -> device(gateway, "odd:a").state() == DeviceState.READY);
        } finally {
            released.countDown();
        }
    }

    @Test
    void aRescanFindsADeviceWhoseDriverWasNotTold() throws Exception {
        try (var gateway = new Gateway(home, Map.of("recover.seconds", 0), null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a", "present", false, "tells", false);
            gateway.device("sim:b");
            gateway.deploy("d", "accelerators", new String[] {"sim:a", "sim:b"});
            gateway.awaitOn("d", "sim:b");
            gateway.command("sim:a", "present", true, "tells", false);
            assertThat(gateway.runtime.devices())
                    .noneMatch(d -> d.accelerator().id().equals("sim:a"));
            assertThat(gateway.runtime.rescan())
                    .anyMatch(d -> d.accelerator().id().equals("sim:a"));
            gateway.awaitOn("d", "sim:a");
        }
    }

    @Test
    void aDeviceNodeThatComesOrGoesIsToldOnceItIsQuiet() throws Exception {
        Path dev = Files.createDirectories(home.resolve("dev"));
        var told = new Semaphore(0);
        try (var watch = new DeviceWatch(dev, Duration.ofMillis(20), told::release)) {
            watch.start();
            Path bus = Files.createDirectories(dev.resolve("bus/usb/001")); // folders that were not there
            assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
            Path node = bus.resolve("004");
            Await.until("a node in a new folder is told", () -> {
                Files.deleteIfExists(node);
                Files.createFile(node);
                return told.tryAcquire(200, TimeUnit.MILLISECONDS);
            });
            Files.delete(node);
            assertThat(told.tryAcquire(20, TimeUnit.SECONDS)).isTrue();
        }
    }

    private static Device device(Gateway gateway, String id) {
        return gateway.runtime.devices().stream()
                .filter(d -> d.accelerator().id().equals(id))
                .findFirst()
                .orElseThrow();
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
