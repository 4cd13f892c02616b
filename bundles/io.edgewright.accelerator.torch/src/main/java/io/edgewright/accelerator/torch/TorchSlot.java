// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.IValue;
import org.bytedeco.pytorch.IValueVector;
import org.bytedeco.pytorch.InferenceMode;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.StringIValueMap;

/** Buffers and a module for one run at a time. A run cannot be cut off: libtorch has no means for it. */
final class TorchSlot implements Slot {

    private final TorchSession session;
    private final JitModule module;
    private final List<TorchInput> inputs = new ArrayList<>();
    private final List<TorchOutput> outputs = new ArrayList<>();
    private final int positionalArguments;
    private final long bytes;
    private boolean closed;

    /**
     * @param module closed with this slot, also if this throws
     */
    TorchSlot(TorchSession session, Map<String, List<Long>> shapes, JitModule module) {
        this.session = session;
        this.module = module;
        boolean ready = false;
        try {
            long size = 0;
            for (TorchSignature.Input input : session.signature().byPosition()) {
                var made =
                        new TorchInput(input, shapes.getOrDefault(input.spec().name(), List.of()));
                inputs.add(made);
                size += made.buffer().data().limit();
            }
            for (TensorSpec output : session.outputs()) {
                outputs.add(new TorchOutput(
                        session.traits().name(), output, session.signature().outputsDeclared()));
            }
            int leading = 0;
            while (leading < inputs.size() && inputs.get(leading).input().position() == leading) {
                leading++;
            }
            this.positionalArguments = leading;
            this.bytes =
                    size + (session.traits().keepsState() ? session.traits().bytes() : 0);
            session.addSlotBytes(bytes);
            ready = true;
        } finally {
            if (!ready) {
                free();
            }
        }
    }

    @Override
    public Tensor input(String name) {
        for (TorchInput input : inputs) {
            if (input.input().spec().name().equals(name)) {
                return input.buffer();
            }
        }
        throw new IllegalArgumentException("model %s has no input '%s', expected one of %s"
                .formatted(
                        session.traits().name(),
                        name,
                        session.inputs().stream().map(TensorSpec::name).toList()));
    }

    @Override
    public Tensor output(String name) {
        for (TorchOutput output : outputs) {
            if (output.spec().name().equals(name)) {
                return output.tensor();
            }
        }
        throw new IllegalArgumentException("model %s has no output '%s', expected one of %s"
                .formatted(
                        session.traits().name(),
                        name,
                        session.outputs().stream().map(TensorSpec::name).toList()));
    }

    @Override
    public void run(Deadline deadline) throws InferenceException {
        if (closed) {
            throw new IllegalStateException("slot of model " + session.traits().name() + " is closed");
        }
        session.checkOpen();
        if (deadline.passed()) {
            throw new InferenceException(
                    Reason.DEADLINE_EXCEEDED,
                    "the time for model " + session.traits().name() + " was over before its run began",
                    null);
        }
        try {
            session.threads().apply();
            forward();
        } catch (RuntimeException e) {
            throw TorchErrors.onRun(session.traits().name(), e);
        }
    }

    /** Everything that PyTorch makes for a run goes with it. */
    @SuppressWarnings("try") // scope and mode work by being open
    private void forward() throws InferenceException {
        try (PointerScope scope = new PointerScope();
                InferenceMode inference = new InferenceMode(true)) {
            JitModule runs = session.traits().freshRuns() && session.traits().keepsState() ? module.deepcopy() : module;
            var positional = new IValueVector(positionalArguments);
            for (int i = 0; i < positionalArguments; i++) {
                positional.put(i, inputs.get(i).value());
            }
            IValue result = positionalArguments == inputs.size()
                    ? runs.forward(positional)
                    : runs.forward(positional, namedArguments());
            TorchResults.share(session.traits().name(), result, outputs);
        }
    }

    /** Those behind an argument that is left at its default. */
    private StringIValueMap namedArguments() {
        var named = new StringIValueMap();
        for (TorchInput input : inputs.subList(positionalArguments, inputs.size())) {
            named.put(new BytePointer(input.input().argument()), input.value());
        }
        return named;
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            session.addSlotBytes(-bytes);
            free();
        }
    }

    private void free() {
        inputs.forEach(TorchInput::close);
        outputs.forEach(TorchOutput::close);
        module.close();
    }
}
