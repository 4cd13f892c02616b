// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.model.WritableModelStore.AddOptions;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.locks.LockSupport;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;

/** The services that commands use, and how to get a model served with them. */
@Component(name = "io.edgewright.shell.gateway", service = Gateway.class)
public final class Gateway {

    private static final Duration SERVE_LIMIT = Duration.ofMinutes(5);

    /** Replaced as a whole when a deployment comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<Predictor> predictors = List.of();

    private final Settings settings;
    private final WritableModelStore store;
    private final Deployments deployments;

    /**
     * Called by Declarative Services.
     *
     * @param settings creates the deployments
     * @param store takes the models
     * @param deployments tells how they do
     */
    @Activate
    public Gateway(
            @Reference Settings settings, @Reference WritableModelStore store, @Reference Deployments deployments) {
        this.settings = settings;
        this.store = store;
        this.deployments = deployments;
    }

    Deployments deployments() {
        return deployments;
    }

    WritableModelStore store() {
        return store;
    }

    /** Creates a configuration; what goes wrong with it is a failure of the command. */
    void configure(String pid, String name, Map<String, Object> values) {
        try {
            settings.create(pid, name, values);
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    /** Ends a deployment; one that is not there is fine. */
    void unserve(String deployment) {
        try {
            Optional<Settings.Entry> entry = settings.find(Deployments.FACTORY_PID, deployment);
            if (entry.isPresent()) {
                settings.delete(entry.get().pid());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e.getMessage(), e);
        }
    }

    ModelManifest addModel(Path source, Optional<String> name, Optional<String> version, Map<String, String> facts) {
        if (!Files.exists(source)) {
            throw new IllegalArgumentException("there is no model '" + source + "'");
        }
        try {
            return store.add(source, new AddOptions(name, version, facts, Optional.empty()));
        } catch (ModelException e) {
            throw new IllegalStateException(source + ": " + e.getMessage(), e);
        }
    }

    /** Serves a stored model and waits until it answers. */
    Predictor serve(ModelManifest model, String deployment, Map<String, Object> options) throws InterruptedException {
        Map<String, Object> values = new HashMap<>(options);
        values.put("name", deployment);
        values.put("model", model.id().name());
        configure(Deployments.FACTORY_PID, deployment, values);
        long end = System.nanoTime() + SERVE_LIMIT.toNanos();
        while (System.nanoTime() < end) {
            Optional<DeploymentStatus> status = deployments.find(deployment);
            if (status.isPresent() && status.get().state() == DeploymentStatus.State.FAILED) {
                throw new IllegalStateException(status.get().message());
            }
            Optional<Predictor> predictor = predictors.stream()
                    .filter(p -> p.deployment().equals(deployment))
                    .findFirst();
            if (predictor.isPresent()
                    && status.isPresent()
                    && status.get().primary().isPresent()) {
                return predictor.get();
            }
            if (Thread.interrupted()) {
                throw new InterruptedException("interrupted while the model was loaded");
            }
            LockSupport.parkNanos(1_000_000);
        }
        throw new IllegalStateException("the model was not ready within " + SERVE_LIMIT.toMinutes() + " minutes");
    }
}
