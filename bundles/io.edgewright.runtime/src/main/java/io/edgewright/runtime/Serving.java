// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.inference.ServedVersion.Role;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.DeploymentSettings.Rollout;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a deployment serves now: the primary and a candidate, the route to them, and what of it is on disk. Changed by the
 * deployment's reconciler only; read by any thread.
 */
final class Serving {

    private static final Logger LOG = LoggerFactory.getLogger(Serving.class);

    private final Services services;
    private final Router router;
    private final Journal journal;
    private final Path file;
    private final Shares shares;
    private volatile @Nullable Tap tap;
    private volatile DeploymentSettings settings;
    private volatile DeploymentState state;
    private volatile @Nullable LoadedVersion primary;
    private volatile @Nullable Observation observation;
    private volatile Instant primarySince = Instant.EPOCH;
    private volatile Instant candidateSince = Instant.EPOCH;
    private volatile long swaps;
    private volatile List<LoadedVersion> members = List.of(); // all who answer, the primary first
    private volatile boolean lone;
    private volatile boolean moving;
    private volatile String storageProblem = "";

    Serving(DeploymentSettings settings, Services services, Router router, Journal journal) {
        this.settings = settings;
        this.services = services;
        this.tap = tap(services, settings);
        this.router = router;
        this.journal = journal;
        this.shares = new Shares(services.time());
        this.file = services.folder().resolve(settings.name() + ".json");
        this.state = read(file);
    }

    @Nullable
    LoadedVersion primary() {
        return primary;
    }

    @Nullable
    Observation observation() {
        return observation;
    }

    /** {@return all who answer, the primary first; empty while nothing serves} */
    List<LoadedVersion> members() {
        return members;
    }

    /** {@return the devices of all who answer, for people} */
    String devices() {
        return members.stream().map(m -> m.device().id()).collect(Collectors.joining(", "));
    }

    /** {@return all that is held loaded} */
    List<LoadedVersion> versions() {
        Observation other = observation;
        List<LoadedVersion> all = new ArrayList<>(members);
        if (other != null) {
            all.add(other.candidate());
        }
        return all;
    }

    DeploymentState state() {
        return state;
    }

    long swaps() {
        return swaps;
    }

    /** Says whether another device is being loaded for a primary whose device was lost. */
    void moving(boolean now) {
        moving = now;
    }

    boolean isMoving() {
        return moving;
    }

    boolean isLone() {
        return lone;
    }

    /** {@return why the state is not on disk; empty if it is} */
    String storageProblem() {
        return storageProblem;
    }

    void configure(DeploymentSettings next) {
        settings = next;
        tap = tap(services, next);
        Route now = router.route();
        publish(now.recovering(), now.message());
    }

    void update(DeploymentState next) {
        if (next != state && !next.equals(state)) {
            state = next;
            persist();
        }
    }

    private void persist() {
        try {
            state.write(file);
            storageProblem = "";
        } catch (IOException e) {
            storageProblem = file + " could not be written: " + e;
            LOG.error("deployment {}: {}; a restart would not know what served", settings.name(), storageProblem);
        }
    }

    /**
     * Makes a loaded version the primary; requests under way on the old one finish there.
     *
     * @param beside the same version on other devices, which answer too
     */
    void swap(LoadedVersion next, List<LoadedVersion> beside, Kind kind, String message, boolean remember) {
        LoadedVersion old = primary;
        Observation other = observation;
        if (other != null && other.candidate() == next) {
            observation = null;
        }
        if (remember) {
            state = state.serving(next.manifest());
        }
        List<LoadedVersion> all = new ArrayList<>(List.of(next));
        all.addAll(beside);
        arrange(all);
        if (remember) {
            persist(); // after the switch, which need not wait for the disk; a restart in between serves the old one
        }
        journal.record(
                kind,
                message,
                Map.of(
                        "version", next.version(),
                        "accelerator", next.device().id(),
                        "from", old == null ? "" : old.version()));
    }

    /** Has a variant answer in the place of the same version on the same device, or the other way round. */
    void replace(LoadedVersion old, LoadedVersion next) {
        arrange(members.stream().map(m -> m == old ? next : m).toList());
        journal.record(
                Kind.SWAPPED,
                "serves " + next.shownId(),
                Map.of("version", next.version(), "accelerator", next.device().id(), "from", old.version()));
    }

    /** Has these versions answer, the first as the primary; closes those that answered before and are not among them. */
    void arrange(List<LoadedVersion> all) {
        LoadedVersion old = primary;
        LoadedVersion next = all.get(0);
        List<LoadedVersion> before = members;
        lone = false;
        publish(all, false, ""); // first, so that whoever sees it in the status can ask it
        members = List.copyOf(all);
        if (old != next) {
            primarySince = services.time().now();
            primary = next;
            swaps += old == null ? 0 : 1;
        }
        before.stream().filter(m -> !all.contains(m)).forEach(this::retire);
    }

    /** Closes a version; a driver in which a call does not return may not return from this one either. */
    private void retire(LoadedVersion version) {
        if (services.devices().isStuck(version.place())) {
            services.runners().execute(version::close);
        } else {
            version.close();
        }
    }

