// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;

/**
 * Deployments that were made because Kura asked for a stored model that none serves. The name of their configuration says
 * so, and it lasts: what is unloaded is never somebody else's.
 */
final class OnDemandDeployments {

    /** Begins the names of their configurations. */
    static final String PREFIX = "on-demand.";

    private OnDemandDeployments() {}

    /**
     * Creates a deployment that is named as its model, unless one of that name is configured.
     *
     * @return true if it was created now
     * @throws IllegalArgumentException if the name is too long for a configuration
     */
    static synchronized boolean create(Settings settings, String model) throws IOException {
        if (isConfigured(settings, model)) {
            return false;
        }
        settings.create(Deployments.FACTORY_PID, PREFIX + model, Map.of("name", model, "model", model));
        return true;
    }

    /** {@return true if a deployment of that name is configured, whoever did it} */
    static boolean isConfigured(Settings settings, String model) throws IOException {
        return settings.list(Deployments.FACTORY_PID).stream()
                .anyMatch(entry -> model.equals(entry.values().get("name")));
    }

    /** Deletes what {@link #create} created. {@return false if there is no such deployment} */
    static synchronized boolean delete(Settings settings, String model) throws IOException {
        Optional<Settings.Entry> entry = settings.find(Deployments.FACTORY_PID, PREFIX + model);
        if (entry.isPresent()) {
            settings.delete(entry.get().pid());
        }
        return entry.isPresent();
    }
}
