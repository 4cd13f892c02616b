// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.util.List;

/**
 * One version on several devices, all of which answer: chooses for each request the device that is expected to be done
 * first. Immutable; thread-safe.
 */
final class Fleet {

    private final LoadedVersion[] members; // in order of preference

    Fleet(List<LoadedVersion> members) {
        this.members = members.toArray(LoadedVersion[]::new);
    }

    /** {@return the one to ask now; one that is lost if all are} */
    LoadedVersion choose() {
        LoadedVersion best = members[0];
        double least = Double.MAX_VALUE;
        for (LoadedVersion member : members) {
            if (!member.isLost()) {
                double expected = expectedNanos(member);
                if (expected < least) {
                    least = expected;
                    best = member;
                }
            }
        }
        return best;
    }

    /** {@return how long an answer will take: a run as measured, times the rounds until all before it are done} */
    private static double expectedNanos(LoadedVersion member) {
        Pace pace = member.pace();
        return pace.usualNanos() * (1 + pace.underWay() / (double) member.slots());
    }

    boolean holds(LoadedVersion version) {
        for (LoadedVersion member : members) {
            if (member == version) {
                return true;
            }
        }
        return false;
    }

    int slots() {
        int sum = 0;
        for (LoadedVersion member : members) {
            sum += member.slots();
        }
        return sum;
    }

    /** {@return the largest batch that pays on each of the devices: which one runs it is not known yet} */
    int batchMost() {
        int most = Integer.MAX_VALUE;
        for (LoadedVersion member : members) {
            most = Math.min(most, member.batching().most());
        }
        return most;
    }
}
