// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.accelerator.plugin.Wishes.Fallback;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorListener;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.Home;
import io.edgewright.api.health.HealthCheck;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.stream.Stream;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs ONNX models on the devices of one plug-in execution provider; one configuration for each. The library is tried and
 * loaded in the background: until then there are no devices, and {@link #unavailable} says so.
 */
@Component(
        name = PluginDriver.PID,
        service = {AcceleratorDriver.class, HealthCheck.class},
        configurationPolicy = ConfigurationPolicy.REQUIRE,
        property = "kura.ui.service.hide=true")
@Designate(ocd = PluginDriver.Config.class, factory = true)
public final class PluginDriver implements AcceleratorDriver, HealthCheck {

    static final String PID = "io.edgewright.accelerator.plugin";

    private static final Logger LOG = LoggerFactory.getLogger(PluginDriver.class);

    private static final Set<String> NAMES = ConcurrentHashMap.newKeySet();

    /** Told when the devices are known. */
    @Reference(
            cardinality = ReferenceCardinality.MULTIPLE,
            policy = ReferencePolicy.DYNAMIC,
            policyOption = ReferencePolicyOption.GREEDY)
    private volatile List<AcceleratorListener> listeners = List.of();

    private final String name;
    private final boolean named;
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile Optional<Provider> provider = Optional.empty();
    private volatile String unavailable = "the provider's library is being tried and loaded; this takes seconds";
    private boolean closed;

    @ObjectClassDefinition(
            id = PID,
            name = "Plug-in accelerator",
            description =
                    "Runs ONNX models with a plug-in execution provider of a vendor: OpenVINO, QNN, Vitis AI, ...")
    @interface Config {

        @AttributeDefinition(
                name = "Name",
                description = "Name of the driver, the first part of its devices' ids; empty for the preset's name.",
                required = false)
        String name() default "";

        @AttributeDefinition(
                name = "Preset",
                description = "Whose plug-in it is: which file is expected and which options it is given.",
                options = {
                    @Option(label = "OpenVINO: Intel processors, GPUs, NPUs", value = "openvino"),
                    @Option(label = "QNN: Qualcomm NPUs", value = "qnn"),
                    @Option(label = "Vitis AI: AMD FPGAs and NPUs", value = "vitisai"),
                    @Option(label = "TensorRT RTX: NVIDIA GPUs", value = "tensorrt-rtx"),
                    @Option(label = "WebGPU: GPUs with Vulkan", value = "webgpu"),
                    @Option(label = "Any other", value = "generic")
                })
        String preset() default "generic";

        @AttributeDefinition(
                name = "Library",
                description = "The provider's library, or the folder where the preset's file lies."
                        + " Empty for the folder providers/<preset> in edgewright.home.",
                required = false)
        String library() default "";

        @AttributeDefinition(
                name = "Provider options",
                description = "Options of the provider, each as key=value; see its documentation.",
                required = false)
        String[] options() default {};

        @AttributeDefinition(
                name = "Devices",
                description = "Which devices to use: a word of the id, vendor or description such as npu.0,"
                        + " or property=value such as ov_device=GPU; empty for all.",
                required = false)
        String[] devices() default {};

        @AttributeDefinition(
                name = "Kinds",
                description = "Which kinds of devices to use: CPU, GPU, NPU; empty for all.",
                required = false)
        String[] kinds() default {};

        @AttributeDefinition(
                name = "Shown as",
                description = "The kind to show the devices as, such as FPGA; empty for what ONNX Runtime says.",
                required = false)
        String shown_as() default "";

        @AttributeDefinition(
                name = "Fallback",
                description = "How much of a model the processor may run: none, what the device does not take, or all.",
                options = {
                    @Option(label = "nothing", value = "none"),
                    @Option(label = "what the device does not take", value = "some"),
                    @Option(label = "everything", value = "all")
                })
        String fallback() default "some";

        @AttributeDefinition(
                name = "Report",
                description =
                        "Runs each new model once in a process of its own, to tell which part of it the device"
                                + " takes. Off, or with isolation never, fallback cannot tell a model of which it takes nothing.")
        boolean report() default true;

        @AttributeDefinition(
                name = "Isolation",
                description =
                        "Whether the library and models of unknown origin are first tried in a process of their own,"
                                + " or all models run in one.",
                options = {
                    @Option(label = "load at once", value = "never"),
                    @Option(label = "try first", value = "try"),
                    @Option(label = "run there", value = "always")
                })
        String isolation() default "try";

        @AttributeDefinition(
                name = "Trial time (s)",
                description =
                        "Longest time for one trial, and for loading one model in a process of its own, in seconds.",
                min = "1",
                max = "3600")
        int limit_seconds() default 120;

        @AttributeDefinition(
                name = "Trial memory (MiB)",
                description = "Most memory for a process of its own, in MiB.",
                min = "64")
        int memory_mib() default 4096;

        @AttributeDefinition(
                name = "Home folder",
                description = "Where verdicts are kept and libraries are looked for; empty for edgewright.home.",
                required = false)
        String home() default "";
    }

    /** Checks the settings; the rest happens in the background. */
    @Activate
    public PluginDriver(
            Config config,
            @Reference(cardinality = ReferenceCardinality.MULTIPLE, policyOption = ReferencePolicyOption.GREEDY)
                    List<Isolation> isolations) {
        Path home = Home.folder(config.home());
        Wishes wishes = wishes(config, home);
        var mode = Wishes.constant(Provider.Mode.class, "isolation", config.isolation());
        if (config.limit_seconds() < 1 || config.limit_seconds() > 3600) {
            throw new IllegalArgumentException("limit.seconds is " + config.limit_seconds() + ", expected 1 to 3600");
        }
        if (config.memory_mib() < 64) {
            throw new IllegalArgumentException("memory.mib is " + config.memory_mib() + ", expected 64 or more");
        }
        var settings = new Provider.Settings(
                wishes, mode, home, Duration.ofSeconds(config.limit_seconds()), (long) config.memory_mib() << 20);
        this.name = wishes.name();
        this.named = NAMES.add(name);
        Optional<Isolation> isolation = isolations.stream().findFirst();
        var starter = new Thread(() -> start(settings, isolation), "edgewright-plugin-" + name);
        starter.setDaemon(true);
        starter.start();
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public List<Accelerator> accelerators() {
        return provider.map(Provider::accelerators).orElse(List.of());
    }

    @Override
    public Optional<String> unavailable() {
        return provider.isPresent() ? Optional.empty() : Optional.of(unavailable);
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        Provider now = provider.orElseThrow(() -> new InferenceException(Reason.DEVICE_UNAVAILABLE, unavailable, null));
        ModelSession session = now.load(model, device, options);
        LOG.info(
                "Model {} on {}: {}",
                model.manifest().id(),
                device.id(),
                session.facts().getOrDefault("partition", "loaded"));
        return session;
    }

    @Override
    public List<Finding> check() {
        return unavailable()
                .filter(why -> ready.getCount() == 0)
                .map(why -> new Finding(
                        Severity.WARNING,
                        "accelerator driver " + name,
                        why,
                        "Correct or delete its configuration of " + PID))
                .stream()
                .toList();
    }

    /** Waits for nobody: what is being loaded is closed when it is there. */
    @Deactivate
    void stop() {
        Optional<Provider> last;
        synchronized (this) {
            closed = true;
            last = provider;
            provider = Optional.empty();
            unavailable = "the driver is stopped";
        }
        last.ifPresent(Provider::close);
        if (named) {
            NAMES.remove(name);
        }
    }

    /** For tests: waits until the library has been tried. */
    void awaitReady() throws InterruptedException {
        ready.await();
    }

    private void start(Provider.Settings settings, Optional<Isolation> isolation) {
        try {
            if (!named) {
                throw LibraryFile.unavailable("there is another driver named '" + name
                        + "'. Give each configuration of " + PID + " a name of its own");
            }
            publish(Provider.start(settings, isolation));
        } catch (InferenceException | IllegalStateException e) {
            unavailable = String.valueOf(e.getMessage());
            LOG.error("Accelerator driver {}: {}", name, e.getMessage());
        } catch (LinkageError e) { // a bundle or a native library of ours is not what it should be
            unavailable =
                    "a part of this gateway is missing or does not fit: " + e + ". Install bundles of one release";
            LOG.error("Accelerator driver {}: {}", name, unavailable, e);
        } finally {
            ready.countDown();
        }
        listeners.forEach(listener -> listener.acceleratorsChanged(this));
    }

    private void publish(Provider started) {
        synchronized (this) {
            if (!closed) {
                provider = Optional.of(started);
                LOG.info(
                        "Accelerator driver {}: {}",
                        name,
                        started.accelerators().stream()
                                .map(a -> a.id() + " (" + a.description() + ")")
                                .toList());
                return;
            }
        }
        started.close();
    }

    private static Wishes wishes(Config config, Path home) {
        Preset preset = Preset.named(config.preset());
        Path library = config.library().isBlank()
                ? home.resolve("providers").resolve(preset.text())
                : Path.of(config.library().strip());
        return new Wishes(
                config.name().isBlank() ? preset.text() : config.name().strip(),
                preset,
                library.toAbsolutePath(),
                Wishes.options(entries(config.options())),
                entries(config.devices()),
                Wishes.kinds(entries(config.kinds())),
                config.shown_as().isBlank() ? Optional.empty() : Optional.of(Wishes.kind(config.shown_as())),
                Wishes.constant(Fallback.class, "fallback", config.fallback()),
                config.report());
    }

    private static List<String> entries(String[] values) {
        return Stream.of(values).map(String::strip).filter(v -> !v.isEmpty()).toList();
    }
}
