// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.edgewright.accelerator.plugin.Devices.Found;
import io.edgewright.accelerator.plugin.Libraries.Registration;
import io.edgewright.accelerator.plugin.Wishes.Fallback;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModelInfo;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.DefaultFeeds;
import io.edgewright.onnxruntime.session.LimitedRun;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtModelSession;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.onnxruntime.session.SessionTraits;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Opens models on one device, and looks in one run who ran what. */
final class ModelOpener {

    /** A first run may compile kernels. */
    private static final Duration LONGEST_TRIAL = Duration.ofSeconds(30);

    /** Runs side by side that keep a device busy while results are read and inputs written. */
    private static final int RUNS_ON_A_DEVICE = 2;

    /** In messages of ONNX Runtime 1.29 about a provider that refused its options or its device. */
    private static final String REFUSED = "Error creating execution provider";

    /** OpenVINO's words for a property that the device does not know. */
    private static final String UNKNOWN_PROPERTY = "Unsupported property";

    private final Wishes wishes;
    private final Found device;
    private final Registration registration;
    private final OrtErrors errors;

    ModelOpener(Wishes wishes, Found device, Registration registration) {
        this.wishes = wishes;
        this.device = device;
        this.registration = registration;
        this.errors = new OrtErrors(
                device.accelerator().id(), List.of("device lost", "DEVICE_LOST", "device removed", "Device removed"));
    }

    /** See {@link io.edgewright.api.accelerator.AcceleratorDriver#load}. */
    ModelSession open(ModelFile model, LoadOptions use) throws InferenceException {
        String name = model.manifest().id().toString();
        OnnxModelInfo info = inspect(model);
        Map<String, String> options =
                wishes.preset().complete(given(use), device.accelerator().kind(), use);
        Path folder = temporaryFolder();
        OpenedModel opened = null;
        boolean opens = false;
        registration.hold();
        try {
            opened = OpenedModel.ofFile(
                    model.path(),
                    sessionOptions(use, options, folder),
                    model.manifest().sizeBytes());
            Set<String> rankless = rankless(info);
            List<TensorSpec> inputs =
                    OrtTypes.specs(name, opened.session().getInputInfo().values(), rankless);
            List<TensorSpec> outputs =
                    OrtTypes.specs(name, opened.session().getOutputInfo().values(), rankless);
            Map<String, String> facts = wishes.report() ? observe(name, opened) : Map.of();
            var traits = new SessionTraits(
                    name, errors, inputs, outputs, parallelism(use), facts, false, registration::release);
            var session = new OrtModelSession(opened, traits);
            opens = true;
            return session;
        } catch (OrtException e) {
            throw explain(name, options, e);
        } finally {
            if (!opens) {
                if (opened != null) {
                    opened.close();
                }
                registration.release();
            }
            delete(folder);
        }
    }

