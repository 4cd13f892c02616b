// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.Signature;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.eclipse.kura.KuraErrorCode;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.ai.inference.InferenceEngineService;
import org.eclipse.kura.ai.inference.ModelInfo;
import org.eclipse.kura.ai.inference.Tensor;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Kura's inference engine. A model's name is that of a deployment; a stored model that no deployment is named after gets one
 * on demand. Kura's AI component keeps the engine when it goes and goes on calling it: then it answers that it is not ready.
 */
@Component(
        name = KuraInference.PID,
        service = InferenceEngineService.class,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = KuraInference.Config.class)
public final class KuraInference implements InferenceEngineService {

    static final String PID = "io.edgewright.kura.inference";

    private static final Logger LOG = LoggerFactory.getLogger(KuraInference.class);
    private static final long LOOK_MILLIS = 20;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<Predictor> predictors = List.of();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    volatile List<ModelStore> stores = List.of();

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC)
    volatile @Nullable Settings settings;

    private final CountDownLatch closed = new CountDownLatch(1);

    /** Made beforehand, with all it needs: once the bundle is uninstalled, no class of it can be loaded any more. */
    private final KuraException stopped = KuraErrors.of(
            "", new InferenceException(Reason.NOT_READY, "the engine is stopped; look for another", null));

    private volatile EngineSettings engine;

    @ObjectClassDefinition(
            id = PID,
            name = "Edgewright inference engine",
            description =
                    "Runs the models of Kura's AI wire component. A model's name is the name of a deployment. In the"
                            + " AI component set InferenceEngineService.target to (kura.service.pid=io.edgewright.kura.inference).")
    @interface Config {

        @AttributeDefinition(
                name = "Deploy on demand",
                description =
                        "A stored model that no deployment is named after gets a deployment of its name when it is"
                                + " first asked for.")
        boolean deploy_on_demand() default true;

        @AttributeDefinition(
                name = "Wait for a load (s)",
                description = "How long the caller that has a model loaded waits for it; 0 does not wait.",
                min = "0",
                max = "600")
        int load_wait_seconds() default 10;

        @AttributeDefinition(
                name = "Time limit (ms)",
                description = "How long one inference may take, waiting included; 0 leaves it to the deployment.",
                min = "0",
                max = "3600000")
        int timeout_millis() default 10_000;

        @AttributeDefinition(
                name = "Vectors as bytes",
                description = "Outputs of more than one number are given as bytes, little-endian: Kura's AI component"
                        + " cannot send other vectors. Leave it off for other users of the engine.")
        boolean vectors_as_bytes() default false;
    }

    private record EngineSettings(boolean onDemand, Duration loadWait, RequestOptions options, boolean vectorsAsBytes) {

        static EngineSettings of(Config config) {
            int timeout = in("timeout.millis", config.timeout_millis(), 3_600_000);
            return new EngineSettings(
                    config.deploy_on_demand(),
                    Duration.ofSeconds(in("load.wait.seconds", config.load_wait_seconds(), 600)),
                    timeout == 0 ? RequestOptions.DEFAULT : RequestOptions.within(Duration.ofMillis(timeout)),
                    config.vectors_as_bytes());
        }

        private static int in(String setting, int value, int most) {
            if (value < 0 || value > most) {
                throw new IllegalArgumentException(setting + " is " + value + ", expected 0 to " + most);
            }
            return value;
        }
    }

    /** @param config checked here again */
    @Activate
    public KuraInference(Config config) {
        this.engine = EngineSettings.of(config);
    }

    /** Takes other settings; Kura's AI components keep their engine. */
    @Modified
    void change(Config config) {
        engine = EngineSettings.of(config);
    }

    @Deactivate
    void close() {
        closed.countDown();
    }

    @Override
    public boolean isEngineReady() {
        return closed.getCount() > 0;
    }

    @Override
    public List<String> getModelNames() throws KuraException {
        checkOpen();
        Stream<String> deployed = predictors.stream().map(Predictor::deployment);
        Stream<String> stored = engine.onDemand ? stored() : Stream.of();
        return Stream.concat(deployed, stored).distinct().sorted().toList();
    }

    @Override
    public boolean isModelLoaded(@Nullable String model) throws KuraException {
        checkOpen();
        return ready(model).isPresent();
    }

    /** Loads the model if nobody did: Kura's AI component calls {@link #loadModel} only for what is loaded already. */
    @Override
    public Optional<ModelInfo> getModelInfo(@Nullable String model) throws KuraException {
        checkOpen();
        if (model == null) { // the AI component has no model set
            return Optional.empty();
        }
        boolean absent = predictor(model) == null;
        Optional<Signature> signature =
                absent && engine.onDemand && isStored(model) && deploy(model) ? await(model) : ready(model);
        return signature.isEmpty() ? Optional.empty() : Optional.of(ModelInfos.of(model, signature.get()));
    }

    @Override
    public void loadModel(String model, Optional<String> path) throws KuraException {
        checkOpen();
        if (ready(model).isPresent()) {
            return;
        }
        if (predictor(model) == null) {
            if (!engine.onDemand || !isStored(model)) {
                throw KuraErrors.of(
                        KuraErrorCode.NOT_FOUND,
                        "model '%s' is not there, expected one of %s; models are taken from the stores, not from a path"
                                .formatted(model, getModelNames()));
            }
            deploy(model);
        }
        if (await(model).isEmpty()) {
            throw notReady(model);
        }
    }

    /** Removes the deployment if {@link #getModelInfo} or {@link #loadModel} made it; another one is not ours to remove. */
    @Override
    public void unloadModel(String model) throws KuraException {
        checkOpen();
        try {
            if (!OnDemandDeployments.delete(settings(model), model) && predictor(model) != null) {
                throw KuraErrors.of(
                        KuraErrorCode.OPERATION_NOT_SUPPORTED,
                        "deployment '" + model + "' was not made by this engine; delete it where it was made");
            }
        } catch (IOException e) {
            throw KuraErrors.of(KuraErrorCode.STORE_ERROR, e, "deployment '" + model + "' could not be deleted: " + e);
        }
    }

    @Override
    public List<Tensor> infer(ModelInfo modelInfo, List<Tensor> inputData) throws KuraException {
        checkOpen();
        String model = modelInfo.getName();
        Predictor predictor = predictor(model);
        if (predictor == null) {
            throw notReady(model);
        }
        EngineSettings current = engine;
        try {
            Signature signature = predictor.signature();
            return predictor.predict(
                    new KuraRequest(signature.inputs(), inputData),
                    outputs -> {
                        List<Tensor> answer =
                                new ArrayList<>(signature.outputs().size());
                        for (TensorSpec spec : signature.outputs()) {
                            answer.add(ModelInfos.tensor(spec, outputs.output(spec.name()), current.vectorsAsBytes));
                        }
                        return answer;
                    },
                    current.options);
        } catch (InferenceException e) {
            throw KuraErrors.of(model, e);
        } catch (IllegalArgumentException e) { // the model was swapped for another one meanwhile, or a shape is absurd
            throw KuraErrors.of(KuraErrorCode.INVALID_PARAMETER, e, "model '" + model + "': " + e.getMessage());
        }
    }

    private @Nullable Predictor predictor(@Nullable String model) {
        for (Predictor predictor : predictors) {
            if (predictor.deployment().equals(model)) {
                return predictor;
            }
        }
        return null;
    }

    private Optional<Signature> ready(@Nullable String model) {
        Predictor predictor = predictor(model);
        try {
            return predictor == null ? Optional.empty() : Optional.of(predictor.signature());
        } catch (InferenceException e) {
            LOG.debug("model {} is not ready", model, e);
            return Optional.empty();
        }
    }

    private boolean isStored(String model) {
        return stored().anyMatch(model::equals);
    }

    private Stream<String> stored() {
        return stores.stream().flatMap(store -> {
            try {
                return store.models().stream().map(m -> m.id().name());
            } catch (RuntimeException | LinkageError e) { // a store is foreign code, and may be half gone
                LOG.debug("store {} failed when asked for its models", store, e);
                return Stream.of();
            }
        });
    }

    /** {@return true if a deployment was created; false if one is configured that is not there yet} */
    private boolean deploy(String model) throws KuraException {
        try {
            boolean created = OnDemandDeployments.create(settings(model), model);
            if (created) {
                LOG.info("Model {} is deployed, as Kura asks for it", model);
            }
            return created;
        } catch (IOException e) {
            throw KuraErrors.of(KuraErrorCode.STORE_ERROR, e, "deployment '" + model + "' could not be created: " + e);
        } catch (IllegalArgumentException e) {
            throw KuraErrors.of(KuraErrorCode.INVALID_PARAMETER, e, "model '" + model + "': " + e.getMessage());
        }
    }

    private Optional<Signature> await(String model) throws KuraException {
        long end = System.nanoTime() + engine.loadWait.toNanos();
        try {
            Optional<Signature> signature = ready(model);
            while (signature.isEmpty()
                    && end - System.nanoTime() > 0
                    && !closed.await(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
                signature = ready(model);
            }
            return signature;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw KuraErrors.of(KuraErrorCode.TIMED_OUT, e, "interrupted while model '" + model + "' is loaded");
        }
    }

    private Settings settings(String model) throws KuraException {
        Settings present = settings;
        if (present == null) {
            throw KuraErrors.of(
                    KuraErrorCode.SERVICE_UNAVAILABLE,
                    "model '" + model + "': no Settings service; install io.edgewright.kura.bridge");
        }
        return present;
    }

    private KuraException notReady(String model) {
        Predictor predictor = predictor(model);
        if (predictor == null) {
            return isComing(model)
                    ? KuraErrors.of(
                            KuraErrorCode.SERVICE_UNAVAILABLE,
                            "deployment '" + model + "' has not started yet; try again")
                    : KuraErrors.of(KuraErrorCode.NOT_FOUND, "no deployment is named '" + model + "'");
        }
        try {
            predictor.signature();
            return KuraErrors.of(
                    KuraErrorCode.SERVICE_UNAVAILABLE, "model '" + model + "' is ready only now; try again");
        } catch (InferenceException e) {
            return KuraErrors.of(model, e);
        }
    }

    /** {@return true if a deployment of this name is configured, or may be: the engine is back before the rest of the gateway} */
    private boolean isComing(String model) {
        Settings present = settings;
        try {
            return present == null || OnDemandDeployments.isConfigured(present, model);
        } catch (IOException e) {
            LOG.debug("the settings of deployment {} could not be read", model, e);
            return false;
        }
    }

    private void checkOpen() throws KuraException {
        if (closed.getCount() == 0) {
            throw stopped;
        }
    }
}
