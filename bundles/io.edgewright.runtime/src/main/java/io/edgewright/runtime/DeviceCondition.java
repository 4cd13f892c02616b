// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.Deployments.DeviceState;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * How a device is now.
 *
 * @param state closed, half-open or open
 * @param message why, for people; empty if ready
 * @param retry when that ends; empty if ready or unknown
 */
record DeviceCondition(DeviceState state, String message, Optional<Instant> retry) {

    /** Nothing is known against it. */
    static final DeviceCondition READY = new DeviceCondition(DeviceState.READY, "", Optional.empty());

    boolean isLeftOut() {
        return state != DeviceState.READY && state != DeviceState.TRIAL;
    }

    /** {@return the condition of a device that is there} */
    static DeviceCondition of(DeviceHealth health, Found place, String silence, Time time, RuntimeSettings settings) {
        Optional<String> stuck = health.stuckIn(place.driver());
        if (stuck.isPresent()) {
            return new DeviceCondition(DeviceState.QUARANTINED, "is stuck: " + stuck.get(), Optional.empty());
        }
        if (!silence.isEmpty()) {
            return new DeviceCondition(
                    DeviceState.QUARANTINED,
                    silence + "; what runs on it goes on, nothing new is loaded",
                    Optional.empty());
        }
        long nanos = time.nanos();
        if (health.isBlocked(nanos)) {
            Duration left = Duration.ofNanos(health.blockedUntil() - nanos);
            return new DeviceCondition(
                    DeviceState.FAILING,
                    health.trouble() + "; tried again in " + (left.toSeconds() + 1) + " s",
                    Optional.of(time.now().plus(left)));
        }
        Duration left = health.untilTrusted(nanos, settings);
        if (left.isZero()) {
            return READY;
        }
        String trouble = health.trouble();
        return new DeviceCondition(
                DeviceState.TRIAL,
                (trouble.isEmpty() ? "was away" : trouble) + "; has to be healthy for a while, "
                        + (left.toSeconds() + 1) + " s more, before serving returns to it",
                Optional.of(time.now().plus(left)));
    }

    /** {@return the condition of a device that is gone} */
    static DeviceCondition absent(DeviceHealth health, Time time) {
        long seconds = Duration.ofNanos(time.nanos() - health.absentSince()).toSeconds();
        return new DeviceCondition(
                DeviceState.ABSENT, "is gone for " + seconds + " s; " + health.absence(), Optional.empty());
    }
}
