// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime.session;

import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.OrtRuntime;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A model in ONNX Runtime. Native memory is freed when this and every slot are closed, in whatever order: a slot that is
 * still running must not lose its model.
 */
public final class OrtModelSession implements ModelSession {

    /** A model of this size and more is worth giving memory back after. */
    private static final long WORTH_TRIMMING_BYTES = 4L << 20;

    private final OpenedModel opened;
    private final SessionTraits traits;
    private final UnsignedCasts casts;
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();
    private final AtomicLong slotBytes = new AtomicLong();

    /**
     * @param opened closed when this and every slot are closed
     * @param traits what is known about it
     */
    public OrtModelSession(OpenedModel opened, SessionTraits traits) {
        this.opened = opened;
        this.traits = traits;
        this.casts = new UnsignedCasts(environment());
    }

    @Override
    public List<TensorSpec> inputs() {
        return traits.inputs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return traits.outputs();
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = InputShapes.resolve("model " + traits.model(), traits.inputs(), shapes);
        retain();
        boolean opens = false;
        try {
            var slot = new OrtSlot(this, concrete);
            opens = true;
            return slot;
        } catch (OrtException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no buffers for %s: %s".formatted(traits.model(), concrete, OrtErrors.clean(e)),
                    e);
        } catch (OutOfMemoryError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no memory for buffers of %s: %s".formatted(traits.model(), concrete, e.getMessage()),
                    e);
        } finally {
            if (!opens) {
                release();
            }
        }
    }

    @Override
    public int parallelism() {
        return traits.parallelism();
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

    @Override
    public Map<String, String> facts() {
        return traits.facts();
    }

    @Override
    public boolean outlivesDriver() {
        return traits.outlivesDriver();
    }

    SessionTraits traits() {
        return traits;
    }

    OrtEnvironment environment() {
        return OrtRuntime.environment();
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
            traits.onFreed().run();
        }
    }

    private void retain() {
        int now = users.getAndUpdate(n -> n == 0 ? 0 : n + 1);
        if (now == 0) {
            throw new IllegalStateException("session of model " + traits.model() + " is closed");
        }
        if (closed.get()) {
            release();
            throw new IllegalStateException("session of model " + traits.model() + " is closed");
        }
    }
}
