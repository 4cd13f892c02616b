// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.Drift;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.PassStep;
import io.edgewright.api.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.LongSupplier;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The optimizer as a component: what comes and goes on the gateway, and what is asked of it. */
@Component(
        name = EdgeOptimizer.PID,
        immediate = true,
        service = {Optimizer.class, HealthCheck.class, InferenceTap.class},
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = EdgeOptimizer.Config.class)
public final class EdgeOptimizer implements Optimizer, HealthCheck, InferenceTap {

    static final String PID = "io.edgewright.optimizer";

    private static final Logger LOG = LoggerFactory.getLogger(EdgeOptimizer.class);
    private static final long END_MILLIS = 5_000;

    private final VariantStore variants;
    private final Services services;
    private final Jobs jobs;
    private final LiveWatch live;
    private final Notices notices;
    private final Thread worker;

    // these change one by one, and each change wakes the worker
    private final List<OptimizationPass> passes = new CopyOnWriteArrayList<>();
    private final List<AcceleratorDriver> drivers = new CopyOnWriteArrayList<>();
    private final List<ModelStore> stores = new CopyOnWriteArrayList<>();
    private final List<Deployments> deployments = new CopyOnWriteArrayList<>(); // one, or none while it is replaced

    /** Replaced as a whole when a sink comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<EventSink> sinks = List.of();

    /** Settings of the optimizer. */
    @ObjectClassDefinition(
            id = PID,
            name = "Optimizer",
            description = "Makes models smaller and faster with passes, measures, and keeps what passes the gate.")
    public @interface Config {

        /** {@return the folder} */
        @AttributeDefinition(
                name = "Home folder",
                description = "Where everything that must last lives; empty for the gateway's own.",
                required = false)
        String home() default "";

        /** {@return the niceness} */
        @AttributeDefinition(
                name = "Niceness",
                description = "How much the work steps back behind serving: 0 for not at all, 19 for the most.",
                min = "0",
                max = "19")
        int niceness() default 10;

