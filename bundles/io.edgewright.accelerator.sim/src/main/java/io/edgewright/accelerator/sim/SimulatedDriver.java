// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
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

/** One simulated device: computes real answers of very small models on the processor, and has faults on command. */
@Component(
        name = SimulatedDriver.PID,
        service = AcceleratorDriver.class,
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = SimulatedDriver.Config.class, factory = true)
public final class SimulatedDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.sim";

    private static final Logger LOG = LoggerFactory.getLogger(SimulatedDriver.class);

    private final Accelerator accelerator;
    private final SimulatedDevice device;
    private volatile boolean listed;

    /** Replaced as a whole when a listener comes or goes. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    private volatile List<AcceleratorListener> listeners = List.of();

    /** Settings of one simulated device. All but the id, the kind and cancellable change while it runs. */
    @ObjectClassDefinition(
            id = PID,
            name = "Simulated accelerator",
            description =
                    "A simulated device for drills: it runs Identity and Add-constant models, with faults on command.")
    public @interface Config {

        /** {@return the device's id, which is the driver's name too} */
        @AttributeDefinition(name = "Device id", description = "Unique id of the simulated device on the gateway.")
        String device_id() default "sim:npu.0";

        /** {@return a name of {@link AcceleratorKind}} */
        @AttributeDefinition(name = "Kind", description = "What it claims to be: CPU, GPU, NPU, TPU, FPGA or REMOTE.")
        String kind() default "NPU";

        /** {@return microseconds} */
        @AttributeDefinition(name = "Run time (us)", description = "Time one run takes, in microseconds.", min = "0")
        int run_micros() default 0;

        /** {@return microseconds} */
        @AttributeDefinition(name = "Jitter (us)", description = "Up to that much is added to a run.", min = "0")
        int jitter_micros() default 0;

        /** {@return percent of runs} */
        @AttributeDefinition(
                name = "Failing runs (%)",
                description = "Share of runs that fail with DEVICE_UNAVAILABLE.",
                min = "0",
                max = "100")
        int fail_percent() default 0;

        /** {@return true while every run hangs} */
        @AttributeDefinition(name = "Hang", description = "While set, no run ends, as on a stuck device.")
        boolean hang() default false;

        /** {@return the factor} */
        @AttributeDefinition(name = "Slow factor", description = "Run time and jitter are multiplied by it.", min = "1")
        int slow_factor() default 1;

        /** {@return false while the device is unplugged} */
        @AttributeDefinition(name = "Present", description = "Unset to unplug the device.")
        boolean present() default true;

        /** {@return whether plugging is told} */
        @AttributeDefinition(
                name = "Tells",
                description = "Whether plugging and unplugging is told at once; unset: it is found by a rescan only.")
        boolean tells() default true;

        /** {@return whether runs can be cut off} */
        @AttributeDefinition(name = "Cancellable", description = "Whether a run can be cut off while it is under way.")
        boolean cancellable() default true;
    }

    /**
     * Makes the device.
     *
     * @param config checked here
     */
    @Activate
    public SimulatedDriver(Config config) {
        this.device = new SimulatedDevice(config.device_id(), config.cancellable(), behaviour(config));
        this.listed = config.present();
        this.accelerator = new Accelerator(
                config.device_id(),
                config.device_id(),
                kind(config.kind()),
                "",
                "simulated " + config.kind() + " (computes on the processor)",
                0,
                Set.of("onnx"),
                config.cancellable(),
                Map.of("simulated", "true"));
    }

    /**
     * Changes how the device behaves, at once; this is how faults are commanded.
     *
     * @param config the new settings; the id, the kind and cancellable cannot change without a restart of the component
     */
    @Modified
    public void modified(Config config) {
        if (!config.device_id().equals(accelerator.id())
                || kind(config.kind()) != accelerator.kind()
                || config.cancellable() != accelerator.cancellable()) {
            LOG.warn(
                    "{}: device.id, kind and cancellable cannot change; delete this configuration and make another",
                    accelerator.id());
        }
        boolean plugged = config.tells() && listed != config.present();
        if (plugged && !config.present()) {
            listed = false; // before its runs fail, as their failure makes the runtime look
        }
        device.behave(behaviour(config));
        LOG.info("{}: now {}", accelerator.id(), device.behaviour());
        if (plugged) {
            listed = config.present();
            listeners.forEach(l -> l.acceleratorsChanged(this));
        }
    }

    /** Ends every run that hangs. */
    @Deactivate
    public void deactivate() {
        device.behave(Behaviour.GONE);
    }

    /**
     * Sets who is told when the device is unplugged or plugged in; for use without a container.
     *
     * @param listeners replaces those there are
     */
    public void listeners(List<AcceleratorListener> listeners) {
        this.listeners = List.copyOf(listeners);
    }

    /** {@return how many runs are under way on the device now} */
    public int running() {
        return device.running();
    }

    @Override
    public String name() {
        return accelerator.driver();
    }

    @Override
    public List<Accelerator> accelerators() {
        return listed ? List.of(accelerator) : List.of();
    }

    @Override
    public void rescan() {
        listed = device.behaviour().present();
    }

    @Override
    public Optional<String> unavailable() {
        return listed
                ? Optional.empty()
                : Optional.of("simulated device " + accelerator.id() + " is unplugged; set present=true");
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator wanted, LoadOptions options) throws InferenceException {
        if (!wanted.id().equals(accelerator.id())) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "device " + wanted.id() + " is not of driver " + name() + ", which has " + accelerator.id(),
                    null);
        }
        device.requirePresent();
        return new SimulatedSession(device, SimulatedModel.read(model));
    }

    private static Behaviour behaviour(Config config) {
        return new Behaviour(
                atLeast("run.micros", config.run_micros(), 0),
                atLeast("jitter.micros", config.jitter_micros(), 0),
                atMost("fail.percent", atLeast("fail.percent", config.fail_percent(), 0), 100),
                config.hang(),
                atLeast("slow.factor", config.slow_factor(), 1),
                config.present());
    }

    private static int atLeast(String setting, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " or more");
        }
        return value;
    }

    private static int atMost(String setting, int value, int most) {
        if (value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + most + " or less");
        }
        return value;
    }

    private static AcceleratorKind kind(String text) {
        for (AcceleratorKind kind : AcceleratorKind.values()) {
            if (kind.name().equalsIgnoreCase(text.strip())) {
                return kind;
            }
        }
        throw new IllegalArgumentException(
                "kind is '" + text + "', expected one of " + List.of(AcceleratorKind.values()));
    }
}
