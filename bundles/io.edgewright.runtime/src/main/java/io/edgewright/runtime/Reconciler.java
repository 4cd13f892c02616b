// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.ServedVersion.Role;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.runtime.DeploymentSettings.Placing;
import io.edgewright.runtime.DeploymentSettings.Rollout;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * Makes what is equal to what is wished, whatever the reason for the difference. Each call looks at everything afresh and
 * does what is due. Runs on one thread at a time.
 */
final class Reconciler {

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

    private final Services services;
    private final Serving serving;
    private final Journal journal;
    private final Placement placement;
    private final List<String> problems = new ArrayList<>(); // of this pass, the worst first
    private final Spreading spreading;
    private final Improvers improvers;
    private final Patience patience;
    private DeploymentSettings settings;
    private Duration wakeIn = Duration.ofDays(1);

    Reconciler(
            DeploymentSettings settings,
            Services services,
            Serving serving,
            Journal journal,
            Placement placement,
            Spreading spreading,
            Improvers improvers) {
        this.improvers = improvers;
        this.spreading = spreading;
        this.settings = settings;
        this.services = services;
        this.serving = serving;
        this.journal = journal;
        this.placement = placement;
        this.patience = new Patience(services, serving);
        serving.update(serving.state().underSettings(settings));
    }

    /** Does what is due. {@return when to look again} */
    Duration reconcile(DeploymentSettings wished) {
        problems.clear();
        wakeIn = Duration.ofSeconds(60);
        if (wished != settings && !wished.toString().equals(settings.toString())) {
            changeSettings(wished);
        }
        services.devices().look();
        keepOnADevice();
        if (serving.primary() == null) {
            startFirst();
        }
        if (serving.primary() == null) {
            patience.waitOnOrGiveUp(problems, this::wakeIn);
        }
        if (serving.primary() != null && !patience.isWaiting()) {
            judgeCandidate();
            followWish();
            if (settings.placing() == Placing.SPREAD) {
                spreading.join(settings, problems, this::wakeIn);
            } else {
                spreading.end();
                returnToPreferred();
            }
            reloadIfSettingsSay();
            improve();
        }
        report();
        placement.nextTry().ifPresent(this::wakeIn);
        return wakeIn;
    }

    /** Ends the observation in the candidate's favour. */
    void promote(String why) {
        Observation observation = serving.observation();
        if (observation == null) {
            throw new IllegalStateException("deployment " + settings.name() + " has no canary or shadow to promote");
        }
        LoadedVersion candidate = observation.candidate();
        swap(candidate, Kind.PROMOTED, candidate.id() + " is the primary now: " + why, true);
    }

    /** Throws the candidate out, or goes back to the version before. */
    void rollback() {
        Observation observation = serving.observation();
        if (observation != null) {
            reject(observation, "by hand");
            return;
        }
        LoadedVersion now = serving.primary();
        ModelManifest before = serving.previous();
        if (before == null) {
            throw new IllegalStateException("deployment " + settings.name() + " has no version to go back to"
                    + (serving.state().previous() == null
                            ? ""
                            : ": " + serving.state().previous() + " is in no store"));
        }
        Wish.checkFloor(before, settings);
        List<String> why = new ArrayList<>();
        LoadedVersion next = placement.load(before, settings, placement.candidates(before, settings), why);
        if (next == null) {
            throw new IllegalStateException(before.id() + " could not be loaded: " + String.join("; ", why));
        }
        if (now != null) {
            serving.update(serving.state().rejecting(now.manifest(), settings));
        }
        swap(next, Kind.ROLLED_BACK, "went back to " + next.id() + " by hand", true);
        serving.update(serving.state().withoutPrevious());
    }

    private void changeSettings(DeploymentSettings wished) {
        Observation observation = serving.observation();
        boolean otherAim = !wished.model().equals(settings.model())
                || !wished.version().toString().equals(settings.version().toString())
                || wished.rollout() != settings.rollout()
                || wished.canaryPercent() != settings.canaryPercent();
        if (observation != null && otherAim) {
            serving.dropCandidate();
        }
        settings = wished;
        placement.forgetAll();
        serving.update(serving.state().underSettings(wished));
        serving.configure(wished);
    }

