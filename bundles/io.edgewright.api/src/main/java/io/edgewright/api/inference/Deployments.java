// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.Accelerator;
import java.util.List;
import java.util.Optional;
import org.osgi.annotation.versioning.ProviderType;

/**
 * What the runtime serves; a service. Deployments are created, changed and deleted through
 * {@link io.edgewright.api.config.Settings} with the factory PID {@value #FACTORY_PID}. Thread-safe.
 */
@ProviderType
public interface Deployments {

    /** The factory PID of deployments. */
    String FACTORY_PID = "io.edgewright.deployment";

    /**
     * A device with the runtime's view of it.
     *
     * @param accelerator what its driver says
     * @param healthy false while the runtime leaves it out
     * @param message why it is left out and until when; empty if healthy
     * @param deployments the names of the deployments that have a version on it
     */
    record Device(Accelerator accelerator, boolean healthy, String message, List<String> deployments) {

        /** Copies. */
        public Device {
            deployments = List.copyOf(deployments);
        }
    }

    /**
     * An installed driver that has no device.
     *
     * @param driver its name
     * @param message why, and what to install or plug in
     */
    record IdleDriver(String driver, String message) {}

    /** {@return every deployment, by name} */
    List<DeploymentStatus> list();

    /**
     * {@return one deployment}
     *
     * @param name its name
     */
    Optional<DeploymentStatus> find(String name);

    /**
     * {@return the last events of a deployment, newest last; also of a deleted one, as long as its history is kept}
     *
     * @param name its name
     * @param limit how many at the most, 1 or more
     */
    List<DeploymentEvent> history(String name, int limit);

    /**
     * Ends an observation and makes the canary or shadow the primary.
     *
     * @param name the deployment
     * @throws IllegalArgumentException if there is no such deployment
     * @throws IllegalStateException if it has no canary or shadow
     */
    void promote(String name);

    /**
     * Throws a canary or shadow out; without one, goes back to the version that served before. The version left is not
     * tried again until the configuration changes.
     *
     * @param name the deployment
     * @throws IllegalArgumentException if there is no such deployment
     * @throws IllegalStateException if there is nothing to go back to
     */
    void rollback(String name);

    /** {@return every device of every driver} */
    List<Device> devices();

    /** {@return the drivers without a device} */
    List<IdleDriver> idleDrivers();
}
