// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.osgi.service.component.annotations.ReferenceCardinality.MULTIPLE;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.config.Home;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Modified;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.metatype.annotations.AttributeDefinition;
import org.osgi.service.metatype.annotations.Designate;
import org.osgi.service.metatype.annotations.ObjectClassDefinition;
import org.osgi.service.metatype.annotations.Option;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs TorchScript models on the gateway's own processor with libtorch, which is installed apart. */
@Component(name = TorchDriver.PID, service = AcceleratorDriver.class, property = "kura.ui.service.hide:Boolean=true")
@Designate(ocd = TorchDriver.Config.class)
public final class TorchDriver implements AcceleratorDriver {

    static final String PID = "io.edgewright.accelerator.torch";

    private static final Logger LOG = LoggerFactory.getLogger(TorchDriver.class);

    /** The system property that names the gateway's home for commands whose own home is gone after them. */
    static final String LASTING_HOME = "edgewright.home.lasting";

    private static final String NAME = "torch";
    private static final long MIB = 1L << 20;

    @Reference(cardinality = MULTIPLE, policy = DYNAMIC)
    private volatile List<Isolation> isolations = List.of();

    private final TorchEngine engine = new TorchEngine();
    private volatile Settings settings;
    private volatile @Nullable String failure;

    @ObjectClassDefinition(
            id = PID,
            name = "TorchScript accelerator",
            description = "Runs TorchScript models on the gateway's own processor; libtorch is installed apart.")
    @interface Config {

        @AttributeDefinition(
                name = "Library folder",
                description =
                        "Where libtorch lies, as tools/fetch-torch.sh puts it there; empty for natives/torch in the"
                                + " gateway's home folder.",
                required = false)
        String library() default "";

        @AttributeDefinition(
                name = "Own process",
                description =
                        "Which models run in a process of their own. TorchScript is a program: 'untrusted' keeps what"
                                + " is not trusted there; 'always' keeps all there; 'never' only tries such models there first.",
                options = {@Option("untrusted"), @Option("always"), @Option("never")})
        String isolate() default "untrusted";

        @AttributeDefinition(
                name = "Start and load time (s)",
                description = "Longest time for starting such a process and for loading a model there, in seconds.",
                min = "1",
                max = "3600")
        int isolate_seconds() default 120;

        @AttributeDefinition(
                name = "Memory (MiB)",
                description = "Most memory of such a process, in MiB; libtorch itself takes about 300.",
                min = "512")
        int isolate_memory_mib() default 4096;
    }

    /** The configuration, checked. */
    private record Settings(Path library, String isolate, Duration limit, long memoryBytes) {

        static Settings of(Config config) {
            if (!Set.of("untrusted", "always", "never").contains(config.isolate())) {
                throw new IllegalArgumentException(
                        "isolate is '" + config.isolate() + "', expected untrusted, always or never");
            }
            if (config.isolate_seconds() < 1 || config.isolate_memory_mib() < 512) {
                throw new IllegalArgumentException(
                        "isolate.seconds is %d and isolate.memory.mib is %d, expected 1 or more"
                                        .formatted(config.isolate_seconds(), config.isolate_memory_mib())
                                + " and 512 or more");
            }
            Path library = config.library().isBlank()
                    ? Home.folder(System.getProperty(LASTING_HOME, ""))
                            .resolve("natives")
                            .resolve("torch")
                    : Path.of(config.library()).toAbsolutePath();
            return new Settings(
                    library,
                    config.isolate(),
                    Duration.ofSeconds(config.isolate_seconds()),
                    config.isolate_memory_mib() * MIB);
        }

        /** What a process of its own needs. Its threads are one a run, as it may have many runs. */
        EngineSpec spec() {
            return new EngineSpec(
                    TorchEngine.class,
                    "torch-" + System.getProperty("os.arch", "unknown"),
                    Map.of(TorchEngine.LIBRARY, library.toString()),
                    Map.of(),
                    List.of("-Xmx256m"),
                    limit,
                    memoryBytes);
        }
    }

    /** Looks whether libtorch is there; it is loaded with the first model that runs in this process. */
    @Activate
    public TorchDriver(Config config) {
        this.settings = Settings.of(config);
        unavailable().ifPresent(why -> LOG.info("TorchScript models do not run: {}", why));
    }

    /** For tests. */
    TorchDriver(Config config, List<Isolation> isolations) {
        this(config);
        this.isolations = isolations;
    }

    /** Takes new settings for the models loaded from now on; those that run are not touched. */
    @Modified
    void modified(Config config) {
        settings = Settings.of(config);
        failure = null;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public List<Accelerator> accelerators() {
        if (unavailable().isPresent()) {
            return List.of();
        }
        return List.of(new Accelerator(
                NAME,
                NAME,
                AcceleratorKind.CPU,
                "",
                "libtorch on %d cores".formatted(Runtime.getRuntime().availableProcessors()),
                0,
                Set.of(TorchScriptInspector.FORMAT),
                false,
                Map.of("torch.library", settings.library().toString())));
    }

    @Override
    public Optional<String> unavailable() {
        String failed = failure;
        return failed != null ? Optional.of(failed) : TorchLibrary.missing(settings.library());
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        if (!device.id().equals(NAME)) {
            throw new IllegalArgumentException("device '" + device.id() + "' is not this driver's, expected " + NAME);
        }
        String format = model.manifest().format();
        if (!format.equals(TorchScriptInspector.FORMAT)) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has format '%s', expected '%s'"
                            .formatted(model.manifest().id(), format, TorchScriptInspector.FORMAT),
                    null);
        }
        Settings now = settings;
        if (!options.trusted()) {
            refuseWhatLeavesTheModel(model);
        }
        if (now.isolate().equals("always") || (now.isolate().equals("untrusted") && !options.trusted())) {
            return isolation(model).open(now.spec(), model, "", options);
        }
        if (!options.trusted()) {
            isolation(model).vet(now.spec(), model, "");
        }
        return loadHere(model, options, now);
    }

    private ModelSession loadHere(ModelFile model, LoadOptions options, Settings now) throws InferenceException {
        try {
            Map<String, String> found = engine.start(now.spec().settings());
            LOG.debug("libtorch: {}", found);
        } catch (InferenceException e) {
            failure = e.getMessage();
            throw e;
        }
        return engine.load(model, "", options);
    }

    private Isolation isolation(ModelFile model) throws InferenceException {
        List<Isolation> present = isolations;
        if (present.isEmpty()) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s must run in a process of its own, which nothing installed here can start: install"
                                    .formatted(model.manifest().id())
                            + " io.edgewright.isolation, or trust the model (trusted in its deployment)",
                    null);
        }
        return present.get(0);
    }

    private static void refuseWhatLeavesTheModel(ModelFile model) throws InferenceException {
        try (ScriptArchive archive = ScriptArchive.open(model.path())) {
            OutsideWorld.refuse(archive);
        } catch (ScriptException e) {
            throw new InferenceException(
                    e.isUnsupported() ? Reason.MODEL_UNSUPPORTED : Reason.MODEL_INVALID,
                    "model %s: '%s' cannot be taken: %s"
                            .formatted(model.manifest().id(), model.path().getFileName(), e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s cannot be read: %s".formatted(model.manifest().id(), model.path(), e),
                    e);
        }
    }
}
