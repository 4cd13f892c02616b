// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.runtime.DeploymentSettings.Placing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Keeps a deployment that is spread on all devices of its order: those that come join, those that are lost leave. */
final class Spreading {

    private static final Duration FRESH = Duration.ofSeconds(2); // for how long a measured speed is held to be true

    private final Services services;
    private final Serving serving;
    private final Journal journal;
    private final Placement placement;
    private final BiConsumer<LoadedVersion, InferenceException> deviceFailed;

    Spreading(
            Services services,
            Serving serving,
            Journal journal,
            Placement placement,
            BiConsumer<LoadedVersion, InferenceException> deviceFailed) {
        this.services = services;
        this.serving = serving;
        this.journal = journal;
        this.placement = placement;
        this.deviceFailed = deviceFailed;
    }

    /**
     * Loads what is to become the primary on the other devices too, so that a swap costs no throughput.
     *
     * @return what was loaded; why something was not is added to the problems
     */
    List<LoadedVersion> beside(LoadedVersion first, DeploymentSettings settings, List<String> problems) {
        List<LoadedVersion> others = new ArrayList<>();
        if (settings.placing() == Placing.SPREAD) {
            for (Found place : placement.candidates(first.manifest(), settings)) {
                boolean serves =
                        serving.members().stream().anyMatch(m -> m.place().isSame(place));
                if (serves && !place.isSame(first.place())) {
                    load(first, place, settings, problems).ifPresent(others::add);
                }
            }
        }
        return others;
    }

    /** Goes on without the devices that were lost, if one is left. */
    void leaveLost() {
        List<LoadedVersion> members = serving.members();
        List<LoadedVersion> left = members.stream().filter(this::isWell).toList();
        if (left.isEmpty() || left.size() == members.size()) {
            return;
        }
        members.stream().filter(m -> !left.contains(m)).forEach(this::reportLost);
        serving.arrange(left);
        journal.record(Kind.FAILED_OVER, "goes on with " + serving.devices(), details(left.get(0), Map.of()));
    }

    /** Writes down once that the device of a version was lost. */
    void reportLost(LoadedVersion lost) {
        if (!lost.report()) {
            return;
        }
        String message =
                services.devices().isPresent(lost.place()) ? services.devices().message(lost.place()) : "is gone";
        journal.record(
                Kind.DEVICE_LOST,
                "device " + lost.device().id() + " " + message,
                details(lost, Map.of("reason", message)));
    }

    /**
     * Loads the primary's version on the devices that are missing and trusted, and measures those that got no request.
     *
     * @param wakeIn told when to look again
     */
    void join(DeploymentSettings settings, List<String> problems, Consumer<Duration> wakeIn) {
        LoadedVersion primary = serving.primary();
        if (primary == null || primary.isLost()) {
            return;
        }
        List<Found> candidates = placement.candidates(primary.manifest(), settings);
        for (Found place : candidates) {
            if (serving.members().stream().anyMatch(m -> m.place().isSame(place))) {
                continue;
            }
            Optional<Duration> left = services.devices().untilTrusted(place);
            if (left.isPresent() && left.get().isZero()) {
                load(primary, place, settings, settings.accelerators().isEmpty() ? new ArrayList<>() : problems)
                        .ifPresent(version -> add(version, candidates));
            } else {
                String message = services.devices().message(place);
                problems.add("serves on " + serving.devices() + ", not on " + place.id() + ", which "
                        + (message.isEmpty() ? "has to be healthy for a while longer" : message));
                left.ifPresent(wakeIn);
            }
        }
        measure(wakeIn);
    }

    /** Goes on with one device, as the settings do not say to spread any longer. */
    void end() {
        LoadedVersion primary = serving.primary();
        if (primary != null && serving.members().size() > 1) {
            serving.arrange(List.of(primary));
            journal.record(Kind.CHANGED, "serves on " + primary.device().id() + " only", details(primary, Map.of()));
        }
    }

    private void add(LoadedVersion version, List<Found> order) {
        List<LoadedVersion> members = new ArrayList<>();
        List<LoadedVersion> all = new ArrayList<>(serving.members());
        all.add(version);
        for (Found place : order) {
            all.stream().filter(m -> m.place().isSame(place)).forEach(members::add);
        }
        serving.arrange(members);
        journal.record(Kind.RECOVERED, "serves on " + serving.devices(), details(version, Map.of()));
    }

    private Optional<LoadedVersion> load(
            LoadedVersion like, Found place, DeploymentSettings settings, List<String> problems) {
        LoadedVersion version = placement.load(like.manifest(), settings, List.of(place), problems);
        if (version == null) {
            return Optional.empty();
        }
        if (!version.inputs().equals(like.inputs()) || !version.outputs().equals(like.outputs())) {
            problems.add(placement.refuse(
                    version,
                    "it takes %s and gives %s there, but on %s takes %s and gives %s"
                            .formatted(
                                    version.inputs(),
                                    version.outputs(),
                                    like.device().id(),
                                    like.inputs(),
                                    like.outputs())));
            return Optional.empty();
        }
        return Optional.of(version);
    }

    /** {@return true if its device is there and does what it should} */
    boolean isWell(LoadedVersion version) {
        return !version.isLost()
                && services.devices().isPresent(version.place())
                && !services.devices().isStuck(version.place());
    }

    /** A device that gets no requests, as others are faster, may have become faster itself. */
    private void measure(Consumer<Duration> wakeIn) {
        List<LoadedVersion> members = serving.members();
        long now = System.nanoTime();
        boolean busy = members.stream().anyMatch(m -> now - m.pace().seenNanos() < FRESH.toNanos());
        if (members.size() > 1 && busy) {
            members.stream()
                    .filter(m -> now - m.pace().seenNanos() >= FRESH.toNanos())
                    .forEach(m -> services.runners().execute(new Remeasure(m, deviceFailed)));
        }
        if (members.size() > 1) {
            wakeIn.accept(FRESH);
        }
        members.forEach(m -> services.devices().serving(m.place()));
    }

    private static Map<String, String> details(LoadedVersion version, Map<String, String> more) {
        var details = new HashMap<>(more);
        details.put("version", version.version());
        details.put("accelerator", version.device().id());
        return details;
    }
}