    /** Lets a candidate serve beside the primary. */
    void observe(LoadedVersion candidate, LoadedVersion beside) {
        Role role = settings.rollout() == Rollout.SHADOW ? Role.SHADOW : Role.CANARY;
        Shadow shadow =
                role == Role.SHADOW ? new Shadow(candidate, settings.agreementTolerance(), services.runners()) : null;
        observation = new Observation(
                candidate,
                beside,
                role,
                settings.canaryPercent(),
                services.time().nanos(),
                shadow);
        candidateSince = services.time().now();
        publish(false, "");
        journal.record(
                Kind.OBSERVATION_STARTED,
                "%s is observed as %s beside %s for %d s and at least %d requests"
                        .formatted(
                                candidate.id(),
                                role == Role.SHADOW ? "shadow" : "canary with " + settings.canaryPercent() + " %",
                                beside.version(),
                                settings.observeSeconds(),
                                settings.observeRequests()),
                Map.of(
                        "version",
                        candidate.version(),
                        "accelerator",
                        candidate.device().id(),
                        "role",
                        role.name()));
    }

    /** Ends the observation without the candidate. */
    void dropCandidate() {
        Observation ended = observation;
        if (ended != null) {
            observation = null;
            publish(false, "");
            retire(ended.candidate());
        }
    }

    /** The primary's device failed and there is no other: errors go to the callers, and each request tries again. */
    void tryOnAlone() {
        if (!lone) {
            lone = true;
            publish(false, "");
        }
    }

    /**
     * Goes on with those who answer although their driver has gone.
     *
     * @return false if there is none
     */
    boolean keepOrphans() {
        List<LoadedVersion> orphans = members.stream()
                .filter(m ->
                        m.outlivesDriver() && !m.isLost() && services.devices().isDriverGone(m.place()))
                .toList();
        if (orphans.isEmpty()) {
            return false;
        }
        dropCandidate();
        if (orphans.size() < members.size()) {
            arrange(orphans);
        }
        return true;
    }

    /** Serves nothing. */
    void nothing(boolean recovering, String message) {
        List<LoadedVersion> before = versions();
        primary = null;
        members = List.of();
        observation = null;
        lone = false;
        publish(recovering, message);
        before.forEach(this::retire);
    }

    List<ServedVersion> served(int queued) {
        List<ServedVersion> served = new ArrayList<>();
        List<LoadedVersion> all = members;
        Observation other = observation;
        int share = other != null && other.role() == Role.CANARY ? 100 - other.percent() : 100;
        List<Integer> percents = all.size() < 2 ? List.of(share) : shares.percents(all, share);
        for (int i = 0; i < all.size(); i++) {
            LoadedVersion one = all.get(i);
            int pending = one.waiting() + (i == 0 ? queued : 0);
            served.add(
                    describe(one, Role.PRIMARY, percents.get(i), i == 0 ? primarySince : one.since(), null, pending));
        }
        if (other != null) {
            LoadedVersion second = other.candidate();
            served.add(describe(second, other.role(), other.percent(), candidateSince, other, second.waiting()));
        }
        return served;
    }

    private static ServedVersion describe(
            LoadedVersion version,
            Role role,
            int percent,
            Instant since,
            @Nullable Observation observation,
            int pending) {
        return new ServedVersion(
                version.served(),
                version.device().id(),
                version.variant(),
                role,
                percent,
                since,
                version.memoryBytes(),
                version.facts(),
                observation == null ? 0 : observation.comparisons(),
                observation == null ? 0 : observation.disagreements(),
                version.recorder().statistics(pending));
    }

    private void publish(boolean recovering, String message) {
        publish(members, recovering, message);
    }

    private void publish(List<LoadedVersion> all, boolean recovering, String message) {
        LoadedVersion first = all.isEmpty() ? null : all.get(0);
        Fleet fleet = all.size() > 1 ? new Fleet(all) : null;
        long timeoutNanos = settings.timeoutMillis() * 1_000_000;
        String why = message.isEmpty() && first == null ? "serves nothing yet" : message;
        router.publish(new Route(first, fleet, observation, lone, recovering, timeoutNanos, tap, why));
    }

    private static @Nullable Tap tap(Services services, DeploymentSettings settings) {
        return settings.capturePerSecond() == 0
                ? null
                : new Tap(settings.name(), services.taps(), settings.capturePerSecond());
    }

    private static DeploymentState read(Path file) {
        try {
            return DeploymentState.read(file);
        } catch (IOException e) {
            LOG.error("{} could not be read, so what served before is not known: {}", file, e.toString());
            return DeploymentState.NEW;
        }
    }

    /** {@return the manifest of the version that served before, if a store still has it} */
    @Nullable
    ModelManifest previous() {
        DeploymentState.Ref before = state.previous();
        return before == null
                ? null
                : services.catalog().versions(before.model()).stream()
                        .filter(before::is)
                        .findFirst()
                        .orElse(null);
    }
}
