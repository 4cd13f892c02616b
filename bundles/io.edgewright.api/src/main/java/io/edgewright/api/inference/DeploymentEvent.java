// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import java.time.Instant;
import java.util.Map;

/**
 * One step in the life of a deployment.
 *
 * @param time when
 * @param deployment whose
 * @param kind what happened
 * @param message one line for people
 * @param details further facts: {@code version}, {@code from}, {@code accelerator}, {@code reason}, {@code millis}, ...
 */
public record DeploymentEvent(Instant time, String deployment, Kind kind, String message, Map<String, String> details) {

    /** What happened. Names are stable: they stand in the history on disk. */
    public enum Kind {
        /** The configuration was created. */
        CREATED,
        /** The configuration was changed. */
        CHANGED,
        /** The configuration was deleted. */
        DELETED,
        /** A version was loaded, warmed up and passed its self-test. */
        LOADED,
        /** A version could not be loaded or failed its self-test. */
        LOAD_FAILED,
        /** The primary was replaced. */
        SWAPPED,
        /** A canary or shadow began. */
        OBSERVATION_STARTED,
        /** A canary or shadow became the primary. */
        PROMOTED,
        /** A canary or shadow was thrown out, or the operator went back to the version before. */
        ROLLED_BACK,
        /** A device was lost or stuck. */
        DEVICE_LOST,
        /** Serving moved to another device. */
        FAILED_OVER,
        /** Serving moved back to a preferred device. */
        RECOVERED,
        /** The state changed. */
        STATE
    }

    /** Copies. */
    public DeploymentEvent {
        details = Map.copyOf(details);
    }
}