    /** The deployment's own options, prefixed with the driver's name, come before those of the driver. */
    private Map<String, String> given(LoadOptions use) throws InferenceException {
        var all = new TreeMap<>(wishes.options());
        String prefix = wishes.name() + ".";
        use.properties().forEach((key, value) -> {
            if (key.startsWith(prefix)) {
                all.put(key.substring(prefix.length()), value);
            }
        });
        var complaint = wishes.preset().complaint(all);
        if (complaint.isPresent()) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, complaint.get() + ". Correct the deployment's driver settings", null);
        }
        return all;
    }

    private SessionOptions sessionOptions(LoadOptions use, Map<String, String> provider, Path folder)
            throws OrtException {
        var options = new SessionOptions();
        try {
            options.setOptimizationLevel(OptLevel.ALL_OPT);
            options.setIntraOpNumThreads(Math.max(1, use.threads()));
            options.setInterOpNumThreads(1);
            options.addConfigEntry("session.intra_op.allow_spinning", "0");
            if (wishes.fallback() == Fallback.NONE) {
                options.addConfigEntry("session.disable_cpu_ep_fallback", "1");
            }
            if (wishes.report()) {
                options.enableProfiling(folder.resolve("profile").toString());
            }
            options.addExecutionProvider(List.of(device.device()), provider);
            return options;
        } catch (OrtException e) {
            options.close();
            throw e;
        }
    }

    private OnnxModelInfo inspect(ModelFile model) throws InferenceException {
        try {
            OnnxModelInfo info = OnnxModelInfo.read(model.path());
            List<TensorSpec> tensors = Stream.concat(info.inputs().stream(), info.outputs().stream())
                    .toList();
            var complaint = wishes.preset().complaint(tensors);
            if (complaint.isPresent()) {
                throw new InferenceException(
                        Reason.MODEL_UNSUPPORTED, "model " + model.manifest().id() + ": " + complaint.get(), null);
            }
            List<String> odd = Stream.concat(info.unsupportedInputs().stream(), info.unsupportedOutputs().stream())
                    .toList();
            if (!odd.isEmpty()) {
                throw new InferenceException(
                        Reason.MODEL_UNSUPPORTED,
                        "model %s has inputs or outputs %s, expected tensors"
                                .formatted(model.manifest().id(), odd),
                        null);
            }
            return info;
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s is no readable ONNX file: %s"
                            .formatted(model.manifest().id(), model.path(), e.getMessage()),
                    e);
        }
    }

    private static Set<String> rankless(OnnxModelInfo info) {
        return Stream.concat(info.inputs().stream(), info.outputs().stream())
                .filter(spec -> spec.shape().equals(TensorSpec.ANY_SHAPE))
                .map(TensorSpec::name)
                .collect(Collectors.toSet());
    }

    /** {@return who ran what in one run, which the profiler looked at; it is off afterwards} */
    private Map<String, String> observe(String name, OpenedModel opened) throws OrtException, InferenceException {
        boolean ran = ranOnce(opened);
        Path profile = Path.of(opened.session().endProfiling());
        try {
            Partition partition = ran ? Partition.read(profile) : Partition.UNKNOWN;
            check(name, partition);
            return partition.facts(device.provider());
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, "the profile of a run cannot be read back: " + e, e);
        }
    }

    /** {@return false if the model does not run on made-up inputs, which proves nothing against it} */
    private static boolean ranOnce(OpenedModel opened) {
        try (DefaultFeeds feeds = DefaultFeeds.of(OrtRuntime.environment(), opened.session())) {
            LimitedRun.run(opened.session(), feeds, LONGEST_TRIAL);
            return true;
        } catch (OrtException | OutOfMemoryError e) {
            return false;
        }
    }

    private void check(String name, Partition partition) throws InferenceException {
        if (partition.isNothing() && wishes.fallback() != Fallback.ALL) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s has no operator that %s takes on %s: %s"
                            .formatted(
                                    name,
                                    device.provider(),
                                    device.accelerator().id(),
                                    partition.describe(device.provider())),
                    null);
        }
    }

    private InferenceException explain(String name, Map<String, String> options, OrtException e) {
        String message = String.valueOf(e.getMessage());
        String id = device.accelerator().id();
        if (message.contains(REFUSED) || message.contains(UNKNOWN_PROPERTY)) {
            return new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "%s on %s refuses to start with the provider options %s: %s. Correct the setting options"
                            .formatted(device.provider(), id, options, OrtErrors.clean(e)),
                    e);
        }
        boolean provider = message.contains("plugin_ep") || message.contains(device.provider());
        if (provider || message.contains("fallback to CPU EP has been explicitly disabled")) {
            return new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s does not fit %s on %s: %s".formatted(name, device.provider(), id, OrtErrors.clean(e)),
                    e);
        }
        return errors.onLoad(name, e);
    }

    private int parallelism(LoadOptions use) {
        if (device.accelerator().kind() != AcceleratorKind.CPU) {
            return RUNS_ON_A_DEVICE;
        }
        int cores = Runtime.getRuntime().availableProcessors();
        return use.goal() == Goal.LATENCY ? 1 : Math.max(1, use.threads() > 0 ? cores / use.threads() : cores);
    }

    private static Path temporaryFolder() throws InferenceException {
        try {
            return Files.createTempDirectory("edgewright-plugin");
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "no temporary folder can be made in " + System.getProperty("java.io.tmpdir") + ": " + e,
                    e);
        }
    }

    private static void delete(Path folder) {
        try (Stream<Path> files = Files.walk(folder)) {
            files.sorted(Comparator.reverseOrder()).map(Path::toFile).forEach(File::delete);
        } catch (IOException e) {
            folder.toFile().deleteOnExit(); // a few kilobytes in the system's temporary folder
        }
    }
}
