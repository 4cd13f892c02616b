// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A model in TensorFlow Lite: one interpreter a slot, all over one mapped file. Native memory is freed when this and every slot are closed, in whatever order.
 */
final class LitertSession implements ModelSession {

    private final NativeModel nativeModel;
    private final TfliteModel model;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final Tuning tuning;
    private final Interpreter.Setup setup;
    private final long fileBytes;
    private final AtomicReference<@Nullable Interpreter> spare = new AtomicReference<>();
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicLong slotBytes = new AtomicLong();

    /**
     * @param nativeModel retained for this session
     * @param first an interpreter for the first slot, with every open size 1, retained for itself; null if there is none
     */
    LitertSession(
            NativeModel nativeModel,
            TfliteModel model,
            Tuning tuning,
            Interpreter.Setup setup,
            long fileBytes,
            @Nullable Interpreter first) {
        this.nativeModel = nativeModel;
        this.model = model;
        this.inputs = TfliteModel.specs(model.inputs());
        this.outputs = TfliteModel.specs(model.outputs());
        this.tuning = tuning;
        this.setup = setup;
        this.fileBytes = fileBytes;
        this.spare.set(first);
    }

    @Override
    public List<TensorSpec> inputs() {
        return inputs;
    }

    @Override
    public List<TensorSpec> outputs() {
        return outputs;
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        if (closed.get()) {
            throw new IllegalStateException("session of model " + name() + " is closed");
        }
        Map<String, List<Long>> concrete = concrete(shapes);
        Interpreter interpreter = null;
        boolean opens = false;
        try {
            interpreter = isDefault(concrete) ? spare.getAndSet(null) : null;
            if (interpreter == null) {
                interpreter = open(nativeModel, setup, concrete);
            }
            var slot = new LitertSlot(this, interpreter);
            opens = true;
            return slot;
        } catch (OutOfMemoryError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no memory for buffers of %s: %s".formatted(name(), concrete, e.getMessage()),
                    e);
        } finally {
            if (!opens && interpreter != null) {
                interpreter.close();
            }
        }
    }

    /** {@return an interpreter with its inputs of these shapes, in graph order} */
    static Interpreter open(NativeModel nativeModel, Interpreter.Setup setup, Map<String, List<Long>> shapes)
            throws InferenceException {
        if (!nativeModel.retain()) {
            throw new IllegalStateException("session of model " + nativeModel.name() + " is closed");
        }
        Interpreter interpreter = null;
        boolean opens = false;
        try {
            interpreter = new Interpreter(nativeModel, setup);
            int input = 0;
            for (Map.Entry<String, List<Long>> shape : shapes.entrySet()) {
                interpreter.resize(input++, shape.getKey(), shape.getValue());
            }
            interpreter.delegate(setup);
            interpreter.allocate();
            opens = true;
            return interpreter;
        } finally {
            if (!opens) {
                if (interpreter == null) {
                    nativeModel.release();
                } else {
                    interpreter.close();
                }
            }
        }
    }

    @Override
    public int parallelism() {
        return tuning.parallelism();
    }

    @Override
    public long memoryBytes() {
        return fileBytes + slotBytes.get();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Interpreter unused = spare.getAndSet(null);
            if (unused != null) {
                unused.close();
            }
            nativeModel.release();
        }
    }

    /** {@return true if the interpreter given to the constructor is still to be used} */
    boolean keepsSpare() {
        return spare.get() != null;
    }

    String name() {
        return nativeModel.name();
    }

    TfliteModel model() {
        return model;
    }

    boolean isClosed() {
        return closed.get();
    }

    /** {@return the name of the delegate that runs it; empty on the processor} */
    Optional<String> external() {
        return setup.external().map(ExternalDelegate::name);
    }

    void addSlotBytes(long bytes) {
        slotBytes.addAndGet(bytes);
    }

    private boolean isDefault(Map<String, List<Long>> shapes) {
        return inputs.stream().allMatch(i -> i.concreteShape(1).equals(shapes.get(i.name())));
    }

    /** {@return a shape for each input, in graph order; TensorFlow Lite counts in 32 bits} */
    private Map<String, List<Long>> concrete(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = InputShapes.resolve("model " + name(), inputs, shapes);
        for (Map.Entry<String, List<Long>> input : concrete.entrySet()) {
            if (input.getValue().stream().anyMatch(d -> d > Integer.MAX_VALUE)) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH,
                        "model %s: input '%s' has shape %s, expected dimensions below 2^31"
                                .formatted(name(), input.getKey(), input.getValue()),
                        null);
            }
        }
        return concrete;
    }
}
