// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Engine;
import io.edgewright.api.model.ModelFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Device;
import org.bytedeco.pytorch.DeviceOptional;
import org.bytedeco.pytorch.Graph;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.Method;
import org.bytedeco.pytorch.global.torch;

/** TorchScript in libtorch, on the processor; here or in a process of its own. */
final class TorchEngine implements Engine {

    /** The setting that names the folder of libtorch. */
    static final String LIBRARY = "library";

    /** A model is frozen unless its manifest or the options set this to false: its weights become constants of its code. */
    static final String FREEZE = "torch.freeze";

    /** {@code slot} (the default): what a model keeps lasts as long as its slot; {@code run}: each run begins afresh. */
    static final String STATE = "torch.state";

    /** What was made of a file. */
    private record Ready(JitModule module, boolean frozen, boolean keepsState) {}

    @Override
    public Map<String, String> start(Map<String, String> settings) throws InferenceException {
        Path folder = Path.of(settings.getOrDefault(LIBRARY, ""));
        try {
            return TorchLibrary.load(folder);
        } catch (IOException e) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, String.valueOf(e.getMessage()), e);
        }
    }

    @Override
    public ModelSession load(ModelFile model, String device, LoadOptions options) throws InferenceException {
        String name = model.manifest().id().toString();
        ScriptOutline outline;
        try {
            outline = ScriptOutline.read(model.path());
        } catch (ScriptException e) {
            throw new InferenceException(
                    e.isUnsupported() ? Reason.MODEL_UNSUPPORTED : Reason.MODEL_INVALID,
                    "model %s: '%s' cannot be taken: %s"
                            .formatted(name, model.path().getFileName(), e.getMessage()),
                    e);
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.MODEL_INVALID, "model %s: %s cannot be read: %s".formatted(name, model.path(), e), e);
        }
        TorchSignature signature = TorchSignature.of(model.manifest(), outline);
        String state = setting(model, options, STATE, "slot");
        if (!state.equals("slot") && !state.equals("run")) {
            throw new InferenceException(
                    Reason.MODEL_INVALID,
                    "model %s: %s is '%s', expected slot or run".formatted(name, STATE, state),
                    null);
        }
        boolean freeze = Boolean.parseBoolean(setting(model, options, FREEZE, "true"));
        Ready ready = open(name, model.path(), freeze, outline.changesItself());
        return new TorchSession(
                signature,
                new TorchSession.Traits(
                        name,
                        ready.frozen(),
                        ready.keepsState(),
                        state.equals("run"),
                        model.manifest().sizeBytes()),
                ready.module(),
                new TorchThreads(options));
    }

    private static String setting(ModelFile model, LoadOptions options, String key, String fallback) {
        return options.properties().getOrDefault(key, model.manifest().property(key, fallback));
    }

    @SuppressWarnings("try") // the scope frees what is made within it
    private static Ready open(String name, Path file, boolean freeze, boolean changesItself) throws InferenceException {
        try (PointerScope scope = new PointerScope();
                DeviceOptional cpu = new DeviceOptional(new Device("cpu"))) {
            JitModule module = torch.load(file.toString(), cpu, false);
            module.eval();
            JitModule frozen = freeze ? frozen(module) : module;
            boolean isFrozen = frozen != module;
            boolean keepsState = isFrozen ? touchesAttributes(frozen) : changesItself;
            JitModule kept = new JitModule(frozen); // counts the same module once more, for longer than this scope
            kept.retainReference();
            return new Ready(kept, isFrozen, keepsState);
        } catch (RuntimeException e) {
            throw TorchErrors.onLoad(name, e);
        }
    }

    /** {@return the module with its weights as constants; the module itself if PyTorch cannot freeze it} */
    private static JitModule frozen(JitModule module) {
        try {
            return torch.freeze(module);
        } catch (RuntimeException e) {
            return module; // it runs as it is, a little slower
        }
    }

    /** Freezing turns what never changes into constants: attributes that are left are what a run changes. */
    private static boolean touchesAttributes(JitModule frozen) {
        Method forward = frozen.get_method("forward");
        Graph graph = forward.graph();
        String text = graph.toString();
        return text.contains("prim::SetAttr") || text.contains("prim::GetAttr");
    }
}
