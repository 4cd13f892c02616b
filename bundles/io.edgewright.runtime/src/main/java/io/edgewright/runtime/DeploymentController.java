// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.Predictor;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One deployment: its predictor, its reconciler and what is asked of them. Thread-safe. */
final class DeploymentController {

    private static final Logger LOG = LoggerFactory.getLogger(DeploymentController.class);
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    private final Services services;
    private final Serial serial;
    private final Router router;
    private final Batcher batcher;
    private final Journal journal;
    private final Serving serving;
    private final Trial trial;
    private final Placement placement;
    private final Reconciler reconciler;
    private final Improvers improvers;
    private final Consent consent;
    private final Predictor predictor;
    private final AtomicBoolean requested = new AtomicBoolean();
    private final AtomicLong alarm = new AtomicLong(); // the latest wake-up call; older ones are void
    private volatile DeploymentSettings settings;
    private volatile boolean closed;

    DeploymentController(DeploymentSettings settings, Services services) {
        this.settings = settings;
        this.services = services;
        this.serial = new Serial(services.control());
        this.router = new Router(settings.name());
        var calls = new Calls(router, this::deviceFailed);
        this.batcher = new Batcher(router, calls, services.runners());
        this.journal = new Journal(settings.name(), services);
        this.serving = new Serving(settings, services, router, journal);
        this.trial = new Trial(services.folder().resolve(settings.name() + ".trial"), services.time());
        this.placement = new Placement(services, journal, trial, this::request, this::isUrgent);
        var spreading = new Spreading(services, serving, journal, placement, this::deviceFailed);
        this.improvers = new Improvers(services, journal, placement);
        this.reconciler = new Reconciler(settings, services, serving, journal, placement, spreading, improvers);
        this.consent = new Consent(settings.name(), services.taps());
        this.predictor = new DeploymentPredictor(settings.name(), router, calls, batcher);
        batcher.configure(settings.load().queueLength(), settings.batchMax());
        boolean known = serving.state().active() != null;
        serial.execute(() -> {
            if (!known) {
                journal.record(Kind.CREATED, "is created for model " + settings.model(), Map.of());
            }
        });
    }

    Predictor predictor() {
        return predictor;
    }

    DeploymentSettings settings() {
        return settings;
    }

    /** {@return how many submitted requests wait to be run} */
    int queued() {
        return batcher.waiting();
    }

    Serving serving() {
        return serving;
    }

    Journal journal() {
        return journal;
    }

    /** Has everything looked at soon. */
    void request() {
        if (!closed && requested.compareAndSet(false, true)) {
            serial.execute(this::reconcile);
        }
    }

    void modify(DeploymentSettings next) {
        settings = next;
        batcher.configure(next.load().queueLength(), next.batchMax());
        serial.execute(() -> journal.record(Kind.CHANGED, "has changed settings", Map.of()));
        request();
    }

    void promote() {
        inTurn(() -> reconciler.promote("by hand"));
    }

    void rollback() {
        inTurn(reconciler::rollback);
    }

    DeploymentStatus status() {
        Journal.Condition condition = journal.condition();
        DeploymentState.Ref previous = serving.state().previous();
        String storage = serving.storageProblem();
        return new DeploymentStatus(
                settings.name(),
                settings.model(),
                settings.version().toString(),
                condition.state(),
                storage.isEmpty() ? condition.message() : condition.message() + "; " + storage,
                condition.since(),
                serving.served(batcher.waiting()),
                previous == null ? Optional.empty() : Optional.of(previous.version()),
                serving.swaps());
    }

    List<DeploymentEvent> history(int limit) {
        return journal.last(limit);
    }

    /** {@return true if one of its versions runs on a device of that id} */
    boolean isOn(String accelerator) {
        return serving.versions().stream().anyMatch(v -> v.device().id().equals(accelerator));
    }

    /** Stops serving. {@return completes when nothing is served any more; those who run finish by themselves} */
    CompletableFuture<Void> close(boolean deleted) {
        closed = true;
        alarm.incrementAndGet();
        batcher.close();
        var done = new CompletableFuture<Void>();
        serial.execute(() -> {
            serving.nothing(false, deleted ? "is deleted" : "is stopped");
            trial.stop();
            if (deleted) {
                improvers.callOff();
                consent.withdraw();
                journal.record(Kind.DELETED, "is deleted", Map.of());
                forget();
            }
            done.complete(null);
        });
        return done;
    }

    /** {@return true if there is something more urgent to do than to wait for a load} */
    private boolean isUrgent() {
        return closed
                || (!serving.isLone()
                        && !serving.isMoving()
                        && serving.members().stream()
                                .anyMatch(member -> member.isLost()
                                        || services.devices().isStuck(member.place())
                                        || !services.devices().isPresent(member.place())));
    }

    private void forget() {
        try {
            DurableFiles.delete(services.folder().resolve(settings.name() + ".json"));
            DurableFiles.delete(services.folder().resolve(settings.name() + ".trial"));
        } catch (IOException e) {
            LOG.warn("deployment {}: its state file could not be deleted: {}", settings.name(), e.toString());
        }
    }

    private void reconcile() {
        requested.set(false);
        if (closed) {
            return;
        }
        Duration next = Duration.ofSeconds(10);
        try {
            consent.give(settings.capture());
            next = reconciler.reconcile(settings);
            serving.versions().forEach(version -> version.replaceable(placement.hasOther(version, settings)));
        } catch (RuntimeException | Error e) { // a store or driver is foreign code; the deployment must go on
            LOG.error("deployment {}: looked at again in {} s after an error", settings.name(), next.toSeconds(), e);
            journal.become(
                    serving.primary() == null ? State.FAILED : State.DEGRADED,
                    "an error in the gateway, see its log: " + e);
        }
        long mine = alarm.incrementAndGet();
        services.time().later(next, () -> {
            if (alarm.get() == mine) {
                request();
            }
        });
    }

    private void deviceFailed(LoadedVersion version, InferenceException e) {
        serial.execute(() -> services.devices().failed(version.place(), String.valueOf(e.getMessage())));
        request();
    }

    private void inTurn(Runnable work) {
        var done = new CompletableFuture<Void>();
        serial.execute(() -> {
            try {
                if (closed) {
                    throw new IllegalStateException("deployment " + settings.name() + " is being removed");
                }
                work.run();
                done.complete(null);
            } catch (RuntimeException | Error e) {
                done.completeExceptionally(e); // whatever it is, somebody waits for it on another thread
            }
        });
        request();
        try {
            done.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IllegalStateException(
                    e.getCause() == null ? e.getMessage() : e.getCause().getMessage(), e);
        } catch (TimeoutException e) {
            throw new IllegalStateException(
                    "deployment " + settings.name() + " is busy since " + PATIENCE + "; look at its status later", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted; look at the status of " + settings.name(), e);
        }
    }
}
