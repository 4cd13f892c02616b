// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import io.edgewright.api.accelerator.Accelerator;
import java.time.Instant;
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

    /** How the runtime sees a device; in the words of a circuit breaker: closed, half-open or open. */
    enum DeviceState {
        /** It is used. */
        READY("closed"),
        /** It failed or was away, and is tried again: serving returns to it once it has been well for a while. */
        TRIAL("half-open"),
        /** It failed and is left out until its pause is over; the pause doubles with each failure. */
        FAILING("open"),
        /** A call into its driver does not return: left out until it does, or until the driver is restarted. */
        QUARANTINED("open"),
        /** It was there since the gateway started, and is gone. */
        ABSENT("open");

        private final String breaker;

        DeviceState(String breaker) {
            this.breaker = breaker;
        }

        /** {@return {@code closed}, {@code half-open} or {@code open}} */
        public String breaker() {
            return breaker;
        }
    }

    /**
     * A device with the runtime's view of it.
     *
     * @param accelerator what its driver says, or said last
     * @param state how it is
     * @param message why it is not ready, and until when; empty if ready
     * @param retry when it is tried again or trusted again; empty if ready, or if nobody knows
     * @param deployments the names of the deployments that have a version on it
     */
    record Device(
            Accelerator accelerator,
            DeviceState state,
            String message,
            Optional<Instant> retry,
            List<String> deployments) {

        /** Copies. */
        public Device {
            deployments = List.copyOf(deployments);
        }

        /** {@return false while the runtime leaves it out} */
        public boolean healthy() {
            return state == DeviceState.READY || state == DeviceState.TRIAL;
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

    /** {@return every device of every driver, and those that were there before} */
    List<Device> devices();

    /**
     * Has every driver look again for devices, and waits for those that answer within some seconds. What was found is used
     * at once.
     *
     * @return as {@link #devices()}
     */
    List<Device> rescan();

    /** {@return the drivers without a device} */
    List<IdleDriver> idleDrivers();
}
