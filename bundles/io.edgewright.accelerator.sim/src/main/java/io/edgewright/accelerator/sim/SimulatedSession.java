// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicLong;

/** A model on the simulated device. */
final class SimulatedSession implements ModelSession {

    private static final long MAX_ELEMENTS = 1 << 24;

    private final SimulatedDevice device;
    private final SimulatedModel model;
    private final AtomicLong runs = new AtomicLong();
    private volatile boolean closed;

    SimulatedSession(SimulatedDevice device, SimulatedModel model) {
        this.device = device;
        this.model = model;
    }

    @Override
    public List<TensorSpec> inputs() {
        return List.of(model.input());
    }

    @Override
    public List<TensorSpec> outputs() {
        return List.of(model.output());
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        requireOpen();
        TensorSpec input = model.input();
        Map<String, List<Long>> resolved = InputShapes.resolve("simulated device", inputs(), shapes);
        List<Long> shape = Objects.requireNonNull(resolved.get(input.name()));
        if (Tensor.elements(shape) > MAX_ELEMENTS) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "shape " + shape + " does not fit a simulated device: at most " + MAX_ELEMENTS + " elements",
                    null);
        }
        return new SimulatedSlot(Tensor.zeros(input.type(), shape), Tensor.zeros(input.type(), shape));
    }

    @Override
    public void close() {
        closed = true;
    }

    private void requireOpen() {
        if (closed) {
            throw new IllegalStateException("the session on the simulated device is closed");
        }
    }

    private final class SimulatedSlot implements Slot {

        private final Tensor in;
        private final Tensor out;
        private volatile boolean running;
        private volatile boolean cancelled;
        private volatile boolean slotClosed;

        SimulatedSlot(Tensor in, Tensor out) {
            this.in = in;
            this.out = out;
        }

        @Override
        public Tensor input(String name) {
            return named(name, model.input().name(), in, "input");
        }

        @Override
        public Tensor output(String name) {
            return named(name, model.output().name(), out, "output");
        }

        @Override
        public void run(Deadline deadline) throws InferenceException {
            requireOpen();
            if (slotClosed) {
                throw new IllegalStateException("the slot is closed");
            }
            cancelled = false;
            running = true;
            try {
                device.run(model.runMicros(), () -> cancelled);
                if (SimulatedDevice.isEveryNth(runs.incrementAndGet(), model.failPercent())) {
                    throw new InferenceException(
                            Reason.EXECUTION_FAILED,
                            "the model's metadata makes " + model.failPercent() + " % of its runs fail",
                            null);
                }
                model.compute(in, out);
            } finally {
                running = false;
            }
        }

        @Override
        public void cancel() {
            if (running && device.cancellable()) {
                cancelled = true;
            }
        }

        @Override
        public void close() {
            slotClosed = true;
        }

        private Tensor named(String name, String expected, Tensor tensor, String what) {
            if (!name.equals(expected)) {
                throw new IllegalArgumentException(
                        "the model has no " + what + " '" + name + "', expected '" + expected + "'");
            }
            return tensor;
        }
    }
}
