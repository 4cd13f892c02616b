// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.Configs;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** Drivers for tests, watching their server closely. */
final class Drivers {

    private Drivers() {}

    static RemoteDriver start(String url, Object... settings) {
        return new RemoteDriver(config(url, settings), List.of());
    }

    static RemoteDriver.Config config(String url, Object... settings) {
        Map<String, Object> all = new HashMap<>(Map.of(
                "name", "test",
                "url", url,
                "check.millis", 200,
                "check.max.millis", 500,
                "check.failures", 2,
                "connect.millis", 2000));
        for (int i = 0; i < settings.length; i += 2) {
            all.put((String) settings[i], settings[i + 1]);
        }
        return Configs.of(RemoteDriver.Config.class, all);
    }

    /** Starts a driver and waits for its device. */
    static RemoteDriver ready(String url, Object... settings) {
        RemoteDriver driver = start(url, settings);
        await("the device of " + url, () -> !driver.accelerators().isEmpty());
        return driver;
    }

    static void await(String what, BooleanSupplier condition) {
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime() - end).as("waited 60 s for %s", what).isNegative();
            LockSupport.parkNanos(Duration.ofMillis(10).toNanos());
        }
    }
}
