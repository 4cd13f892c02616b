// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.config.Home;
import io.edgewright.api.event.Event;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.Optimizer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.osgi.framework.BundleContext;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The runtime as a component: what comes and goes on the gateway, and what is asked of its deployments. */
@Component(
        name = EdgeRuntime.PID,
        immediate = true,
        service = {EdgeRuntime.class, Deployments.class, HealthCheck.class},
        property = "kura.ui.service.hide=true")
@Designate(ocd = EdgeRuntime.Config.class)
public final class EdgeRuntime implements Deployments, HealthCheck {

    static final String PID = "io.edgewright.runtime";

    private static final Logger LOG = LoggerFactory.getLogger(EdgeRuntime.class);

    private final Core core;
    private final Changes changes;
    private final Supplier<List<IdleDriver>> silentDrivers;
    private final Path home;

    /** Replaced as a whole when a sink comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<EventSink> sinks = List.of();

    /** One or none. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<Optimizer> optimizers = List.of();

    private final List<InferenceTap> taps = new CopyOnWriteArrayList<>();

    /** Settings of the runtime. */
    @ObjectClassDefinition(
            id = PID,
            name = "Runtime",
            description = "Serves deployments: watches devices, moves models between them, watches memory.")
    public @interface Config {

        /** {@return the folder} */
        @AttributeDefinition(
                name = "Home folder",
                description = "Where everything that must last lives; empty for the gateway's own. Takes a restart.",
                required = false)
        String home() default "";

        /** {@return seconds} */
        @AttributeDefinition(
                name = "First pause (s)",
                description =
                        "How long a failed device or model is left alone after its first failure; doubles each time.",
                min = "1")
        int backoff_start_seconds() default 2;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Longest pause (s)",
                description = "How long a failed device or model is left alone at the most.",
                min = "1")
        int backoff_max_seconds() default 300;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Proof of health (s)",
                description = "How long a preferred device must have been healthy before serving returns to it.",
                min = "0")
        int recover_seconds() default 30;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Stuck after (s)",
                description =
                        "A run that does not end that long after its deadline (without one: after its start) is given"
                                + " up, and its device is left out.",
                min = "1")
        int stuck_seconds() default 30;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Patience (s)",
                description =
                        "How long requests wait for a device to come back when the last one was lost or its driver is being"
                                + " replaced, up to their own deadlines; later ones are refused at once. For as long models"
                                + " that can answer without their driver hold its device.",
                min = "0")
        int wait_seconds() default 10;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Longest load (s)",
                description =
                        "A model that is not loaded and tested by then is given up, and its device is left out until the"
                                + " driver returns. Drivers that compile models for their device may need minutes.",
                min = "1")
        int load_seconds() default 900;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Rescan (s)",
                description =
                        "How often drivers look again for devices, beside whenever device nodes come or go; 0 for never.",
                min = "0")
        int rescan_seconds() default 30;

        /** {@return MiB} */
        @AttributeDefinition(
                name = "Memory left free (MiB)",
                description = "A model is loaded only if that much memory stays free beside it.",
                min = "0")
        int memory_margin_mib() default 64;
    }

    /**
     * Starts the runtime.
     *
     * @param config checked here
     * @param changes where drivers and stores tell theirs
     * @param context shows which bundles promise a driver
     */
    @Activate
    public EdgeRuntime(Config config, @Reference Changes changes, BundleContext context) {
        this(config, new RuntimeThreads(), changes, new SilentDrivers(context));
    }

    private EdgeRuntime(
            Config config, RuntimeThreads threads, Changes changes, Supplier<List<IdleDriver>> silentDrivers) {
        this(config, new LinuxMemory(Path.of("/")), threads, threads, changes, silentDrivers);
    }

    EdgeRuntime(
            Config config,
            MemoryAdmission.Reader memory,
            RuntimeThreads threads,
            Time time,
            Changes changes,
            Supplier<List<IdleDriver>> silentDrivers) {
        this.changes = changes;
        this.silentDrivers = silentDrivers;
        this.home = Home.folder(config.home());
        this.core = new Core(
                RuntimeSettings.of(config),
                home.resolve("deployments"),
                memory,
                threads,
                time,
                this::publish,
                () -> optimizers.stream().findFirst().orElse(null),
                () -> taps);
        core.start();
        changes.attach(core);
    }

    /**
     * Takes changed settings.
     *
     * @param config checked here
     */
    @Modified
    public void modified(Config config) {
        core.configure(RuntimeSettings.of(config));
        if (!Home.folder(config.home()).equals(home)) {
            LOG.warn("home changed from {} to {}; that takes a restart of the gateway", home, config.home());
        }
    }

    /** Stops serving and ends all threads. */
    @Deactivate
    public void deactivate() {
        changes.detach(core);
        core.close();
    }

    /**
     * A driver came.
     *
     * @param driver the driver
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addDriver(AcceleratorDriver driver) {
        core.addDriver(driver);
    }

    /**
     * A driver goes: its models are moved before this returns, if that is soon.
     *
     * @param driver the driver
     */
    public void removeDriver(AcceleratorDriver driver) {
        core.removeDriver(driver);
    }

    /**
     * A store came.
     *
     * @param store the store
     * @param properties of the service; its ranking counts
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addStore(ModelStore store, Map<String, Object> properties) {
        core.addStore(store, properties);
    }

    /**
     * A store goes; models held open stay.
     *
     * @param store the store
     */
    public void removeStore(ModelStore store) {
        core.removeStore(store);
    }

    /**
     * Somebody wants to look at inferences, and is told what is allowed.
     *
     * @param tap who
     */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    public void addTap(InferenceTap tap) {
        taps.add(tap);
        core.requestAll();
    }

    /**
     * Somebody looks at inferences no longer.
     *
     * @param tap who
     */
    public void removeTap(InferenceTap tap) {
        taps.remove(tap);
    }

    private void publish(Event event) {
        for (EventSink sink : sinks) {
            try {
                sink.publish(event);
            } catch (RuntimeException | LinkageError e) { // a sink is foreign code, and may be half gone
                LOG.warn("an event sink failed on {}", event.topic(), e);
            }
        }
    }

    Core core() {
        return core;
    }

    /** For use without a container. */
    void sinks(List<EventSink> all) {
        sinks = List.copyOf(all);
    }

    /** For use without a container. */
    void optimizers(List<Optimizer> all) {
        optimizers = List.copyOf(all);
        core.requestAll();
    }

    @Override
    public List<DeploymentStatus> list() {
        return core.list();
    }

    @Override
    public Optional<DeploymentStatus> find(String name) {
        return core.list().stream().filter(s -> s.name().equals(name)).findFirst();
    }

    @Override
    public List<DeploymentEvent> history(String name, int limit) {
        return core.history(name, limit);
    }

    @Override
    public void promote(String name) {
        core.controller(name).promote();
    }

    @Override
    public void rollback(String name) {
        core.controller(name).rollback();
    }

    @Override
    public List<Device> devices() {
        return core.describeDevices();
    }

    @Override
    public List<Device> rescan() {
        core.rescan();
        return core.describeDevices();
    }

    @Override
    public List<IdleDriver> idleDrivers() {
        List<IdleDriver> idle = new ArrayList<>(core.idleDrivers());
        idle.addAll(silentDrivers.get());
        return idle;
    }

    @Override
    public String name() {
        return "deployments";
    }

    @Override
    public List<Finding> check() {
        return new HealthReport(core).findings();
    }
}
