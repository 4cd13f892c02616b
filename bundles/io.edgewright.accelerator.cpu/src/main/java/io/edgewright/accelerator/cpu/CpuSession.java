// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A model in ONNX Runtime. Native memory is freed when this and every slot are closed, in whatever order: a slot that is
 * still running must not lose its model.
 */
final class CpuSession implements ModelSession {

    /** A model of this size and more is worth giving memory back after. */
    private static final long WORTH_TRIMMING_BYTES = 4L << 20;

    private final String model;
    private final OrtEnvironment environment;
    private final OpenedModel opened;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final Tuning tuning;
    private final Runnable onFreed;
    private final UnsignedCasts casts;
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicLong slotBytes = new AtomicLong();

    /**
     * @param onFreed called once, when the native memory is gone
     */
    CpuSession(
            String model,
            OrtEnvironment environment,
            OpenedModel opened,
            List<TensorSpec> inputs,
            List<TensorSpec> outputs,
            Tuning tuning,
            Runnable onFreed) {
        this.model = model;
        this.environment = environment;
        this.opened = opened;
        this.inputs = inputs;
        this.outputs = outputs;
        this.tuning = tuning;
        this.onFreed = onFreed;
        this.casts = new UnsignedCasts(environment);
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
        Map<String, List<Long>> concrete = concrete(shapes);
        retain();
        boolean opens = false;
        try {
            var slot = new CpuSlot(this, concrete);
            opens = true;
            return slot;
        } catch (OrtException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no buffers for %s: %s".formatted(model, concrete, OrtErrors.clean(e)),
                    e);
        } catch (OutOfMemoryError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no memory for buffers of %s: %s".formatted(model, concrete, e.getMessage()),
                    e);
        } finally {
            if (!opens) {
                release();
            }
        }
    }

    @Override
    public int parallelism() {
        return tuning.parallelism();
    }

    @Override
    public long memoryBytes() {
        return opened.sizeBytes() + slotBytes.get();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }

    String model() {
        return model;
    }

    Tuning tuning() {
        return tuning;
    }

    OrtEnvironment environment() {
        return environment;
    }

    OrtSession session() {
        return opened.session();
    }

    UnsignedCasts casts() {
        return casts;
    }

    boolean isClosed() {
        return closed.get();
    }

    void addSlotBytes(long bytes) {
        slotBytes.addAndGet(bytes);
    }

    /** Called by each slot when it is closed. */
    void release() {
        if (users.decrementAndGet() == 0) {
            casts.close();
            opened.close();
            if (opened.sizeBytes() >= WORTH_TRIMMING_BYTES) {
                HeapTrim.run();
            }
            onFreed.run();
        }
    }

    private void retain() {
        int now = users.getAndUpdate(n -> n == 0 ? 0 : n + 1);
        if (now == 0) {
            throw new IllegalStateException("session of model " + model + " is closed");
        }
        if (closed.get()) {
            release();
            throw new IllegalStateException("session of model " + model + " is closed");
        }
    }

    private Map<String, List<Long>> concrete(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = new LinkedHashMap<>();
        for (TensorSpec input : inputs) {
            List<Long> shape = shapes.getOrDefault(input.name(), input.concreteShape(1));
            if (!input.accepts(shape) || shape.stream().anyMatch(d -> d < 0)) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH,
                        "model %s: input '%s' has shape %s, expected %s (-1 is any size, [-2] any shape)"
                                .formatted(model, input.name(), shape, input.shape()),
                        null);
            }
            concrete.put(input.name(), List.copyOf(shape));
        }
        for (String name : shapes.keySet()) {
            if (!concrete.containsKey(name)) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH,
                        "model %s has no input '%s', expected one of %s".formatted(model, name, concrete.keySet()),
                        null);
            }
        }
        return concrete;
    }

    /** Closes where an error can only be a programming error. */
    static void close(OrtSession session) {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException("session could not be closed: " + e.getMessage(), e);
        }
    }
}
