// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import java.util.Dictionary;
import java.util.Hashtable;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.AttributeType;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;

/** One deployment as a component: its configuration, and its Predictor as a service. */
@Component(
        name = Deployments.FACTORY_PID,
        service = {},
        immediate = true,
        configurationPolicy = ConfigurationPolicy.REQUIRE)
@Designate(ocd = Deployment.Config.class, factory = true)
public final class Deployment {

    /** DS 1.4, 112.5.9: the configuration was deleted. */
    private static final int CONFIGURATION_DELETED = 4;

    private final EdgeRuntime runtime;
    private final Function<Predictor, Runnable> publisher;
    private @Nullable Runnable unpublish;
    private boolean ended;
    private Core.Entry entry;
    private DeploymentSettings settings;

    /** A deployment's settings. */
    @ObjectClassDefinition(
            id = Deployments.FACTORY_PID,
            name = "Deployment",
            description = "Serves one model under a name, on the best device there is.")
    public @interface Config {

        /** {@return the name} */
        @AttributeDefinition(name = "Name", description = "What applications ask for; unique on the gateway.")
        String name() default "";

        /** {@return the model's name} */
        @AttributeDefinition(name = "Model", description = "The name of the model to serve.")
        String model() default "";

        /** {@return the rule} */
        @AttributeDefinition(
                name = "Version",
                description = "latest, an exact version such as 1.1.0, or a range such as [1.0,2.0).")
        String version() default "latest";

        /** {@return a version; blank for none} */
        @AttributeDefinition(
                name = "Version floor",
                description =
                        "Versions below this one are never chosen nor gone back to, such as 2.0.0; empty for none.",
                required = false)
        String version_floor() default "";

        /** {@return ids, drivers or kinds} */
        @AttributeDefinition(
                name = "Accelerators",
                description =
                        "In order of preference: accelerator ids, driver names or kinds such as NPU. Empty for any:"
                                + " other kinds before the CPU, remote ones last.",
                cardinality = 100,
                required = false)
        String[] accelerators() default {};

        /** {@return preferred or spread} */
        @AttributeDefinition(
                name = "Placement",
                description =
                        "On the first device of that order, or on all of them at once: then each request goes to the"
                                + " one that is expected to be done first, and a lost device costs no time. Takes memory on each.",
                options = {
                    @Option(value = "preferred", label = "Preferred device"),
                    @Option(value = "spread", label = "Spread over all")
                })
        String placement() default "preferred";

        /** {@return throughput or latency} */
        @AttributeDefinition(
                name = "Goal",
                description = "Many requests at once, or one as fast as can be.",
                options = {
                    @Option(value = "throughput", label = "Throughput"),
                    @Option(value = "latency", label = "Latency")
                })
        String goal() default "throughput";

