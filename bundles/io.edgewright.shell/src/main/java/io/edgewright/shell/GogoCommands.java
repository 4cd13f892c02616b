// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.model.ModelManifest;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;

/** The same for Gogo, where it is present; it finds these methods by the service properties and prints what they return. */
@Component(
        name = "io.edgewright.shell.gogo",
        service = GogoCommands.class,
        property = {
            "osgi.command.scope=edgewright",
            "osgi.command.function=accelerators",
            "osgi.command.function=models",
            "osgi.command.function=deployments",
            "osgi.command.function=history",
            "osgi.command.function=promote",
            "osgi.command.function=rollback"
        })
public final class GogoCommands {

    private final Gateway gateway;

    /**
     * Called by Declarative Services.
     *
     * @param gateway knows the services
     */
    @Activate
    public GogoCommands(@Reference Gateway gateway) {
        this.gateway = gateway;
    }

    /** {@return the devices, one a line} */
    public String accelerators() {
        var text = new ByteArrayOutputStream();
        new AcceleratorsCommand(gateway).apply(Map.of(), new PrintStream(text, true, StandardCharsets.UTF_8));
        return text.toString(StandardCharsets.UTF_8);
    }

    /** {@return the models of the local store, one a line} */
    public String models() {
        return gateway.store().models().stream()
                .map(ModelManifest::id)
                .map(Object::toString)
                .sorted()
                .collect(Collectors.joining("\n"));
    }

    /** {@return the deployments, one a line} */
    public String deployments() {
        return gateway.deployments().list().stream().map(GogoCommands::line).collect(Collectors.joining("\n"));
    }

    /**
     * {@return the last 20 events of a deployment}
     *
     * @param deployment its name
     */
    public String history(String deployment) {
        return gateway.deployments().history(deployment, 20).stream()
                .map(e -> e.time() + " " + e.kind() + " " + e.message())
                .collect(Collectors.joining("\n"));
    }

    /**
     * Makes the canary or shadow the primary.
     *
     * @param deployment its name
     */
    public void promote(String deployment) {
        gateway.deployments().promote(deployment);
    }

    /**
     * Goes back to the version before.
     *
     * @param deployment its name
     */
    public void rollback(String deployment) {
        gateway.deployments().rollback(deployment);
    }

    private static String line(DeploymentStatus status) {
        return "%-20s %-9s %s %s"
                .formatted(
                        status.name(),
                        status.state().name().toLowerCase(Locale.ROOT),
                        status.primary()
                                .map(v -> v.manifest().id() + " on " + v.accelerator())
                                .orElse(status.model()),
                        status.message());
    }
}
