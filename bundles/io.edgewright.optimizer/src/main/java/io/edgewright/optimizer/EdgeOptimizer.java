// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.config.Home;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationPass;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Optimizer;
import io.edgewright.api.optimize.PassStep;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
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
        service = {Optimizer.class, HealthCheck.class},
        property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = EdgeOptimizer.Config.class)
public final class EdgeOptimizer implements Optimizer, HealthCheck {

    static final String PID = "io.edgewright.optimizer";

    private static final Logger LOG = LoggerFactory.getLogger(EdgeOptimizer.class);
    private static final long END_MILLIS = 5_000;

    private final VariantStore variants;
    private final Services services;
    private final Jobs jobs;
    private final Thread worker;

    // these change one by one, and each change wakes the worker
    private final List<OptimizationPass> passes = new CopyOnWriteArrayList<>();
    private final List<AcceleratorDriver> drivers = new CopyOnWriteArrayList<>();
    private final List<ModelStore> stores = new CopyOnWriteArrayList<>();

    /** Replaced as a whole when a sink comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<EventSink> sinks = List.of();

    /** One, or none while the runtime is being replaced. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<Deployments> deployments = List.of();

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
        int niceness = in("niceness", config.niceness(), 0, 19);
        long cacheBytes = (long) in("cache.mib", config.cache_mib(), 16, Integer.MAX_VALUE) << 20;
        Duration timing = Duration.ofMillis(in("timing.millis", config.timing_millis(), 1, 600_000));
        Path folder = Home.folder(config.home()).resolve("variants");
        this.variants = new VariantStore(folder);
        this.services = new Services(
                () -> drivers,
                () -> stores,
                () -> deployments,
                new Passes(() -> passes),
                name -> Optional.empty(),
                variants,
                timing);
        this.jobs = new Jobs(folder.resolve("requests"), services, this::publish);
        try {
            variants.clean();
            jobs.read();
            variants.sweep(cacheBytes, needed());
        } catch (IOException e) {
            LOG.error("{} cannot be read: {}; variants are made again", folder, e.toString());
        }
        this.worker = new Thread(
                () -> {
                    Niceness.lower(niceness);
                    jobs.run();
                },
                "edgewright-optimizer");
        worker.setDaemon(true);
        worker.start();
    }

    /** Ends the work; it goes on at the next start. */
    @Deactivate
    public void deactivate() {
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
    public String report(String id, ReportFormat format) throws OptimizationException {
        Optimization request = known(id);
        return format == ReportFormat.JSON ? Json.write(request) : ReportPage.of(request);
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
        return jobs.list().stream()
                .filter(o -> o.state() == State.FAILED || isStuck(o))
                .map(o -> new Finding(
                        Severity.WARNING,
                        "optimization of " + o.request().model(),
                        o.message(),
                        o.state() == State.FAILED
                                ? "change what the message says, or forget the request"
                                : "install what is missing, or cancel the request"))
                .toList();
    }

    private static boolean isStuck(Optimization o) {
        return o.state() == State.WAITING && o.message().startsWith(Jobs.MISSING);
    }

    private Optimization known(String id) throws OptimizationException {
        return jobs.find(id)
                .orElseThrow(() -> new OptimizationException(Reason.RESOURCES, "there is no request '" + id + "'"));
    }

    private Set<String> needed() {
        return jobs.list().stream().map(Optimization::chosen).collect(Collectors.toSet());
    }

    private void publish(Optimization now) {
        LOG.info(
                "optimization of {} on {}: {}, {}",
                now.request().model(),
                now.request().accelerator(),
                now.state(),
                now.message());
        var event = new Event(
                "optimization/" + now.request().model().name() + "/"
                        + now.state().name().toLowerCase(Locale.ROOT),
                Instant.now(),
                Map.of(
                        "id", now.id(),
                        "model", now.request().model().toString(),
                        "accelerator", now.request().accelerator(),
                        "pipeline", now.request().pipeline().toString(),
                        "message", now.message()));
        for (EventSink sink : sinks) {
            try {
                sink.publish(event);
            } catch (RuntimeException | LinkageError e) { // a sink is foreign code, and may be half gone
                LOG.warn("an event sink failed on {}", event.topic(), e);
            }
        }
    }

    private static int in(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }
}
