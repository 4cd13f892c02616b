// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.eclipse.kura.configuration.ConfigurationService;
import org.osgi.framework.BundleContext;

/** Models and deployments, for the tests of what uses them. */
public final class ModelProbe {

    private ModelProbe() {}

    public static void store(BundleContext context, String name, Path file, Map<String, String> properties)
            throws Exception {
        Await.service(context, WritableModelStore.class)
                .add(file, new AddOptions(Optional.of(name), Optional.of("1.0.0"), properties, Optional.empty()));
    }

    /** As the console does it; waits until it serves. */
    public static void deploy(BundleContext context, String name) throws Exception {
        Map<String, Object> properties = new HashMap<>(Map.of("name", name, "model", name, "trusted", true));
        Await.service(context, ConfigurationService.class)
                .createFactoryConfiguration(Deployments.FACTORY_PID, name, properties, true);
        serving(context, name);
    }

    public static void undeploy(BundleContext context, String name) throws Exception {
        Await.service(context, ConfigurationService.class).deleteFactoryConfiguration(name, true);
        Deployments deployments = Await.service(context, Deployments.class);
        Await.until("deployment " + name + " to go", () -> deployments.find(name), Optional::isEmpty);
    }

    public static void serving(BundleContext context, String name) throws Exception {
        Deployments deployments = Await.service(context, Deployments.class);
        Await.until("deployment " + name + " to serve", () -> deployments.find(name), s -> s.filter(
                        d -> d.state() == DeploymentStatus.State.SERVING)
                .isPresent());
    }
}
