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
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.global.torch;

/** TorchScript in libtorch, on the processor; here or in a process of its own. */
final class TorchEngine implements Engine {

    /** The setting that names the folder of libtorch. */
    static final String LIBRARY = "library";

    /** {@code slot} (the default): what a model keeps lasts as long as its slot; {@code run}: each run begins afresh. */
    static final String STATE = "torch.state";

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
        return new TorchSession(
                signature,
                new TorchSession.Traits(
                        name,
                        outline.changesItself(),
                        state.equals("run"),
                        model.manifest().sizeBytes()),
                open(name, model.path()),
                new TorchThreads(options));
    }

    private static String setting(ModelFile model, LoadOptions options, String key, String fallback) {
        return options.properties().getOrDefault(key, model.manifest().property(key, fallback));
    }

    /**
     * The model is not frozen: {@code torch::jit::freeze} of PyTorch 2.10 removes methods whose names the code still refers to, so
     * that an error within one of them, which a wrong input is enough for, ends the process instead of the run.
     */
    @SuppressWarnings("try") // the scope frees what is made within it
    private static JitModule open(String name, Path file) throws InferenceException {
        try (PointerScope scope = new PointerScope();
                DeviceOptional cpu = new DeviceOptional(new Device("cpu"))) {
            JitModule module = torch.load(file.toString(), cpu, false);
            module.eval();
            module.retainReference(); // for longer than this scope
            return module;
        } catch (RuntimeException e) {
            throw TorchErrors.onLoad(name, e);
        }
    }
}
