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
import java.util.function.BooleanSupplier;

/**
 * A device that must be configured, for one command: {@code PID[~NAME] KEY=VALUE...}, several by semicolons.
 *
 * @param pid of the driver's factory, or of a singleton
 * @param name of the instance; empty for a singleton
 * @param values what is set
 */
record DeviceSetup(String pid, String name, Map<String, Object> values) {

    private static final Duration LIMIT = Duration.ofSeconds(30);

    /** How long a driver without a device may take to find one. */
    private static final Duration GRACE = Duration.ofSeconds(10);

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

    /** Sets the devices of a request up, and waits until they show, or their drivers say for a while that there is none. */
    static void apply(Request request, Gateway gateway) {
        for (DeviceSetup setup :
                request.option("device").map(DeviceSetup::parse).orElse(List.of())) {
            Deployments deployments = gateway.deployments();
            Set<String> devices = devices(deployments);
            Set<String> drivers = drivers(deployments);
            gateway.configure(setup.pid(), setup.name(), setup.values());
            if (!await(
                    LIMIT,
                    () -> !devices(deployments).equals(devices)
                            || !drivers(deployments).equals(drivers))) {
                throw new IllegalStateException("no driver came up for " + setup.pid() + " within " + LIMIT.toSeconds()
                        + " s; see what --verbose logs, and 'edgewright settings list' for PIDs");
            }
            await(GRACE, () -> !devices(deployments).equals(devices)); // a server must answer first
        }
    }

    private static boolean await(Duration limit, BooleanSupplier condition) {
        long end = System.nanoTime() + limit.toNanos();
        while (!condition.getAsBoolean()) {
            if (Thread.currentThread().isInterrupted()) {
                throw new IllegalStateException("interrupted while a device was set up");
            }
            if (System.nanoTime() - end > 0) {
                return false;
            }
            LockSupport.parkNanos(10_000_000);
        }
        return true;
    }

    private static Set<String> devices(Deployments deployments) {
        Set<String> devices = new HashSet<>();
        deployments.devices().forEach(device -> devices.add(String.valueOf(device.accelerator())));
        return devices;
    }

    private static Set<String> drivers(Deployments deployments) {
        Set<String> drivers = new HashSet<>();
        deployments.idleDrivers().forEach(idle -> drivers.add(idle.driver()));
        return drivers;
    }

    private static IllegalArgumentException wrong(String text) {
        return new IllegalArgumentException("--device is '" + text
                + "', expected PID[~NAME] KEY=VALUE..., such as io.edgewright.accelerator.sim~npu device.id=sim:npu");
    }
}
