// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;
import org.bytedeco.pytorch.JitModule;

/**
 * A model in libtorch. Slots hold the module too, so it is freed with the last of them. A model that keeps something from run
 * to run is copied for each slot, as no two callers may run into each other's state, and is best served by one slot.
 */
final class TorchSession implements ModelSession {

    /**
     * What is known about the model.
     *
     * @param name for messages
     * @param keepsState whether a run changes what the next one answers
     * @param freshRuns whether each run begins with a copy of the model as it was loaded
     * @param bytes the size of its file
     */
    record Traits(String name, boolean keepsState, boolean freshRuns, long bytes) {}

    private final TorchSignature signature;
    private final Traits traits;
    private final JitModule module;
    private final TorchThreads threads;
    private final AtomicLong slotBytes = new AtomicLong();
    private boolean closed; // guarded by this

    TorchSession(TorchSignature signature, Traits traits, JitModule module, TorchThreads threads) {
        this.signature = signature;
        this.traits = traits;
        this.module = module;
        this.threads = threads;
    }

    @Override
    public List<TensorSpec> inputs() {
        return signature.inputSpecs();
    }

    @Override
    public List<TensorSpec> outputs() {
        return signature.outputs();
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = concrete(shapes);
        try {
            return new TorchSlot(this, concrete, instance());
        } catch (OutOfMemoryError e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no memory for buffers of %s: %s".formatted(traits.name(), concrete, e.getMessage()),
                    e);
        }
    }

    @Override
    public int parallelism() {
        return traits.keepsState() && !traits.freshRuns() ? 1 : threads.parallelism();
    }

    @Override
    public long memoryBytes() {
        return traits.bytes() + slotBytes.get();
    }

    @Override
    public Map<String, String> facts() {
        return Map.of(
                "threads",
                Integer.toString(threads.perRun()),
                "state",
                !traits.keepsState() ? "none" : traits.freshRuns() ? "of a run" : "of a slot");
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            module.close();
            threads.release();
        }
    }

    /** {@return a module for one slot, to be closed} */
    private synchronized JitModule instance() throws InferenceException {
        checkOpen();
        try {
            return traits.keepsState() ? module.deepcopy() : new JitModule(module);
        } catch (RuntimeException e) {
            throw TorchErrors.onRun(traits.name(), e);
        }
    }

    synchronized void checkOpen() {
        if (closed) {
            throw new IllegalStateException("session of model " + traits.name() + " is closed");
        }
    }

    Traits traits() {
        return traits;
    }

    TorchSignature signature() {
        return signature;
    }

    TorchThreads threads() {
        return threads;
    }

    void addSlotBytes(long bytes) {
        slotBytes.addAndGet(bytes);
    }

    private Map<String, List<Long>> concrete(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = InputShapes.resolve("model " + traits.name(), inputs(), shapes);
        for (TensorSpec input : inputs()) {
            checkSize(input, Objects.requireNonNull(concrete.get(input.name())));
        }
        return concrete;
    }

    /** A buffer of Java has less than 2 GiB. */
    private void checkSize(TensorSpec input, List<Long> shape) throws InferenceException {
        long most = Integer.MAX_VALUE / input.type().bytes();
        long elements = 1;
        for (long dimension : shape) {
            if (dimension > most || elements * dimension > most) {
                throw mismatch("input '%s' of shape %s has more than %d elements".formatted(input.name(), shape, most));
            }
            elements *= dimension;
        }
    }

    private InferenceException mismatch(String what) {
        return new InferenceException(Reason.INPUT_MISMATCH, "model " + traits.name() + ": " + what, null);
    }
}
