// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.InputTensors;
import io.edgewright.api.tensor.OutputTensors;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs copies of requests on a version under observation, one at a time in the background, and compares the answers. A
 * request that finds no room is not compared. Thread-safe.
 */
final class Shadow implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Shadow.class);
    private static final int ROOM = 8;
    private static final int LOWEST = -100;

    private record Copy(Map<String, Tensor> inputs, Map<String, Tensor> outputs) {}

    private final LoadedVersion candidate;
    private final double tolerance;
    private final Executor executor;
    private final BlockingQueue<Copy> copies = new ArrayBlockingQueue<>(ROOM);
    private final AtomicBoolean running = new AtomicBoolean();
    private final LongAdder comparisons = new LongAdder();
    private final LongAdder disagreements = new LongAdder();

    Shadow(LoadedVersion candidate, double tolerance, Executor executor) {
        this.candidate = candidate;
        this.tolerance = tolerance;
        this.executor = executor;
    }

    long comparisons() {
        return comparisons.sum();
    }

    long disagreements() {
        return disagreements.sum();
    }

    /** Takes copies of a request that the primary has just answered, while its buffers are still held. */
    void offer(InputTensors inputs, OutputTensors outputs, LoadedVersion primary, InputWriter writer)
            throws InferenceException {
        if (copies.remainingCapacity() == 0) {
            return;
        }
        var copy = new Copy(inputs(inputs, primary, writer), TensorMaps.copy(outputs, primary.outputs()));
        if (copies.offer(copy) && running.compareAndSet(false, true)) {
            start();
        }
    }

    @Override
    public void run() {
        try {
            for (Copy copy = copies.poll(); copy != null; copy = copies.poll()) {
                compare(copy);
            }
        } finally {
            running.set(false);
        }
        if (!copies.isEmpty() && running.compareAndSet(false, true)) {
            start();
        }
    }

    private void start() {
        try {
            executor.execute(this);
        } catch (RejectedExecutionException e) {
            copies.clear(); // the runtime is being stopped
        }
    }

    private void compare(Copy copy) {
        String problem;
        try {
            Map<String, Tensor> found = answer(copy.inputs());
            if (found == null) {
                return; // the observation is over
            }
            problem = Agreement.difference(copy.outputs(), found, tolerance).orElse("");
        } catch (InferenceException | RuntimeException | LinkageError | OutOfMemoryError e) { // foreign code
            problem = "it failed: " + e.getMessage();
        }
        if (!problem.isEmpty()) {
            disagreements.increment();
            LOG.debug("shadow {} disagrees: {}", candidate.id(), problem);
        }
        comparisons.increment();
    }

    private @Nullable Map<String, Tensor> answer(Map<String, Tensor> inputs) throws InferenceException {
        long start = System.nanoTime();
        TensorMaps.check(inputs, candidate.inputs());
        var writer = new TensorMaps.Writer(inputs);
        PooledSlot slot = candidate.acquire(writer.shapes(), Deadline.NONE, LOWEST);
        if (slot == null) {
            return null;
        }
        boolean mine = true;
        try {
            long acquired = System.nanoTime();
            writer.write(slot.tensors());
            long written = System.nanoTime();
            if (slot.run(Deadline.NONE, written) != PooledSlot.Outcome.RAN) {
                mine = false;
                throw TensorMaps.mismatch("the device is stuck");
            }
            long ran = System.nanoTime();
            Map<String, Tensor> outputs = TensorMaps.copy(slot.tensors(), candidate.outputs());
            slot.counters().success(1, start, acquired, written, ran, System.nanoTime());
            return outputs;
        } finally {
            if (mine) {
                slot.release();
            }
        }
    }

    /** {@return copies of what the request wrote; string inputs have no readable buffer, so the writer writes again} */
    private static Map<String, Tensor> inputs(InputTensors written, LoadedVersion primary, InputWriter writer)
            throws InferenceException {
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        boolean strings = primary.inputs().stream().anyMatch(i -> i.type() == ElementType.STRING);
        if (!strings) {
            for (TensorSpec input : primary.inputs()) {
                inputs.put(input.name(), written.input(input.name()).copy());
            }
            return inputs;
        }
        writer.write(new InputTensors() {
            @Override
            public Tensor input(String name) {
                return inputs.computeIfAbsent(
                        name,
                        n -> Tensor.zeros(
                                written.input(n).type(), written.input(n).shape()));
            }

            @Override
            public void write(String name, Tensor value) {
                inputs.put(name, value.copy());
            }
        });
        return inputs;
    }
}