    /** Moves a primary whose device is gone, failed or stuck to the next device. */
    private void keepOnADevice() {
        spreading.leaveLost();
        LoadedVersion primary = serving.primary();
        if (primary == null) {
            return;
        }
        boolean present = services.devices().isPresent(primary.place());
        boolean stuck = services.devices().isStuck(primary.place());
        if (present && !stuck && !primary.isLost()) {
            services.devices().serving(primary.place());
            patience.end();
            return;
        }
        spreading.reportLost(primary);
        serving.moving(true);
        LoadedVersion next =
                placement.loadSoon(primary.manifest(), settings, placement.othersFirst(primary, settings), problems);
        serving.moving(false);
        if (next != null) {
            problems.clear(); // why it is not where it should be is said below
            boolean back = next.device().id().equals(primary.device().id());
            swap(
                    next,
                    back ? Kind.RECOVERED : Kind.FAILED_OVER,
                    back
                            ? "serves again on " + next.device().id()
                            : "moved from " + primary.device().id() + " to "
                                    + next.device().id(),
                    false);
        } else if (present && !stuck) {
            problems.clear();
            problems.add("device " + primary.device().id() + " "
                    + services.devices().message(primary.place()) + ", and there is no other for it");
            serving.tryOnAlone();
        } else if (placement.lackedMemory()) {
            serving.nothing(true, "waits for memory to move to another device");
            wakeIn(LOOK_AGAIN);
        } else {
            patience.waitFor(primary.device().id(), problems, this::wakeIn);
        }
    }

    private void startFirst() {
        List<ModelManifest> versions = services.catalog().versions(settings.model());
        DeploymentState state = serving.state();
        Optional<ModelManifest> wish = Wish.of(versions, settings, state, null);
        for (ModelManifest manifest : Wish.startOrder(versions, settings, state)) {
            LoadedVersion first =
                    placement.loadSoon(manifest, settings, placement.candidates(manifest, settings), problems);
            if (first != null) {
                boolean remember = state.active() == null
                        || wish.filter(w -> w.id().equals(manifest.id())).isPresent();
                swap(first, Kind.LOADED, "serves " + first.id(), remember);
                return;
            }
        }
        if (wish.isEmpty()) {
            problems.add(0, Wish.noModel(versions, settings, services.catalog().names()));
        }
        placement.relent();
    }

    private void judgeCandidate() {
        Observation observation = serving.observation();
        if (observation == null) {
            return;
        }
        LoadedVersion candidate = observation.candidate();
        if (!spreading.isWell(candidate)) {
            problems.add("the observation of " + candidate.id() + " ended: its device was lost");
            serving.dropCandidate();
            return;
        }
        Observation.Judgement judgement = observation.judge(services.time().nanos(), settings);
        switch (judgement.verdict()) {
            case PROMOTE -> promote(judgement.reason());
            case ROLL_BACK -> reject(observation, judgement.reason());
            case GO_ON -> wakeIn(LOOK_AGAIN);
        }
    }

    private void reject(Observation observation, String why) {
        LoadedVersion candidate = observation.candidate();
        serving.update(serving.state().rejecting(candidate.manifest(), settings));
        serving.dropCandidate();
        journal.record(
                Kind.ROLLED_BACK,
                "%s %s was thrown out: %s"
                        .formatted(observation.role() == Role.SHADOW ? "shadow" : "canary", candidate.id(), why),
                Map.of(
                        "version",
                        candidate.version(),
                        "accelerator",
                        candidate.device().id(),
                        "reason",
                        why));
    }

    private void followWish() {
        LoadedVersion primary = serving.primary();
        if (primary == null) {
            return;
        }
        List<ModelManifest> versions = services.catalog().versions(settings.model());
        Optional<ModelManifest> wish = Wish.of(versions, settings, serving.state(), primary.manifest());
        Observation observation = serving.observation();
        if (wish.isEmpty()) {
            problems.add("serves " + primary.manifest().id() + " on, but "
                    + Wish.noModel(versions, settings, services.catalog().names()));
            return;
        }
        if (observation != null && wish.get().equals(observation.candidate().manifest())) {
            return;
        }
        serving.dropCandidate(); // overtaken by a newer wish
        if (wish.get().equals(primary.manifest())) {
            serving.update(settled(primary.manifest()));
            return;
        }
        LoadedVersion next = placement.load(wish.get(), settings, placement.candidates(wish.get(), settings), problems);
        if (next == null) {
            problems.add("keeps " + primary.manifest().id() + " instead of "
                    + wish.get().id());
        } else if (settings.rollout() == Rollout.IMMEDIATE) {
            swap(next, Kind.SWAPPED, "swapped " + primary.version() + " for " + next.id(), true);
        } else {
            serving.observe(next, primary);
            wakeIn(LOOK_AGAIN);
        }
    }

