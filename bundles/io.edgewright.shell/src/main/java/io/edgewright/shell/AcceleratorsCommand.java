// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.inference.Deployments;
import java.io.PrintStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.BiFunction;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** {@code accelerators}: the devices that this machine can run models on. */
@Component(
        name = "io.edgewright.shell.accelerators",
        service = BiFunction.class,
        property = "edgewright.command=accelerators")
public final class AcceleratorsCommand implements BiFunction<Map<String, List<String>>, PrintStream, Integer> {

    private final Gateway gateway;

    /**
     * Called by Declarative Services.
     *
     * @param gateway knows the devices
     */
    @Activate
    public AcceleratorsCommand(@Reference Gateway gateway) {
        this.gateway = gateway;
    }

    @Override
    public Integer apply(Map<String, List<String>> words, PrintStream out) {
        var request = new Request(words);
        DeviceSetup.apply(request, gateway);
        Deployments deployments = gateway.deployments();
        if (request.flag("json")) {
            out.println(json(deployments));
            return 0;
        }
        List<List<String>> rows = new ArrayList<>();
        rows.add(List.of("ACCELERATOR", "DRIVER", "KIND", "STATE", "FORMATS", "ABOUT"));
        for (Deployments.Device device : deployments.rescan()) {
            Accelerator a = device.accelerator();
            rows.add(List.of(
                    a.id(),
                    a.driver(),
                    a.kind().name(),
                    device.state().name().toLowerCase(Locale.ROOT),
                    a.formats().stream().sorted().collect(Collectors.joining(",")),
                    device.message().isEmpty() ? a.description() : device.message()));
        }
        for (Deployments.IdleDriver idle : deployments.idleDrivers()) {
            rows.add(List.of("-", idle.driver(), "-", "no device", "-", idle.message()));
        }
        Columns.print(rows, out);
        return 0;
    }

    /** The same members as the management API answers. */
    private static JsonObject json(Deployments deployments) {
        var devices = new JsonArray();
        for (Deployments.Device device : deployments.rescan()) {
            Accelerator a = device.accelerator();
            var one = new JsonObject();
            one.addProperty("id", a.id());
            one.addProperty("driver", a.driver());
            one.addProperty("kind", a.kind().name());
            one.addProperty("vendor", a.vendor());
            one.addProperty("description", a.description());
            one.addProperty("memoryBytes", a.memoryBytes());
            var formats = new JsonArray();
            a.formats().stream().sorted().forEach(formats::add);
            one.add("formats", formats);
            one.addProperty("healthy", device.healthy());
            one.addProperty("state", device.state().name());
            one.addProperty("breaker", device.state().breaker());
            one.addProperty("message", device.message());
            device.retry().ifPresent(at -> one.addProperty("retryAt", at.toString()));
            var names = new JsonArray();
            device.deployments().forEach(names::add);
            one.add("deployments", names);
            devices.add(one);
        }
        var idle = new JsonArray();
        for (Deployments.IdleDriver driver : deployments.idleDrivers()) {
            var one = new JsonObject();
            one.addProperty("driver", driver.driver());
            one.addProperty("message", driver.message());
            idle.add(one);
        }
        var json = new JsonObject();
        json.add("accelerators", devices);
        json.add("idleDrivers", idle);
        return json;
    }
}
