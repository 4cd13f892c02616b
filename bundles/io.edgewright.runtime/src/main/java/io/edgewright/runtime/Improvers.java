// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.runtime.DeploymentSettings.Placing;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Has what a deployment serves optimized on each of its devices; every one gets its own variant when that is ready. One thread. */
final class Improvers {

    private final Services services;
    private final Journal journal;
    private final Placement placement;
    private final Map<String, Improver> byDevice = new TreeMap<>();

    Improvers(Services services, Journal journal, Placement placement) {
        this.services = services;
        this.journal = journal;
        this.placement = placement;
    }

    /** {@return what to say beside what is served; empty if there is nothing to say} */
    String note() {
        if (byDevice.size() == 1) {
            return byDevice.values().iterator().next().note();
        }
        return byDevice.entrySet().stream()
                .filter(e -> !e.getValue().note().isEmpty())
                .map(e -> e.getKey() + ": " + e.getValue().note())
                .collect(Collectors.joining("; "));
    }

    /**
     * Sees to what serves being what is wished.
     *
     * @param members all that answer
     * @param wakeIn told when to look again
     * @param replace takes one that answers and what is to answer instead of it on the same device
     */
    void improve(
            List<LoadedVersion> members,
            DeploymentSettings settings,
            List<String> problems,
            Consumer<Duration> wakeIn,
            BiConsumer<LoadedVersion, LoadedVersion> replace) {
        keepOnly(members.stream().map(m -> m.device().id()).collect(Collectors.toSet()));
        boolean alone = settings.placing() != Placing.SPREAD; // a device that comes later must be able to join
        for (LoadedVersion member : members) {
            if (!member.isLost()) {
                byDevice.computeIfAbsent(member.device().id(), device -> new Improver(services, journal, placement))
                        .improve(member, settings, problems, wakeIn)
                        .filter(next -> alone || answersAlike(member, next, problems))
                        .ifPresent(next -> replace.accept(member, next));
            }
        }
    }

    /** The work is no longer wanted. */
    void callOff() {
        keepOnly(Set.of());
    }

    private void keepOnly(Set<String> devices) {
        byDevice.entrySet().removeIf(e -> {
            boolean left = !devices.contains(e.getKey());
            if (left) {
                e.getValue().callOff();
            }
            return left;
        });
    }

    /** Callers are given whichever device is free: all must take and give the same. */
    private boolean answersAlike(LoadedVersion member, LoadedVersion next, List<String> problems) {
        boolean alike = next.inputs().equals(member.inputs()) && next.outputs().equals(member.outputs());
        if (!alike) {
            problems.add(placement.refuse(
                    next,
                    "the variant takes %s and gives %s, but the other devices of the spread are to take %s and give %s"
                            .formatted(next.inputs(), next.outputs(), member.inputs(), member.outputs())));
        }
        return alike;
    }
}
