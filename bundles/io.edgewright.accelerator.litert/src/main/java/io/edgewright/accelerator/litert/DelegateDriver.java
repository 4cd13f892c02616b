// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs TensorFlow Lite models on a device by its vendor's external delegate. The library is loaded in a process of its own
 * first, so that one that crashes is only reported; a device that is not there yet is looked for again and again.
 */
@Component(
        name = DelegateDriver.PID,
        service = AcceleratorDriver.class,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = DelegateDriver.Config.class, factory = true)
public final class DelegateDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.litert.delegate";

    private static final Logger LOG = LoggerFactory.getLogger(DelegateDriver.class);

    private final Config config;
    private final DelegateSettings settings;
    private final Isolation isolation;
    private final ScheduledExecutorService scanner;
    private volatile Optional<LitertDevice> device = Optional.empty();
    private volatile String unavailable;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<AcceleratorListener> listeners;

    @ObjectClassDefinition(
            id = PID,
            name = "LiteRT delegate",
            description = "Runs TensorFlow Lite (LiteRT) models on a device by its vendor's external delegate.")
    @interface Config {

        @AttributeDefinition(
                name = "Device name",
                description = "The device becomes litert:NAME; empty for the preset's name and .0, such as edgetpu.0.",
                required = false)
        String name() default "";

        @AttributeDefinition(
                name = "Preset",
                description = "What kind of delegate it is; generic for any other.",
                options = {
                    @Option(label = "Coral Edge TPU", value = "edgetpu"),
                    @Option(label = "Arm Ethos-U", value = "ethosu"),
                    @Option(label = "VeriSilicon VX (i.MX 8M Plus)", value = "vx"),
                    @Option(label = "Arm NN (Mali)", value = "armnn"),
                    @Option(label = "Generic", value = "generic")
                })
        String preset() default "generic";

        @AttributeDefinition(
                name = "Library",
                description =
                        "Path of the delegate's shared library, or a name that the system finds; empty for the preset's.",
                required = false)
        String library() default "";

        @AttributeDefinition(
                name = "Options",
                description = "Options for the delegate, key=value each, such as device=usb:0.",
                required = false)
        String[] options() default {};

        @AttributeDefinition(
                name = "Kind",
                description = "CPU, GPU, NPU, TPU or FPGA, for placement; empty for the preset's.",
                required = false)
        String kind() default "";

        @AttributeDefinition(
                name = "XNNPACK",
                description = "Runs with XNNPACK what the delegate leaves to the processor.")
        boolean xnnpack() default true;

        @AttributeDefinition(
                name = "Isolate",
                description =
                        "Runs each model in a process of its own: a crash or hang of the delegate costs its requests and not the gateway; each run takes longer.")
        boolean isolate() default false;

        @AttributeDefinition(
                name = "Try models of unknown origin",
                description = "Opens and runs a model that is not trusted in a process of its own first.")
        boolean probe_untrusted() default true;

        @AttributeDefinition(
                name = "Trial time (s)",
                description = "Longest time for loading the library, and for one trial of a model, in seconds.",
                min = "1",
                max = "3600")
        int probe_seconds() default 60;

        @AttributeDefinition(
                name = "Process memory (MiB)",
                description = "Most memory of a process in which a model is tried or runs, in MiB.",
                min = "64")
        int probe_memory_mib() default 2048;

        @AttributeDefinition(
                name = "Look again (s)",
                description = "Seconds between two looks for a device that is not there; 0 for one look only.",
                min = "0",
                max = "86400")
        int rescan_seconds() default 30;

        @AttributeDefinition(
                name = "Home folder",
                description = "Where the native libraries are unpacked; empty for edgewright.home.",
                required = false)
        String home() default "";
    }

    /** Starts to look for the device, on a thread of its own. */
    @Activate
    public DelegateDriver(@Reference Isolation isolation, Config config) {
        this.config = config;
        this.settings = DelegateSettings.of(config);
        this.isolation = isolation;
        this.listeners = List.of();
        this.unavailable = "device litert:" + settings.name() + " is being looked for";
        this.scanner = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "edgewright-litert-" + settings.name());
            thread.setDaemon(true);
            return thread;
        });
        scanner.execute(this::scan);
    }

    /** Ends the search. */
    @Deactivate
    void deactivate() {
        scanner.shutdownNow();
    }

    @Override
    public String name() {
        return "litert." + settings.name();
    }

    @Override
    public List<Accelerator> accelerators() {
        return device.map(d -> List.of(d.device())).orElse(List.of());
    }

    @Override
    public Optional<String> unavailable() {
        return device.isPresent() ? Optional.empty() : Optional.of(unavailable);
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator on, LoadOptions options) throws InferenceException {
        LitertDevice ready =
                device.orElseThrow(() -> new InferenceException(Reason.DEVICE_UNAVAILABLE, unavailable, null));
        if (!on.id().equals(ready.device().id())) {
            throw new IllegalArgumentException("device '%s' is not this driver's, expected '%s'"
                    .formatted(on.id(), ready.device().id()));
        }
        return ready.load(model, options, Optional.of(isolation));
    }

    private void scan() {
        try {
            device = Optional.of(DelegateFinder.find(settings, config, isolation, name()));
            LOG.info("Device litert:{} is there", settings.name());
            listeners.forEach(listener -> listener.acceleratorsChanged(this));
        } catch (InferenceException e) {
            String why = String.valueOf(e.getMessage());
            if (!why.equals(unavailable)) {
                LOG.warn("Device litert:{} is not there: {}", settings.name(), why);
            }
            unavailable = why;
            again();
        }
    }

    private void again() {
        Duration pause = Duration.ofSeconds(config.rescan_seconds());
        if (!pause.isZero() && !scanner.isShutdown()) {
            var next = scanner.schedule(this::scan, pause.toMillis(), TimeUnit.MILLISECONDS);
            LOG.debug("Next look in {}: {}", pause, next);
        }
    }
}
