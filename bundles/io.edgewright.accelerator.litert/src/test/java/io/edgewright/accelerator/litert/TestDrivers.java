// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.isolation.Isolation;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;

/** Drivers as Declarative Services would make them; they share one folder of unpacked libraries. */
final class TestDrivers {

    static final Path HOME = Path.of("target", "home").toAbsolutePath();

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private TestDrivers() {}

    static LitertDriver cpu() {
        return cpu(Map.of());
    }

    static LitertDriver cpu(Map<String, Object> settings, Isolation... isolation) {
        return new LitertDriver(Configs.of(LitertDriver.Config.class, withHome(settings)), List.of(isolation));
    }

    static DelegateDriver delegate(Map<String, Object> settings, Isolation isolation) {
        return new DelegateDriver(isolation, Configs.of(DelegateDriver.Config.class, withHome(settings)));
    }

    /** A folder that no earlier run has used. */
    static Path newHome() {
        try {
            return Files.createTempDirectory(Path.of("target").toAbsolutePath(), "home");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Waits until the device is there. */
    static void awaitDevice(DelegateDriver driver) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (driver.accelerators().isEmpty()) {
            if (System.nanoTime() > end) {
                throw new AssertionError("no device: " + driver.unavailable());
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    /** Waits until the driver says why there is no device, in these words; answers all it says. */
    static String awaitReason(DelegateDriver driver, String words) {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (true) {
            String reason = driver.unavailable().orElse("");
            if (reason.contains(words)) {
                return reason;
            }
            if (System.nanoTime() > end || reason.isEmpty()) {
                throw new AssertionError("expected '" + words + "', found '" + reason + "'");
            }
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }

    private static Map<String, Object> withHome(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.putIfAbsent("home", HOME.toString());
        return all;
    }
}