        /** {@return MiB} */
        @AttributeDefinition(
                name = "Cache (MiB)",
                description = "Variants that were not used for longest are deleted when all take more than that.",
                min = "16")
        int cache_mib() default 2048;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Captured samples",
                description = "Inputs kept of each deployment that allows it, an even choice of all that were seen.",
                min = "1",
                max = "100000")
        int capture_samples() default 512;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Drift window",
                description = "Inferences that are compared at a time with the first ones.",
                min = "10",
                max = "1000000")
        int drift_samples() default 200;

        /** {@return the limit} */
        @AttributeDefinition(
                name = "Drift alarm",
                description =
                        "Population stability index of an input or output from which on, in two windows one after the"
                                + " other, there is an alarm; 0 for never.",
                min = "0")
        double drift_alarm() default 0.25;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Timing (ms)",
                description = "How long each variant is timed in turns with the plain model; more is surer.",
                min = "1",
                max = "600000")
        int timing_millis() default 3000;
    }

    /**
     * Starts the worker.
     *
     * @param config checked here
     */
    @Activate
    public EdgeOptimizer(Config config) {
        this(config, System::nanoTime);
    }

    /** @param nanos what runs of models are timed with */
    EdgeOptimizer(Config config, LongSupplier nanos) {
        OptimizerSettings settings = OptimizerSettings.of(config);
        Path folder = settings.home().resolve("variants");
        this.variants = new VariantStore(folder);
        this.notices = new Notices(() -> sinks);
        this.live = new LiveWatch(settings.home().resolve("live"), settings.live(), this::drifted);
        this.services = new Services(
                () -> drivers,
                () -> stores,
                () -> deployments,
                new Passes(() -> passes),
                live::samples,
                variants,
                new Services.Watch(settings.timing(), nanos));
        this.jobs = new Jobs(folder.resolve("requests"), services, notices::changed);
        try {
            variants.clean();
            jobs.read();
            variants.sweep(settings.cacheBytes(), jobs.chosen());
        } catch (IOException e) {
            LOG.error("{} cannot be read: {}; variants are made again", folder, e.toString());
        }
        this.worker = new Thread(
                () -> {
                    Niceness.lower(settings.niceness());
                    jobs.run();
                },
                "edgewright-optimizer");
        worker.setDaemon(true);
        worker.start();
    }

    /** Ends the work; it goes on at the next start. */
    @Deactivate
    public void deactivate() {
        live.close();
        jobs.close();
        try {
            worker.join(END_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (worker.isAlive()) {
            LOG.warn("a pass or a driver has not ended within {} s of being told so", END_MILLIS / 1000);
        }
    }

    /**
     * A pass came.
     *
     * @param pass the pass
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addPass(OptimizationPass pass) {
        passes.add(pass);
        jobs.wake();
    }

    /**
     * A pass goes; a run of it is broken off.
     *
     * @param pass the pass
     */
    public void removePass(OptimizationPass pass) {
        passes.remove(pass);
    }

    /**
     * A driver came.
     *
     * @param driver the driver
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addDriver(AcceleratorDriver driver) {
        drivers.add(driver);
        jobs.wake();
    }

    /**
     * A driver goes.
     *
     * @param driver the driver
     */
    public void removeDriver(AcceleratorDriver driver) {
        drivers.remove(driver);
    }

    /**
     * A store came.
     *
     * @param store the store
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addStore(ModelStore store) {
        stores.add(store);
        jobs.wake();
    }

    /**
     * A store goes; models held open stay.
     *
     * @param store the store
     */
    public void removeStore(ModelStore store) {
        stores.remove(store);
    }

    /**
     * The runtime came; what was seen of deployments that it deleted without this being there is forgotten.
     *
     * @param runtime knows the deployments
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addDeployments(Deployments runtime) {
        deployments.add(runtime);
        live.forgetDeleted(runtime);
    }

    /**
     * The runtime goes.
     *
     * @param runtime the one that goes
     */
    public void removeDeployments(Deployments runtime) {
        deployments.remove(runtime);
    }

    /** For use without a container. */
    void sinks(List<EventSink> all) {
        sinks = List.copyOf(all);
    }

    @Override
    public List<Pass> passes() {
        return services.passes().descriptions();
    }

    @Override
    public Optimization request(OptimizationRequest request) {
        for (PassStep step : request.pipeline().steps()) {
            services.passes().find(step.pass()).ifPresent(pass -> Passes.complete(pass, step));
        }
        return jobs.request(request);
    }

    @Override
    public List<Optimization> list() {
        return jobs.list();
    }

    @Override
    public Optional<Optimization> find(String id) {
        return jobs.find(id);
    }

    @Override
    public void cancel(String id) {
        jobs.cancel(id);
    }

    @Override
    public void forget(String id) {
        jobs.forget(id);
    }

    @Override
    public ModelFile open(String id, String key) throws OptimizationException {
        Optimization request = known(id);
        if (variants.find(key).isEmpty()) {
            throw new OptimizationException(
                    Reason.RESOURCES,
                    "variant " + key + " of " + request.request().model() + " is not there any more");
        }
        try (ModelFile original = services.open(request.request().model())) {
            return StepFile.of(original.manifest(), variants.model(key));
        } catch (NotThereException | IOException e) {
            throw new OptimizationException(
                    Reason.RESOURCES, "variant " + key + " cannot be opened: " + e.getMessage(), e);
        }
    }

    @Override
    public List<Drift> drift() {
        return live.drift();
    }

    @Override
    public List<String> recalibrate(String deployment) {
        if (!live.beginAnew(deployment)) {
            throw new IllegalArgumentException("nothing is seen of deployment '" + deployment
                    + "', expected one that serves requests with capture.per.second above 0");
        }
        List<String> again = jobs.calibratedWith(deployment);
        again.forEach(jobs::again);
        return again;
    }

    @Override
    public void take(String deployment, ModelManifest model, Map<String, Tensor> inputs, Map<String, Tensor> outputs) {
        live.take(deployment, model, inputs, outputs);
    }

    @Override
    public void allow(String deployment, Allowance allowance) {
        live.allow(deployment, allowance);
    }

    @Override
    public String report(String id, ReportFormat format) throws OptimizationException {
        Optimization request = known(id);
        return format == ReportFormat.JSON ? Json.write(request) : ReportPage.of(request, services::properties);
    }

    @Override
    public void export(String id, Path folder) throws OptimizationException {
        Optimization request = known(id);
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("report.json"), report(id, ReportFormat.JSON));
            Files.writeString(folder.resolve("report.html"), report(id, ReportFormat.HTML));
            if (!request.chosen().isEmpty()) {
                variants.copyModel(request.chosen(), folder);
            }
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, "'" + folder + "' cannot be written: " + e, e);
        }
    }

    @Override
    public String name() {
        return "optimizer";
    }

    @Override
    public List<Finding> check() {
        return Notices.findings(live.drift(), live.problems(), jobs.list());
    }

    private Optimization known(String id) throws OptimizationException {
        return jobs.find(id)
                .orElseThrow(() -> new OptimizationException(Reason.RESOURCES, "there is no request '" + id + "'"));
    }

    /** An alarm has begun or ended; what was calibrated with live data is calibrated again, through the gate. */
    private void drifted(Drift drift) {
        notices.drifted(drift);
        if (drift.alarm() && !jobs.calibratedWith(drift.deployment()).isEmpty()) {
            recalibrate(drift.deployment());
        }
    }
}
