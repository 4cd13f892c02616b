// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.Variant;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Has the model that a deployment serves optimized for one of its devices, and finds the variant to serve instead. One thread. */
final class Improver {

    private static final Duration LOOK_AGAIN = Duration.ofSeconds(2);
    private static final Duration RECALIBRATED = Duration.ofSeconds(10);

    private final Services services;
    private final Journal journal;
    private final Placement placement;
    private String requested = ""; // the id of the request that this deployment made last
    private String told = ""; // what was written down last
    private String note = "";

    Improver(Services services, Journal journal, Placement placement) {
        this.services = services;
        this.journal = journal;
        this.placement = placement;
    }

    /** {@return what to say beside what is served; empty if there is nothing to say} */
    String note() {
        return note;
    }

    /**
     * Sees to what serves being what is wished.
     *
     * @param primary what serves there
     * @param wakeIn told when to look again
     * @return what to serve instead on the same device, loaded; empty if nothing
     */
    Optional<LoadedVersion> improve(
            LoadedVersion primary, DeploymentSettings settings, List<String> problems, Consumer<Duration> wakeIn) {
        note = "";
        Optimizer optimizer = services.optimizer().get();
        if (settings.improvement().pipeline().isNone()) {
            callOff();
            return primary.variant().isEmpty() ? Optional.empty() : plain(primary, settings, problems);
        }
        if (optimizer == null) {
            problems.add(
                    "serves " + primary.id()
                            + " without passes, as no optimizer is installed; install the feature 'optimizer', or set passes=none");
            return Optional.empty();
        }
        Optimization status = request(optimizer, primary, settings, problems);
        if (status == null) {
            return Optional.empty();
        }
        switch (status.state()) {
            case WAITING, RUNNING, CANCELLED -> {
                note = String.format(Locale.ROOT, "optimizing, %.0f %%: %s", 100 * status.fraction(), status.message());
                wakeIn.accept(LOOK_AGAIN);
            }
            case FAILED -> problems.add("serves " + primary.id() + " without passes: " + status.message());
            case DONE -> {
                note = status.best().isPresent() ? "optimized: " + status.message() : status.message();
                if (settings.improvement().calibration().kind() == CalibrationSource.Kind.LIVE) {
                    wakeIn.accept(RECALIBRATED); // the optimizer does it afresh when the data drift
                }
            }
        }
        tell(status);
        return status.state() == Optimization.State.DONE
                ? swapFor(status, optimizer, primary, settings, problems)
                : Optional.empty();
    }

    /** The work is no longer wanted. */
    void callOff() {
        Optimizer optimizer = services.optimizer().get();
        if (optimizer != null && !requested.isEmpty()) {
            optimizer.cancel(requested);
        }
        requested = "";
    }

    private @Nullable Optimization request(
            Optimizer optimizer, LoadedVersion primary, DeploymentSettings settings, List<String> problems) {
        try {
            Optimization status = optimizer.request(settings.improvement()
                    .request(primary.manifest().id(), primary.device().id()));
            if (!status.id().equals(requested)) {
                callOff();
                requested = status.id();
            }
            return status;
        } catch (IllegalArgumentException e) {
            problems.add("passes cannot be applied: " + e.getMessage());
            return null;
        }
    }

    private Optional<LoadedVersion> plain(LoadedVersion primary, DeploymentSettings settings, List<String> problems) {
        return Optional.ofNullable(placement.load(primary.manifest(), settings, List.of(primary.place()), problems));
    }

    private Optional<LoadedVersion> swapFor(
            Optimization status,
            Optimizer optimizer,
            LoadedVersion primary,
            DeploymentSettings settings,
            List<String> problems) {
        Optional<Variant> best = status.best();
        if (best.isEmpty() || best.get().key().equals(primary.variant())) {
            return best.isEmpty() && !primary.variant().isEmpty()
                    ? plain(primary, settings, problems)
                    : Optional.empty();
        }
        Variant variant = best.get();
        ModelManifest form;
        try (ModelFile file = optimizer.open(status.id(), variant.key())) {
            form = file.manifest();
        } catch (OptimizationException e) {
            journal.record(
                    Kind.LOAD_FAILED,
                    "its variant is made again: " + e.getMessage(),
                    Map.of("variant", variant.key(), "reason", e.reason().name()));
            optimizer.forget(status.id());
            return Optional.empty();
        }
        var loadable = new Loadable(
                primary.manifest(), form, variant.key(), variant.load(), () -> open(optimizer, status, variant));
        return Optional.ofNullable(placement.loadOn(primary.place(), loadable, settings, problems));
    }

    private static ModelFile open(Optimizer optimizer, Optimization status, Variant variant) throws ModelException {
        try {
            return optimizer.open(status.id(), variant.key());
        } catch (OptimizationException e) {
            throw new ModelException(ModelException.Reason.NOT_FOUND, String.valueOf(e.getMessage()), e);
        }
    }

    /** Writes down how the work began, what it waits for, and how it ended. */
    private void tell(Optimization status) {
        String step =
                status.id() + status.state() + (status.state() == Optimization.State.RUNNING ? "" : status.message());
        if (!step.equals(told)) {
            told = step;
            journal.record(
                    Kind.STATE,
                    "optimizer: " + status.state().name().toLowerCase(Locale.ROOT) + ", " + status.message(),
                    Map.of(
                            "optimization",
                            status.id(),
                            "optimizer",
                            status.state().name()));
        }
    }
}
