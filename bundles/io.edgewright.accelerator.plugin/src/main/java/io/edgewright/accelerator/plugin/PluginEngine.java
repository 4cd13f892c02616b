// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import ai.onnxruntime.OrtException;
import io.edgewright.accelerator.plugin.Devices.Found;
import io.edgewright.accelerator.plugin.Libraries.Registration;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OrtErrors;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Loads a provider library and models with it; here or in a process of its own. Thread-safe. */
final class PluginEngine implements Engine {

    /** Settings that name ONNX Runtime's own libraries, for a process that has not got them from its bundle. */
    static final String RUNTIME = "runtime.library";

    static final String RUNTIME_JNI = "runtime.jni.library";

    /** Setting: true in a process of its own, where a run is ended by ending the process. */
    static final String ISOLATED = "isolated";

    private @Nullable Started started;

    /** What there is once the library is loaded. */
    private record Started(Wishes wishes, Registration registration, Map<String, Found> devices) {}

    PluginEngine() {}

    @Override
    public synchronized Map<String, String> start(Map<String, String> settings) throws InferenceException {
        useRuntime(settings);
        Wishes wishes = Wishes.read(settings);
        Path library = LibraryFile.find(wishes.library(), wishes.preset());
        Registration registration;
        try {
            registration = Libraries.hold(library, wishes.name());
        } catch (OrtException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, LibraryFile.explain(library, wishes.preset(), OrtErrors.clean(e)), e);
        }
        boolean works = false;
        try {
            List<Found> chosen = devices(registration, library, wishes, Boolean.parseBoolean(settings.get(ISOLATED)));
            Map<String, Found> byId = new HashMap<>();
            chosen.forEach(f -> byId.put(f.accelerator().id(), f));
            started = new Started(wishes, registration, byId);
            works = true;
            return Devices.write(chosen.stream().map(Found::accelerator).toList());
        } finally {
            if (!works) {
                registration.release();
            }
        }
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        Started now = started();
        Found found = now.devices().get(device);
        if (found == null) {
            throw new IllegalArgumentException("device '" + device + "' is not this driver's, expected one of "
                    + now.devices().keySet());
        }
        return new ModelOpener(now.wishes(), found, now.registration()).open(model, options);
    }

    /** Sessions that are still open keep the library until they are closed. */
    @Override
    public synchronized void close() {
        if (started != null) {
            started.registration().release();
            started = null;
        }
    }

    private synchronized Started started() {
        if (started == null) {
            throw new IllegalStateException("the engine is not started, or closed");
        }
        return started;
    }

    private static void useRuntime(Map<String, String> settings) {
        String runtime = settings.getOrDefault(RUNTIME, "");
        if (!runtime.isEmpty()) {
            System.setProperty("onnxruntime.native.onnxruntime.path", runtime);
            System.setProperty("onnxruntime.native.onnxruntime4j_jni.path", settings.getOrDefault(RUNTIME_JNI, ""));
        }
    }

    private static List<Found> devices(Registration registration, Path library, Wishes wishes, boolean isolated)
            throws InferenceException {
        try {
            List<Found> found = Devices.describe(registration.devices(), wishes, isolated);
            if (found.isEmpty()) {
                throw LibraryFile.unavailable(
                        "library " + library + " works, but offers no device here; ONNX Runtime sees " + hardware()
                                + ". " + wishes.preset().takes());
            }
            List<Found> chosen = Devices.choose(found, wishes);
            if (chosen.isEmpty()) {
                throw LibraryFile.unavailable(
                        "the settings devices %s and kinds %s match none of the devices of %s. Name one of: %s"
                                .formatted(
                                        wishes.filters(),
                                        wishes.kinds(),
                                        library.getFileName(),
                                        found.stream()
                                                .map(f -> f.accelerator().id() + " ("
                                                        + f.accelerator().kind() + ", "
                                                        + f.accelerator().description() + ")")
                                                .collect(Collectors.joining("; "))));
            }
            return chosen;
        } catch (OrtException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, "the devices cannot be listed: " + OrtErrors.clean(e), e);
        }
    }

    /** ONNX Runtime shows hardware by the providers that take it; its own one takes the processor. */
    private static String hardware() throws OrtException {
        return OrtRuntime.environment().getEpDevices().stream()
                .map(d -> d.getDevice().getType() + " " + d.getDevice().getVendor()
                        + " 0x%04x".formatted(d.getDevice().getVendorId()))
                .distinct()
                .collect(Collectors.joining(", "));
    }

    /** {@return the devices that were chosen} */
    static List<Accelerator> accelerators(Map<String, String> found) {
        return Devices.read(found);
    }
}
