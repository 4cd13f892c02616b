// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.Home;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs TensorFlow Lite models on the gateway's own processor, with XNNPACK. */
@Component(name = LitertDriver.PID, service = AcceleratorDriver.class, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = LitertDriver.Config.class)
public final class LitertDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.litert";

    private static final Logger LOG = LoggerFactory.getLogger(LitertDriver.class);

    private static final String NAME = "litert";
    private static final String DEVICE = "litert:cpu";

    private final Optional<LitertDevice> device;
    private final String unavailable;
    private final AtomicBoolean warned = new AtomicBoolean();

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<Isolation> isolations;

    @ObjectClassDefinition(
            id = PID,
            name = "LiteRT accelerator",
            description = "Runs TensorFlow Lite (LiteRT) models on the gateway's own processor.")
    @interface Config {

        @AttributeDefinition(
                name = "Home folder",
                description = "Where the native libraries are unpacked; empty for edgewright.home.",
                required = false)
        String home() default "";

        @AttributeDefinition(
                name = "XNNPACK",
                description = "Uses XNNPACK's operators, which are many times faster. Off is for comparing only.")
        boolean xnnpack() default true;

        @AttributeDefinition(
                name = "Isolate",
                description =
                        "Runs each model in a process of its own: a crash costs its requests and not the gateway; each run takes longer.")
        boolean isolate() default false;

        @AttributeDefinition(
                name = "Try models of unknown origin",
                description = "Opens and runs a model that is not trusted in a process of its own first.")
        boolean probe_untrusted() default true;

        @AttributeDefinition(
                name = "Trial time (s)",
                description = "Longest time for one trial, in seconds.",
                min = "1",
                max = "3600")
        int probe_seconds() default 60;

        @AttributeDefinition(
                name = "Process memory (MiB)",
                description = "Most memory of a process in which a model is tried or runs, in MiB.",
                min = "64")
        int probe_memory_mib() default 2048;
    }

    /** Loads TensorFlow Lite, so that a system it does not run on shows at once. */
    @Activate
    public LitertDriver(Config config) {
        this(config, List.of());
    }

    LitertDriver(Config config, List<Isolation> isolations) {
        this.isolations = isolations;
        Optional<LitertDevice> found = Optional.empty();
        String missing = "";
        try {
            found = Optional.of(open(config));
        } catch (InferenceException e) {
            missing = String.valueOf(e.getMessage());
            LOG.error("No TensorFlow Lite models can run on the processor: {}", missing);
        }
        this.device = found;
        this.unavailable = missing;
    }

    @Override
    public String name() {
        return NAME;
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
        LitertDevice ready = device.orElseThrow(
                () -> new InferenceException(InferenceException.Reason.DEVICE_UNAVAILABLE, unavailable, null));
        if (!on.id().equals(DEVICE)) {
            throw new IllegalArgumentException(
                    "device '" + on.id() + "' is not this driver's, expected '" + DEVICE + "'");
        }
        Optional<Isolation> isolation = isolations.stream().findFirst();
        if (isolation.isEmpty() && ready.tries() && !options.trusted() && warned.compareAndSet(false, true)) {
            LOG.warn("Models of unknown origin are loaded untried: the bundle io.edgewright.isolation is not there");
        }
        return ready.load(model, options, isolation);
    }

    private static LitertDevice open(Config config) throws InferenceException {
        Path folder = LitertDevice.unpack(Home.folder(config.home()));
        EngineSpec spec = LitertDevice.spec(
                folder,
                "cpu" + (config.xnnpack() ? "-xnnpack" : ""),
                Map.of(LitertEngine.XNNPACK, String.valueOf(config.xnnpack())),
                Duration.ofSeconds(config.probe_seconds()),
                config.probe_memory_mib());
        var engine = new LitertEngine();
        String version = engine.start(spec.settings()).getOrDefault(LitertEngine.VERSION, "");
        Processor processor = Processor.read();
        String with = "TensorFlow Lite " + version + (config.xnnpack() ? " with XNNPACK" : " without XNNPACK");
        var accelerator = new Accelerator(
                DEVICE,
                NAME,
                AcceleratorKind.CPU,
                processor.vendor(),
                processor.description() + ", " + with,
                0,
                Set.of(LitertDevice.FORMAT),
                false,
                Map.of("tflite.version", version, "xnnpack", String.valueOf(config.xnnpack())));
        return new LitertDevice(
                accelerator, config.isolate() ? Optional.empty() : Optional.of(engine), spec, config.probe_untrusted());
    }
}
