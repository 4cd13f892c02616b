// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.inference;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * How a deployment is.
 *
 * @param name the deployment's name
 * @param model the wished model's name
 * @param versionRule the wished version: exact, a range, or {@code latest}; and the floor, if there is one
 * @param state how it is
 * @param message one line: what it does, or what is wrong and what to do about it
 * @param since when the state began
 * @param served the versions held loaded: the primary first, the same on further devices if it is spread, then a canary or
 *     shadow; empty while nothing serves
 * @param previousVersion what a rollback would go back to
 * @param swaps how many times the primary was replaced since the gateway started
 */
public record DeploymentStatus(
        String name,
        String model,
        String versionRule,
        State state,
        String message,
        Instant since,
        List<ServedVersion> served,
        Optional<String> previousVersion,
        long swaps) {

    /** How a deployment is. */
    public enum State {
        /** It loads its first version. */
        STARTING,
        /** It serves what is wished, where it is wished. */
        SERVING,
        /** It serves, but not what is wished or not where; the message says why. */
        DEGRADED,
        /** It serves nothing; the message says what to do. */
        FAILED
    }

    /** Copies. */
    public DeploymentStatus {
        served = List.copyOf(served);
    }

    /** {@return the version that answers, if one does; on the most preferred of its devices} */
    public Optional<ServedVersion> primary() {
        return served.stream()
                .filter(v -> v.role() == ServedVersion.Role.PRIMARY)
                .findFirst();
    }
}