        /** {@return how many} */
        @AttributeDefinition(
                name = "Instances",
                description = "Runs side by side; 0 for as many as suit the model and the device.",
                min = "0",
                max = "1024")
        int instances() default 0;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Queue length",
                description = "Requests that may wait; further ones are refused with QUEUE_FULL.",
                min = "1",
                max = "100000")
        int queue_length() default 64;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Largest batch",
                description = "Queued requests run together at the most, where that was measured to pay; 1 for never.",
                min = "1",
                max = "64")
        int batch_max() default 8;

        /** {@return milliseconds} */
        @AttributeDefinition(
                name = "Timeout (ms)",
                description = "For requests that bring none, in milliseconds; 0 for none.",
                min = "0")
        int timeout_millis() default 0;

        /** {@return immediate, canary or shadow} */
        @AttributeDefinition(
                name = "Rollout",
                description = "How a new version takes over: at once; after serving a share of the requests; after"
                        + " answering copies of requests.",
                options = {
                    @Option(value = "immediate", label = "Immediate"),
                    @Option(value = "canary", label = "Canary"),
                    @Option(value = "shadow", label = "Shadow")
                })
        String rollout() default "immediate";

        /** {@return percent} */
        @AttributeDefinition(
                name = "Canary share (%)",
                description = "Share of the requests that a canary answers.",
                min = "1",
                max = "100")
        int canary_percent() default 10;

        /** {@return seconds} */
        @AttributeDefinition(
                name = "Observe (s)",
                description = "How long a canary or shadow is observed at least, in seconds.",
                min = "0")
        int observe_seconds() default 60;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Observe (requests)",
                description = "How many requests a canary or shadow must have answered before it is judged.",
                min = "1")
        int observe_requests() default 100;

        /** {@return percent} */
        @AttributeDefinition(
                name = "Most errors (%)",
                description = "A canary with a larger share of failed requests is rolled back.",
                min = "0",
                max = "100")
        int max_error_percent() default 5;

        /** {@return the ratio} */
        @AttributeDefinition(
                name = "Most latency (ratio)",
                description =
                        "A canary whose 95th percentile of latency is more times that of the primary is rolled back.")
        double max_latency_ratio() default 2;

        /** {@return percent} */
        @AttributeDefinition(
                name = "Most disagreement (%)",
                description = "A shadow with a larger share of differing answers is rolled back.",
                min = "0",
                max = "100")
        int max_disagreement_percent() default 5;

        /** {@return the tolerance} */
        @AttributeDefinition(
                name = "Agreement tolerance",
                description =
                        "By how much a number may differ: absolute up to 1, relative beyond. Also for golden pairs.")
        double agreement_tolerance() default 0.01;

        /** {@return the pipeline} */
        @AttributeDefinition(
                name = "Passes",
                description =
                        "How the optimizer makes the model smaller and faster: none, auto, or passes in their order"
                                + " such as graph;quantize(weights=int8);compile. The plain model serves until then.")
        String passes() default "none";

        /** {@return the source} */
        @AttributeDefinition(
                name = "Calibration",
                description = "Sample inputs for the optimizer: package (those of the model's package), a folder on the"
                        + " gateway, or live:DEPLOYMENT (captured requests).")
        String calibration() default "package";

        /** {@return the budget} */
        @AttributeDefinition(
                name = "Optimizer's budget",
                description =
                        "Some of latency=MILLISECONDS, size=MIB, memory=MIB, minutes=MINUTES, separated by commas; empty for"
                                + " whatever is fastest within 10 minutes.",
                required = false)
        String budget() default "";

        /** {@return percent} */
        @AttributeDefinition(
                name = "Least agreement (%)",
                description = "An optimized model whose answers agree less with those of the plain one is not used.",
                min = "0",
                max = "100")
        double gate_agreement_percent() default 98;

        /** {@return points} */
        @AttributeDefinition(
                name = "Most loss of accuracy (points)",
                description = "An optimized model that loses more is not used; asked where the samples have labels.",
                min = "0",
                max = "100")
        double gate_loss_points() default 0.5;

        /** {@return how many} */
        @AttributeDefinition(
                name = "Capture (a second)",
                description =
                        "Inputs a second that the optimizer may look at, for calibration and drift. 0 for none: what was"
                                + " kept of them is deleted.",
                min = "0",
                max = "1000")
        double capture_per_second() default 0;

        /** {@return memory or disk} */
        @AttributeDefinition(
                name = "Keep captures",
                description =
                        "Copies of captured inputs stay in memory, or are written to files of the gateway too, so that they"
                                + " outlast a restart. They show what the model was shown, such as people.",
                options = {
                    @Option(value = "memory", label = "In memory only"),
                    @Option(value = "disk", label = "On disk too")
                })
        String capture_keep() default "memory";

        /** {@return MiB} */
        @AttributeDefinition(
                name = "Most captures (MiB)",
                description = "Memory, and disk if they are kept there, that captured inputs take at most, in MiB.",
                min = "1",
                max = "4096")
        int capture_mib() default 64;

        /** {@return whether} */
        @AttributeDefinition(
                name = "Trusted",
                description = "The model's origin is known: it need not be tried in a process of its own first.",
                type = AttributeType.BOOLEAN)
        boolean trusted() default false;

        /** {@return entries of key and value} */
        @AttributeDefinition(
                name = "Driver options",
                description =
                        "Options of one driver for this model, each as driver.key=value, such as cpu.arena=true or"
                                + " remote.model=name; a driver's page lists its own. Other drivers ignore them.",
                required = false)
        String[] driver_options() default {};
    }

    /**
     * Begins to serve.
     *
     * @param runtime the runtime
     * @param context registers the predictor
     * @param config checked here
     */
    @Activate
    public Deployment(@Reference EdgeRuntime runtime, BundleContext context, Config config) {
        this(runtime, predictor -> register(context, predictor), config);
    }

    /** Publishes the predictor in another way; the runnable that the publisher answers takes it back. */
    Deployment(EdgeRuntime runtime, Function<Predictor, Runnable> publisher, Config config) {
        this.runtime = runtime;
        this.publisher = publisher;
        this.settings = DeploymentSettings.of(config);
        this.entry = runtime.core().add(settings, this::publish);
    }

    /**
     * Takes changed settings; the predictor stays the same unless the name changed.
     *
     * @param config checked here
     */
    @Modified
    public synchronized void modified(Config config) {
        DeploymentSettings next = DeploymentSettings.of(config);
        if (next.name().equals(settings.name())) {
            runtime.core().modify(entry, next);
        } else {
            takeBack();
            runtime.core().remove(entry, true);
            entry = runtime.core().add(next, this::publish);
        }
        settings = next;
    }

    /**
     * Stops serving.
     *
     * @param reason as DS says it
     */
    @Deactivate
    public synchronized void deactivate(int reason) {
        ended = true;
        takeBack();
        runtime.core().remove(entry, reason == CONFIGURATION_DELETED);
    }

    private synchronized void publish(Predictor predictor) {
        if (!ended) {
            unpublish = publisher.apply(predictor);
        }
    }

    private void takeBack() {
        Runnable before = unpublish;
        unpublish = null;
        if (before != null) {
            before.run();
        }
    }

    private static Runnable register(BundleContext context, Predictor predictor) {
        Dictionary<String, Object> properties = new Hashtable<>();
        properties.put(Predictor.DEPLOYMENT, predictor.deployment());
        ServiceRegistration<Predictor> registration = context.registerService(Predictor.class, predictor, properties);
        return () -> {
            try {
                registration.unregister();
            } catch (IllegalStateException e) {
                // the bundle is being stopped, which has taken it back already
            }
        };
    }
}
