// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.Deployments;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.locks.LockSupport;

/**
 * A device that must be configured, for one command: {@code PID[~NAME] KEY=VALUE...}, several by semicolons.
 *
 * @param pid of the driver's factory, or of a singleton
 * @param name of the instance; empty for a singleton
 * @param values what is set
 */
record DeviceSetup(String pid, String name, Map<String, Object> values) {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** Copies. */
    DeviceSetup {
        values = Map.copyOf(values);
    }

    /** {@return the devices that the option {@code --device} sets up} */
    static List<DeviceSetup> parse(String text) {
        List<DeviceSetup> all = new ArrayList<>();
        for (String part : text.split(";", -1)) {
            String[] words = part.strip().split("\\s+", -1);
            int tilde = words[0].indexOf('~');
            Map<String, Object> values = new HashMap<>();
            for (int i = 1; i < words.length; i++) {
                int equals = words[i].indexOf('=');
                if (equals < 1) {
                    throw wrong(text);
                }
                values.put(words[i].substring(0, equals), words[i].substring(equals + 1));
            }
            if (!words[0].matches("[A-Za-z0-9._-]+(~[A-Za-z0-9._-]+)?")) {
                throw wrong(text);
            }
            all.add(
                    tilde < 0
                            ? new DeviceSetup(words[0], "", values)
                            : new DeviceSetup(words[0].substring(0, tilde), words[0].substring(tilde + 1), values));
        }
        return all;
    }

    /** Sets the devices of a request up, and waits until their drivers show. */
    static void apply(Request request, Gateway gateway) {
        List<DeviceSetup> setups =
                request.option("device").map(DeviceSetup::parse).orElse(List.of());
        for (DeviceSetup setup : setups) {
            Set<String> before = shown(gateway.deployments());
            gateway.configure(setup.pid(), setup.name(), setup.values());
            long end = System.nanoTime() + LIMIT.toNanos();
            while (shown(gateway.deployments()).equals(before)) {
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException(
                            "no driver came up for " + setup.pid() + " within " + LIMIT.toSeconds()
                                    + " s; see what --verbose logs, and 'edgewright settings list' for PIDs");
                }
                if (Thread.currentThread().isInterrupted()) {
                    throw new IllegalStateException("interrupted while " + setup.pid() + " was set up");
                }
                LockSupport.parkNanos(10_000_000);
            }
        }
    }

    private static Set<String> shown(Deployments deployments) {
        Set<String> shown = new HashSet<>();
        deployments.devices().forEach(device -> shown.add("device " + device.accelerator()));
        deployments.idleDrivers().forEach(idle -> shown.add("driver " + idle));
        return shown;
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("--device is '" + text
                + "', expected PID[~NAME] KEY=VALUE..., such as io.edgewright.accelerator.sim~npu device.id=sim:npu");
    }
}
