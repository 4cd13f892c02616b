// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/** Native tensors made once and used for every run; a run itself allocates only what ONNX Runtime's Java API does. */
final class OrtSlot implements Slot {

    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int CANCELLING = 2;
    private static final int CANCELLED = 3;

    private final OrtModelSession session;
    private final OrtSession.RunOptions runOptions;
    private final Map<String, InputBinding> inputs = new LinkedHashMap<>();
    private final Map<String, OutputBinding> outputs = new LinkedHashMap<>();
    private final InputBinding[] casts;
    private final Map<String, OnnxTensor> feeds = new LinkedHashMap<>();
    private final Map<String, OnnxValue> pinned = new LinkedHashMap<>();
    private final Set<String> requested = new LinkedHashSet<>();
    private final AtomicInteger state = new AtomicInteger(IDLE);
    private boolean learned; // true if a pin rests on an earlier run rather than on the model's word
    private long bytes;
    private boolean closed;

    /** The session has been retained for this slot; it is released by {@link #close}, or by the caller if this throws. */
    OrtSlot(OrtModelSession session, Map<String, List<Long>> shapes) throws OrtException {
        this.session = session;
        this.runOptions = new OrtSession.RunOptions();
        boolean whole = false;
        try {
            for (TensorSpec spec : session.inputs()) {
                var input =
                        new InputBinding(session.environment(), session.casts(), spec, required(shapes, spec.name()));
                inputs.put(spec.name(), input);
                feeds.put(spec.name(), input.value());
            }
            for (TensorSpec spec : session.outputs()) {
                var output = new OutputBinding(session.environment(), spec, inputs.containsKey(spec.name()));
                outputs.put(spec.name(), output);
                arrange(output);
            }
            whole = true;
        } finally {
            if (!whole) {
                free();
            }
        }
        casts = inputs.values().stream().filter(InputBinding::isCast).toArray(InputBinding[]::new);
        count();
    }

    @Override
    public Tensor input(String name) {
        return inputNamed(name).buffer();
    }

    @Override
    public void write(String name, Tensor value) {
        InputBinding input = inputNamed(name);
        if (!input.isText()) {
            Slot.super.write(name, value);
            return;
        }
        try {
            input.writeStrings(value);
        } catch (OrtException e) {
            throw new IllegalStateException("input '" + name + "' could not be written: " + OrtErrors.clean(e), e);
        }
        feeds.put(name, input.value());
    }

    @Override
    public Tensor output(String name) {
        OutputBinding output = outputs.get(name);
        if (output == null) {
            throw new IllegalArgumentException("model %s has no output '%s', expected one of %s"
                    .formatted(session.traits().model(), name, outputs.keySet()));
        }
        return output.value();
    }

    @Override
    public void run(Deadline deadline) throws InferenceException {
        if (closed || session.isClosed()) {
            throw new IllegalStateException((closed ? "slot" : "session") + " of model "
                    + session.traits().model() + " is closed");
        }
        if (deadline.passed()) {
            throw late("its time was over before it began", null);
        }
        state.set(RUNNING);
        OrtException failure = null;
        boolean cancelled;
        try {
            execute();
        } catch (OrtException e) {
            failure = e;
        } finally {
            cancelled = settle();
        }
        if (failure != null) {
            throw cancelled
                    ? late("it was cut off", failure)
                    : session.traits().errors().onRun(session.traits().model(), failure);
        }
    }

    @Override
    public void cancel() {
        if (!state.compareAndSet(RUNNING, CANCELLING)) {
            return;
        }
        try {
            runOptions.setTerminate(true);
        } catch (OrtException e) {
            throw new IllegalStateException("run could not be cut off: " + OrtErrors.clean(e), e);
        } finally {
            state.set(CANCELLED);
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            session.addSlotBytes(-bytes);
            free();
            session.release();
        }
    }

    private void execute() throws OrtException {
        for (InputBinding input : casts) {
            input.prepare();
        }
        try (OrtSession.Result result = result()) {
            if (!requested.isEmpty()) {
                take(result);
            }
        }
    }

    private OrtSession.Result result() throws OrtException {
        try {
            return session.session().run(feeds, requested, pinned, runOptions);
        } catch (OrtException e) {
            if (state.get() != RUNNING || !(learned || speaksOfAnOutput(e))) {
                throw e;
            }
        }
        // most likely an output has another shape than before; the inputs are untouched, so run again
        for (OutputBinding output : outputs.values()) {
            output.unpin();
            arrange(output);
        }
        learned = false;
        return session.session().run(feeds, requested, pinned, runOptions);
    }

    /** ONNX Runtime 1.29 refuses a pinned output whose shape or size does not fit in one of these words. */
    private static boolean speaksOfAnOutput(OrtException e) {
        String message = String.valueOf(e.getMessage());
        return message.contains("for output") || message.contains("shape verification failed");
    }

    private void take(OrtSession.Result result) throws OrtException {
        boolean changed = false;
        for (OutputBinding output : outputs.values()) {
            if (requested.contains(output.name())) {
                var value = (OnnxTensor) result.get(output.name()).orElseThrow();
                if (output.take(value)) {
                    arrange(output);
                    learned = true;
                    changed = true;
                }
            }
        }
        if (changed) {
            count();
        }
    }

    /** Puts an output where its next result comes from. */
    private void arrange(OutputBinding output) {
        OnnxTensor pin = output.pinned();
        if (pin == null) {
            pinned.remove(output.name());
            requested.add(output.name());
        } else {
            requested.remove(output.name());
            pinned.put(output.name(), pin);
        }
    }

    /** {@return true if the run was cancelled; the next one is not affected} */
    private boolean settle() {
        if (state.compareAndSet(RUNNING, IDLE)) {
            return false;
        }
        while (state.get() != CANCELLED) {
            Thread.onSpinWait(); // the canceller is within one native call
        }
        try {
            runOptions.setTerminate(false);
        } catch (OrtException e) {
            throw new IllegalStateException("run options could not be reset: " + OrtErrors.clean(e), e);
        }
        state.set(IDLE);
        return true;
    }

    private InputBinding inputNamed(String name) {
        InputBinding input = inputs.get(name);
        if (input == null) {
            throw new IllegalArgumentException("model %s has no input '%s', expected one of %s"
                    .formatted(session.traits().model(), name, inputs.keySet()));
        }
        return input;
    }

    private InferenceException late(String how, @org.jspecify.annotations.Nullable OrtException cause) {
        return new InferenceException(
                Reason.DEADLINE_EXCEEDED, "run of model " + session.traits().model() + ": " + how, cause);
    }

    private void count() {
        long now = inputs.values().stream().mapToLong(InputBinding::bytes).sum()
                + outputs.values().stream().mapToLong(OutputBinding::bytes).sum();
        session.addSlotBytes(now - bytes);
        bytes = now;
    }

    private void free() {
        inputs.values().forEach(InputBinding::close);
        outputs.values().forEach(OutputBinding::close);
        runOptions.close();
    }

    private static List<Long> required(Map<String, List<Long>> shapes, String name) {
        List<Long> shape = shapes.get(name);
        if (shape == null) {
            throw new IllegalStateException("no shape for input '" + name + "'");
        }
        return shape;
    }
}
