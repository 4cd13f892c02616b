// SPDX-License-Identifier: Apache-2.0
package io.edgewright.metrics;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.metrics.Exposition.Type;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/** Which devices there are and how they are. */
final class DeviceMetrics {

    private final Exposition out;
    private final List<Deployments.Device> devices;
    private final List<Deployments.IdleDriver> idle;

    DeviceMetrics(Exposition out, List<Deployments.Device> devices, List<Deployments.IdleDriver> idle) {
        this.out = out;
        this.devices = devices;
        this.idle = idle;
    }

    void write() {
        write(
                "edgewright_accelerator_healthy",
                "1 if the device is used, 0 while it is left out.",
                d -> d.healthy() ? 1 : 0);
        states();
        write(
                "edgewright_accelerator_deployments",
                "Deployments that have a version on the device.",
                d -> d.deployments().size());
        write(
                "edgewright_accelerator_memory_bytes",
                "Memory of the device for models; 0 if shared or unknown.",
                d -> d.accelerator().memoryBytes());
        String name = "edgewright_driver_idle";
        out.family(name, Type.GAUGE, "1 for an installed driver that has no device.");
        idle.forEach(driver -> out.sample(name, 1, "driver", driver.driver()));
    }

    private void states() {
        String name = "edgewright_accelerator_state";
        out.family(name, Type.GAUGE, "1 for the state that the device is in; breaker is closed, half-open or open.");
        for (Deployments.Device device : devices) {
            Accelerator accelerator = device.accelerator();
            for (DeviceState state : DeviceState.values()) {
                out.sample(
                        name,
                        device.state() == state ? 1 : 0,
                        "accelerator",
                        accelerator.id(),
                        "driver",
                        accelerator.driver(),
                        "kind",
                        accelerator.kind().toString(),
                        "state",
                        state.name().toLowerCase(Locale.ROOT),
                        "breaker",
                        state.breaker());
            }
        }
    }

    private void write(String name, String help, ToLongFunction<Deployments.Device> value) {
        out.family(name, Type.GAUGE, help);
        for (Deployments.Device device : devices) {
            Accelerator accelerator = device.accelerator();
            out.sample(
                    name,
                    value.applyAsLong(device),
                    "accelerator",
                    accelerator.id(),
                    "driver",
                    accelerator.driver(),
                    "kind",
                    accelerator.kind().toString());
        }
    }
}
