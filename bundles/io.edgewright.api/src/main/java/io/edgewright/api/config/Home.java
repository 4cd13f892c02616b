// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.config;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder {@code edgewright.home}, where everything that must last lives. Bundle data areas do not last: Kura
 * reinstalls bundles at boot.
 */
public final class Home {

    /** The system property and framework property that names the folder. */
    public static final String PROPERTY = "edgewright.home";

    private Home() {}

    /**
     * {@return the folder, absolute; it may not exist yet}
     *
     * <p>In this order: the argument, the system property {@value #PROPERTY}, the environment variable
     * {@code EDGEWRIGHT_HOME}, {@code /var/lib/edgewright} where this process may write it, {@code ~/.edgewright}.
     *
     * @param configured what a component's configuration says; blank for nothing
     */
    public static Path folder(String configured) {
        if (!configured.isBlank()) {
            return Path.of(configured).toAbsolutePath();
        }
        String property = System.getProperty(PROPERTY, "");
        if (!property.isBlank()) {
            return Path.of(property).toAbsolutePath();
        }
        String environment = System.getenv().getOrDefault("EDGEWRIGHT_HOME", "");
        if (!environment.isBlank()) {
            return Path.of(environment).toAbsolutePath();
        }
        Path system = Path.of("/var/lib/edgewright");
        if (Files.isWritable(system) || (!Files.exists(system) && Files.isWritable(Path.of("/var/lib")))) {
            return system;
        }
        return Path.of(System.getProperty("user.home", "."), ".edgewright").toAbsolutePath();
    }
}
