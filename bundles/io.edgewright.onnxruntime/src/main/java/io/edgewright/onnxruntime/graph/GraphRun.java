// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.graph;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OpenedModel;
import io.edgewright.onnxruntime.session.OrtErrors;
import io.edgewright.onnxruntime.session.OrtModelSession;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.onnxruntime.session.SessionTraits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A graph opened on this machine's processor with its inputs and outputs in buffers that stay where they are: one thread of
 * ONNX Runtime's, which is the caller's. For what a pass computes itself; what a model is worth is for the device to say. Not
 * thread-safe.
 */
public final class GraphRun implements AutoCloseable {

    private static final OrtErrors ERRORS = new OrtErrors("this processor", List.of());

    private final ModelSession session;
    private final Slot slot;

    private GraphRun(ModelSession session, Slot slot) {
        this.session = session;
        this.slot = slot;
    }

    /**
     * {@return the graph in a file, opened}
     *
     * @param file an ONNX model; must stay until this is closed
     * @param shapes of the inputs that the file leaves open
     * @throws OptimizationException with {@code UNSUPPORTED} if ONNX Runtime refuses it, {@code RESOURCES} if memory lacks or the
     *     file cannot be read
     */
    public static GraphRun open(Path file, Map<String, List<Long>> shapes) throws OptimizationException {
        String name = String.valueOf(file.getFileName());
        try {
            ModelSession session = session(name, file);
            try {
                return new GraphRun(session, session.openSlot(shapes));
            } catch (InferenceException e) {
                session.close();
                throw failed(e);
            }
        } catch (IOException e) {
            throw new OptimizationException(Reason.RESOURCES, file + " could not be read: " + e.getMessage(), e);
        } catch (OrtException e) {
            throw failed(ERRORS.onLoad(name, e));
        } catch (InferenceException e) {
            throw failed(e);
        }
    }

    private static ModelSession session(String name, Path file) throws OrtException, InferenceException, IOException {
        OrtRuntime.environment(); // comes first: it knows where the native libraries are
        var options = new SessionOptions();
        options.setIntraOpNumThreads(1);
        OpenedModel opened = OpenedModel.ofFile(file, options, Files.size(file));
        boolean whole = false;
        try {
            List<TensorSpec> inputs =
                    OrtTypes.specs(name, opened.session().getInputInfo().values(), Set.of());
            List<TensorSpec> outputs =
                    OrtTypes.specs(name, opened.session().getOutputInfo().values(), Set.of());
            var traits = new SessionTraits(name, ERRORS, inputs, outputs, 1, Map.of(), false, () -> {});
            whole = true;
            return new OrtModelSession(opened, traits);
        } finally {
            if (!whole) {
                opened.close();
            }
        }
    }

    /** {@return what it takes} */
    public List<TensorSpec> inputs() {
        return session.inputs();
    }

    /** {@return what it gives} */
    public List<TensorSpec> outputs() {
        return session.outputs();
    }

    /** {@return the buffer of an input; filled before {@link #run}} */
    public Tensor input(String name) {
        return slot.input(name);
    }

    /** {@return an output of the last run; valid until the next one} */
    public Tensor output(String name) {
        return slot.output(name);
    }

    /**
     * Runs it once.
     *
     * @throws OptimizationException with {@code UNSUPPORTED} if it failed, {@code RESOURCES} if memory lacks
     */
    public void run() throws OptimizationException {
        try {
            slot.run(Deadline.NONE);
        } catch (InferenceException e) {
            throw failed(e);
        }
    }

    /** Frees it. Closing twice does nothing. */
    @Override
    public void close() {
        slot.close();
        session.close();
    }

    private static OptimizationException failed(InferenceException e) {
        Reason reason =
                e.reason() == InferenceException.Reason.DEVICE_UNAVAILABLE ? Reason.RESOURCES : Reason.UNSUPPORTED;
        return new OptimizationException(reason, String.valueOf(e.getMessage()), e);
    }
}