    /** {@return the state on disk once what serves is what is wished} */
    private DeploymentState settled(ModelManifest manifest) {
        DeploymentState state = serving.state();
        DeploymentState.Ref active = state.active();
        return active != null && active.is(manifest) ? state : state.serving(manifest);
    }

    /** Goes to a device that comes before the present one in the order of preference, once it is trusted. */
    private void returnToPreferred() {
        LoadedVersion primary = serving.primary();
        if (primary == null || !spreading.isWell(primary)) {
            return; // lost since this pass began: the next one moves it
        }
        for (Found better : placement.candidates(primary.manifest(), settings)) {
            if (better.isSame(primary.place())) {
                return;
            }
            Optional<Duration> left = services.devices().untilTrusted(better);
            if (left.isPresent() && left.get().isZero()) {
                List<String> why = settings.accelerators().isEmpty() ? new ArrayList<>() : problems;
                LoadedVersion next = placement.load(primary.manifest(), settings, List.of(better), why);
                if (next != null) {
                    swap(
                            next,
                            Kind.RECOVERED,
                            "moved from " + primary.device().id() + " to preferred device "
                                    + next.device().id(),
                            false);
                    return;
                }
            } else {
                String message = services.devices().message(better);
                problems.add("serves on " + primary.device().id() + ", as " + better.id() + " "
                        + (message.isEmpty() ? "has to be healthy for a while longer" : message));
                left.ifPresent(this::wakeIn);
            }
        }
    }

    private void reloadIfSettingsSay() {
        LoadedVersion primary = serving.primary();
        if (primary == null || primary.isLost()) {
            return;
        }
        LoadSpec is = primary.spec();
        LoadSpec wanted = settings.load();
        if (is == wanted
                || is.equals(wanted)) { // at a start it is the same one, and linking a record's method takes long
            return;
        }
        LoadedVersion next = placement.load(
                primary.manifest(), settings, placement.candidates(primary.manifest(), settings), problems);
        if (next != null) {
            swap(next, Kind.SWAPPED, "reloaded " + next.id() + " with changed settings", false);
        }
    }

    private void improve() {
        if (serving.observation() == null) {
            improvers.improve(serving.members(), settings, problems, this::wakeIn, this::replace);
        }
    }

    private void replace(LoadedVersion member, LoadedVersion next) {
        serving.replace(member, next);
        probe(next);
    }

    private void swap(LoadedVersion next, Kind kind, String message, boolean remember) {
        patience.end();
        List<LoadedVersion> beside = spreading.beside(next, settings, problems);
        serving.swap(next, beside, kind, message, remember);
        probe(next);
        beside.forEach(this::probe);
    }

    private void probe(LoadedVersion version) {
        if (settings.batchMax() > 1 && Batches.areBatchable(version.inputs(), version.outputs())) {
            services.runners().execute(new Probe(version, settings.batchMax(), journal));
        }
    }

    private void report() {
        LoadedVersion primary = serving.primary();
        if (primary == null) {
            State state = patience.isWaiting() ? State.DEGRADED : State.FAILED; // requests wait, none is refused
            journal.become(state, problems.isEmpty() ? "has nothing to serve" : said());
            return;
        }
        placement.missing(settings).ifPresent(problems::add);
        if (!serving.state().rejected().isEmpty() && problems.isEmpty()) {
            problems.add("serves " + primary.id() + "; " + serving.state().refusal());
        }
        if (problems.isEmpty()) {
            String batches = primary.batching().most() > 1
                    ? "; queued requests run in batches of up to "
                            + primary.batching().most()
                    : "";
            String where = serving.members().size() > 1 ? " of " + serving.devices() : "";
            String note = improvers.note().isEmpty() ? "" : "; " + improvers.note();
            journal.become(State.SERVING, "serves " + primary.id() + where + batches + note);
        } else {
            journal.become(State.DEGRADED, said());
        }
    }

    private String said() {
        return problems.stream().distinct().collect(Collectors.joining("; "));
    }

    private void wakeIn(Duration delay) {
        if (delay.compareTo(wakeIn) < 0) {
            wakeIn = delay;
        }
    }
}
