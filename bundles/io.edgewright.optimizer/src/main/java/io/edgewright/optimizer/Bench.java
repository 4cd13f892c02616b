// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.Evaluator;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/** A model loaded to be compared and timed. One thread. */
final class Bench implements Evaluator.Loaded {

    private static final Duration LONGEST_RUN = Duration.ofMinutes(1);

    private final ModelSession session;
    private final LongSupplier nanos;
    private Map<String, List<Long>> shapes = Map.of();
    private @Nullable Slot slot; // for these shapes

    private Bench(ModelSession session, LongSupplier nanos) {
        this.session = session;
        this.nanos = nanos;
    }

    /**
     * {@return a model loaded on a device}
     *
     * @param load settings of the driver, and {@link Evaluator.Candidate#THREADS}
     * @param nanos what runs are timed with
     */
    static Bench load(
            AcceleratorDriver driver, Accelerator device, ModelFile file, Map<String, String> load, LongSupplier nanos)
            throws OptimizationException {
        Map<String, String> properties = new HashMap<>(load);
        String threads = properties.remove(Evaluator.Candidate.THREADS);
        try {
            var options = new LoadOptions(
                    LoadOptions.Goal.THROUGHPUT, threads == null ? 0 : Integer.parseInt(threads), false, properties);
            return new Bench(driver.load(file, device, options), nanos);
        } catch (InferenceException e) {
            throw failure(device, e);
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code, and may be half gone
            throw new OptimizationException(Reason.DEVICE, device.id() + " cannot load now: " + e, e);
        } catch (OutOfMemoryError e) {
            throw new OptimizationException(Reason.RESOURCES, "no memory to load it: " + e.getMessage(), e);
        }
    }

    @Override
    public Map<String, Tensor> run(Map<String, Tensor> inputs) throws OptimizationException {
        fill(inputs);
        return call(() -> {
            Slot open = open();
            open.run(Deadline.in(LONGEST_RUN));
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            for (TensorSpec output : session.outputs()) {
                outputs.put(output.name(), open.output(output.name()).copy());
            }
            return outputs;
        });
    }

    /** Puts inputs in place, for {@link #time}. */
    void fill(Map<String, Tensor> inputs) throws OptimizationException {
        call(() -> {
            Map<String, List<Long>> wanted = new HashMap<>();
            inputs.forEach((name, tensor) -> wanted.put(name, tensor.shape()));
            if (slot == null || !wanted.equals(shapes)) {
                closeSlot();
                slot = session.openSlot(wanted);
                shapes = wanted;
            }
            inputs.forEach(open()::write);
            return true;
        });
    }

    /** {@return how long one run over the inputs in place takes, in nanoseconds} */
    long time() throws OptimizationException {
        return call(() -> {
            Slot open = open();
            Deadline deadline = Deadline.in(LONGEST_RUN);
            long start = nanos.getAsLong();
            open.run(deadline);
            return nanos.getAsLong() - start;
        });
    }

    /** {@return the driver's estimate; 0 if unknown} */
    long memoryBytes() {
        return session.memoryBytes();
    }

    @Override
    public Map<String, String> facts() {
        return session.facts();
    }

    @Override
    public void close() {
        closeSlot();
        session.close();
    }

    private void closeSlot() {
        Slot open = slot;
        slot = null;
        if (open != null) {
            open.close();
        }
    }

    private Slot open() {
        Slot open = slot;
        if (open == null) {
            throw new IllegalStateException("no inputs are in place");
        }
        return open;
    }

    /** A call into a driver. */
    @FunctionalInterface
    private interface Call<T> {
        T call() throws InferenceException;
    }

    private static <T> T call(Call<T> call) throws OptimizationException {
        try {
            return call.call();
        } catch (InferenceException e) {
            throw new OptimizationException(
                    e.reason() == InferenceException.Reason.DEVICE_UNAVAILABLE ? Reason.DEVICE : Reason.UNSUPPORTED,
                    "a run failed: " + e.getMessage(),
                    e);
        } catch (IllegalArgumentException e) {
            throw new OptimizationException(Reason.UNSUPPORTED, "a run failed: " + e.getMessage(), e);
        } catch (IllegalStateException | LinkageError e) { // the driver went meanwhile
            throw new OptimizationException(Reason.DEVICE, "the device was lost: " + e, e);
        } catch (OutOfMemoryError e) {
            throw new OptimizationException(Reason.RESOURCES, "no memory for its buffers: " + e.getMessage(), e);
        }
    }

    private static OptimizationException failure(Accelerator device, InferenceException e) {
        boolean lost = e.reason() == InferenceException.Reason.DEVICE_UNAVAILABLE;
        return new OptimizationException(
                lost ? Reason.DEVICE : Reason.UNSUPPORTED, device.id() + " does not load it: " + e.getMessage(), e);
    }
}
