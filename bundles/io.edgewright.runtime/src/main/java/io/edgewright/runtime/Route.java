// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.ServedVersion.Role;
import org.jspecify.annotations.Nullable;

/**
 * Where requests go: replaced as a whole, read once per request.
 *
 * @param primary who answers; null while nothing serves
 * @param fleet all who answer, the primary among them; null if it is the only one
 * @param observation the canary or shadow beside it; null if there is none
 * @param lone true if the primary's device failed and there is no other: go on trying it
 * @param recovering true if a primary is on its way: wait for it
 * @param timeoutNanos of requests that bring none; 0 for none
 * @param tap who looks at some of the inferences; null if nobody may
 * @param message why nothing serves
 */
record Route(
        @Nullable LoadedVersion primary,
        @Nullable Fleet fleet,
        @Nullable Observation observation,
        boolean lone,
        boolean recovering,
        long timeoutNanos,
        @Nullable Tap tap,
        String message) {

    /** {@return who is to answer the next request} */
    @Nullable
    LoadedVersion next() {
        Fleet all = fleet;
        return all == null ? primary : all.choose();
    }

    /** {@return true if it answers requests, and not for an observation} */
    boolean answers(LoadedVersion version) {
        Fleet all = fleet;
        return all == null ? version == primary : all.holds(version);
    }

    /** {@return how many runs side by side make sense} */
    int slots() {
        Fleet all = fleet;
        LoadedVersion first = primary;
        return all != null ? all.slots() : first == null ? 1 : first.slots();
    }

    /** {@return the largest batch that pays} */
    int batchMost() {
        Fleet all = fleet;
        LoadedVersion first = primary;
        return all != null
                ? all.batchMost()
                : first == null ? 1 : first.batching().most();
    }

    @Nullable
    Observation canary() {
        return observation != null && observation.role() == Role.CANARY ? observation : null;
    }

    @Nullable
    Observation shadow() {
        return observation != null && observation.role() == Role.SHADOW ? observation : null;
    }

    /** {@return the served version of that name} */
    @Nullable
    LoadedVersion version(String version) {
        LoadedVersion first = primary;
        if (first != null && first.version().equals(version)) {
            return next();
        }
        Observation other = observation;
        return other != null && other.candidate().version().equals(version) ? other.candidate() : null;
    }
}
