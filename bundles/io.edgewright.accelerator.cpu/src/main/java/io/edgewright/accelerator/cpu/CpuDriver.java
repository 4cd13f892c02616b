// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import io.edgewright.onnxruntime.OrtFlavour;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs ONNX models on the gateway's own processor with ONNX Runtime. */
@Component(name = CpuDriver.PID, service = AcceleratorDriver.class, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = CpuDriver.Config.class)
public final class CpuDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.cpu";

    private static final Logger LOG = LoggerFactory.getLogger(CpuDriver.class);

    private static final String NAME = "cpu";
    private static final Path CPUINFO = Path.of("/proc/cpuinfo");
    private static final Path MEMINFO = Path.of("/proc/meminfo");
    private static final Pattern AVAILABLE = Pattern.compile("MemAvailable:\\s+(\\d+) kB");

    private final Isolation isolation;
    private final Optional<Ready> ready;
    private final String unavailable;
    private volatile Settings settings;

    /** What there is where ONNX Runtime works. */
    private record Ready(CpuEngine engine, CpuProcess process, Accelerator device) {}

    @ObjectClassDefinition(
            id = PID,
            name = "CPU accelerator",
            description = "Runs ONNX models on the gateway's own processor.")
    @interface Config {

        @AttributeDefinition(
                name = "Home folder",
                description = "Where optimized models are kept; empty for edgewright.home.",
                required = false)
        String home() default "";

        @AttributeDefinition(
                name = "Keep optimized models",
                description =
                        "Keeps what ONNX Runtime has optimized for this processor, so that the next start is faster.")
        boolean cache() default true;

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
                name = "Trial memory (MiB)",
                description = "Most memory for one trial, and for each process of a model, in MiB.",
                min = "64")
        int probe_memory_mib() default 2048;

        @AttributeDefinition(
                name = "A process for each model",
                description = "Runs each model in a process of its own, so that a crash of the engine does not end the"
                        + " gateway. Costs memory and some time for each call.")
        boolean isolate() default false;
    }

    /**
     * Loads ONNX Runtime, so that a system it does not run on shows at once.
     *
     * @param isolation for models of unknown origin, and for all where that is set
     * @param config how
     */
    @Activate
    public CpuDriver(@Reference Isolation isolation, Config config) {
        this.isolation = isolation;
        this.settings = Settings.of(config);
        deleteLeftovers(settings);
        Optional<Ready> found = Optional.empty();
        String missing = "";
        try {
            found = Optional.of(ready());
        } catch (InferenceException e) {
            missing = String.valueOf(e.getMessage());
            LOG.error("The processor runs no models: {}", missing);
        }
        this.ready = found;
        this.unavailable = missing;
    }

    /** Takes new settings for the models loaded from now on; those that run are not touched. */
    @Modified
    void modified(Config config) {
        settings = Settings.of(config);
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Accelerator> accelerators() {
        return ready.map(r -> List.of(r.device())).orElse(List.of());
    }

    @Override
    public Optional<String> unavailable() {
        return ready.isPresent() ? Optional.empty() : Optional.of(unavailable);
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        Ready here = ready.orElseThrow(() -> new InferenceException(Reason.DEVICE_UNAVAILABLE, unavailable, null));
        if (!device.id().equals(here.device().id())) {
            throw new IllegalArgumentException(
                    "device '" + device.id() + "' is not this driver's, expected '" + NAME + "'");
        }
        String format = model.manifest().format();
        if (!format.equals(CpuEngine.FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has format '%s', expected '%s'"
                            .formatted(model.manifest().id(), format, CpuEngine.FORMAT),
                    null);
        }
        checkMemory(model);
        Settings now = settings;
        if (now.probe() && !options.trusted()) {
            isolation.vet(here.process().forTrial(now), model, "");
        }
        LoadOptions complete = withVariants(options, now);
        return now.isolate()
                ? isolation.open(here.process().forSession(now), model, "", complete)
                : here.engine().load(model, "", complete);
    }

    private static LoadOptions withVariants(LoadOptions options, Settings settings) {
        Map<String, String> properties = new HashMap<>(options.properties());
        properties.put(
                CpuEngine.VARIANTS, settings.cache() ? settings.variantFolder().toString() : "");
        return new LoadOptions(options.goal(), options.threads(), options.trusted(), properties);
    }

    private static void deleteLeftovers(Settings settings) {
        try {
            new VariantCache(settings.variantFolder()).sweep();
        } catch (IOException | UncheckedIOException e) {
            LOG.warn("What a killed process left behind could not be deleted: {}", e.toString());
        }
    }

    private static Ready ready() throws InferenceException {
        var engine = new CpuEngine();
        Map<String, String> found = engine.start(Map.of());
        if (!"1".equals(System.getenv("ORT_DISABLE_TELEMETRY"))) {
            LOG.warn("ONNX Runtime's telemetry was turned off only after it had started;"
                    + " set ORT_DISABLE_TELEMETRY=1 in the environment of this process");
        }
        OrtFlavour flavour = OrtRuntime.flavour();
        LOG.info(
                "ONNX Runtime {}, build '{}' from {}",
                OrtRuntime.version(),
                flavour.name(),
                flavour.folder().isEmpty() ? "its bundle" : flavour.folder());
        if (!flavour.problem().isEmpty()) {
            LOG.error(
                    "The libraries that {} names are not used, but those in the bundle: {}",
                    OrtRuntime.NATIVES_PROPERTY,
                    flavour.problem());
        }
        String features = found.getOrDefault(CpuEngine.FEATURES, "");
        CpuInfo cpu = CpuInfo.read(CPUINFO);
        var device = new Accelerator(
                NAME,
                NAME,
                AcceleratorKind.CPU,
                cpu.vendor(),
                cpu.describe(features),
                0,
                Set.of(CpuEngine.FORMAT),
                true,
                Map.of(
                        "cpu.cores", Integer.toString(cpu.cores()),
                        "cpu.features", features,
                        "onnxruntime.version", OrtRuntime.version(),
                        "onnxruntime.flavour", flavour.name()));
        return new Ready(engine, new CpuProcess(found), device);
    }

    /** Opening a model that does not fit would make the system kill this process. */
    private static void checkMemory(ModelFile model) throws InferenceException {
        long needed = 2 * model.manifest().sizeBytes();
        try {
            Matcher available = AVAILABLE.matcher(Files.readString(MEMINFO));
            if (available.find() && Long.parseLong(available.group(1)) < needed / 1024) {
                throw new InferenceException(
                        Reason.DEVICE_UNAVAILABLE,
                        "model %s takes about %d MiB to open, the system has %s KiB left"
                                .formatted(model.manifest().id(), needed >> 20, available.group(1)),
                        null);
            }
        } catch (IOException e) {
            LOG.debug("Free memory is not known: {}", e.toString());
        }
    }
}
