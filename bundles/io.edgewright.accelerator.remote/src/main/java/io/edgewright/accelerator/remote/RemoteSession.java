// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A model that the server has. The server's copy is used, not the gateway's file: the file's format says nothing about
 * what the server can do, so every format that Edgewright knows is taken if the server has a model of that name whose
 * inputs and outputs are those of the manifest.
 */
final class RemoteSession implements ModelSession {

    private static final Logger LOG = LoggerFactory.getLogger(RemoteSession.class);

    private static final Set<String> FORMATS = Set.of("onnx", "tflite", "torchscript");

    /** Where this one model is on the server: a load option, or a property of the model's manifest. */
    private static final String MODEL_OPTION = "remote.model";

    private final Remote remote;
    private final ModelCheck model;
    private volatile boolean closed;

    /**
     * What the slots of a session share.
     *
     * @param settings of the server
     * @param server asked whether the model is still ready
     * @param monitor told what fails
     * @param below path of the model below the server's address
     * @param where what messages call the model
     * @param binary whether tensors are sent binary
     */
    record Remote(
            RemoteSettings settings,
            RemoteServer server,
            Monitor monitor,
            String below,
            String where,
            boolean binary) {}

    private RemoteSession(Remote remote, ModelCheck model) {
        this.remote = remote;
        this.model = model;
    }

    static RemoteSession load(
            RemoteSettings settings, RemoteServer server, Monitor monitor, ModelManifest manifest, LoadOptions options)
            throws InferenceException {
        if (!FORMATS.contains(manifest.format())) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model %s is of the format %s, expected one of %s"
                            .formatted(
                                    manifest.id(),
                                    manifest.format(),
                                    FORMATS.stream().sorted().toList()),
                    null);
        }
        if (monitor.unavailable().isPresent()) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE, monitor.unavailable().orElse(""), null);
        }
        String path = path(settings, manifest, options);
        String where = "model %s (%s on %s)".formatted(manifest.id(), path, settings.endpoint());
        var remote =
                new Remote(settings, server, monitor, "/v2/models/" + path, where, server.takesBinary(monitor.facts()));
        try {
            return new RemoteSession(remote, check(remote, manifest, path));
        } catch (Trouble e) {
            monitor.suspect();
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, where + ": " + e.text(), e);
        }
    }

    private static ModelCheck check(Remote remote, ModelManifest manifest, String path)
            throws Trouble, InferenceException {
        if (remote.settings().load()
                && remote.server().ask("GET", remote.below() + "/ready", "").status() != 200) {
            askToLoad(remote, path);
        }
        Answer answer = remote.server().ask("GET", remote.below(), "");
        if (answer.status() == 404 || answer.status() == 400) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "%s: the server does not have it (%d: %s); add it there, or set model.path, or the manifest's property %s"
                            .formatted(remote.where(), answer.status(), answer.excerpt(), MODEL_OPTION),
                    null);
        }
        if (answer.status() != 200) {
            throw new Trouble(Trouble.Kind.PROTOCOL, "its description is " + StatusText.of(answer));
        }
        ModelCheck model = ModelCheck.of(manifest, RemoteServer.json(answer, remote.below()), remote.where());
        Answer ready = remote.server().ask("GET", remote.below() + "/ready", "");
        if (ready.status() != 200) {
            throw new Trouble(
                    Trouble.Kind.PROTOCOL, "the server has it, but it is not ready (" + StatusText.of(ready) + ")");
        }
        for (TensorSpec output : model.outputs()) {
            if (!output.isDynamic()) {
                bytes(remote, "output", output, output.shape());
            }
        }
        return model;
    }

    private static void askToLoad(Remote remote, String path) throws Trouble, InferenceException {
        if (!remote.monitor().facts().extensions().contains("model_repository")) {
            LOG.warn("{}: load is set, but the server has no extension model_repository", remote.where());
            return;
        }
        String name = path.replaceFirst("/versions/.*", "");
        Answer answer = remote.server().ask("POST", "/v2/repository/models/" + name + "/load", "{}");
        if (answer.status() != 200) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "%s: the server could not load it: %s".formatted(remote.where(), StatusText.of(answer)),
                    null);
        }
    }

    private static String path(RemoteSettings settings, ModelManifest manifest, LoadOptions options)
            throws InferenceException {
        String pattern =
                options.properties().getOrDefault(MODEL_OPTION, manifest.property(MODEL_OPTION, settings.path()));
        try {
            RemoteSettings.checkPath(pattern);
        } catch (IllegalArgumentException e) {
            throw new InferenceException(
                    Reason.MODEL_UNSUPPORTED,
                    "model " + manifest.id() + ": " + MODEL_OPTION + ": " + e.getMessage(),
                    e);
        }
        return pattern.replace("{name}", encoded(manifest.id().name()))
                .replace("{version}", encoded(manifest.id().version().toString()))
                .replace("{major}", Integer.toString(manifest.id().version().major()));
    }

    private static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    @Override
    public List<TensorSpec> inputs() {
        return model.inputs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return model.outputs();
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        if (closed) {
            throw new IllegalStateException("the session of " + remote.where() + " is closed");
        }
        Map<String, List<Long>> concrete = InputShapes.resolve(remote.where(), model.inputs(), shapes);
        long bytes = 0;
        for (TensorSpec input : model.inputs()) {
            bytes += bytes(remote, "input", input, Objects.requireNonNull(concrete.get(input.name())));
        }
        try {
            return new RemoteSlot(this, remote, model, concrete);
        } catch (OutOfMemoryError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "%s: no memory for buffers of %d bytes: %s".formatted(remote.where(), bytes, e.getMessage()),
                    e);
        }
    }

    /** {@return how much memory a tensor of this shape takes; of STRING the least} */
    private static long bytes(Remote remote, String what, TensorSpec spec, List<Long> shape) throws InferenceException {
        long most = remote.settings().maxBytes();
        String found;
        try {
            boolean text = spec.type() == ElementType.STRING;
            long bytes =
                    Tensor.elements(shape) * (text ? Integer.BYTES : spec.type().bytes());
            if (bytes <= most) {
                return bytes;
            }
            found = bytes + " bytes";
        } catch (IllegalArgumentException e) {
            found = String.valueOf(e.getMessage());
        }
        throw new InferenceException(
                Reason.DEVICE_UNAVAILABLE,
                "%s: %s '%s' of shape %s does not fit: %s, expected at most %d bytes; raise max.mib if it is right"
                        .formatted(remote.where(), what, spec.name(), shape, found, most),
                null);
    }

    @Override
    public int parallelism() {
        return remote.settings().connections();
    }

    boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        closed = true;
    }
}
