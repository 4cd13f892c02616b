// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.accelerator.litert.TfliteModel.Port;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One interpreter whose inputs and outputs lie in buffers of Java's; a run is one native call. */
final class LitertSlot implements Slot {

    private final LitertSession session;
    private final Interpreter interpreter;
    private final Map<String, Tensor> inputs = new LinkedHashMap<>();
    private final Map<String, Tensor> outputs = new LinkedHashMap<>();
    private final Map<Integer, ByteBuffer> placed = new HashMap<>();
    private final int[] floating; // outputs whose size or place is known only after a run
    private long bytes;
    private volatile boolean running;
    private boolean closed;

    /**
     * Binds the buffers.
     *
     * @param interpreter allocated; it belongs to this slot, and to the caller if this throws
     */
    LitertSlot(LitertSession session, Interpreter interpreter) throws InferenceException {
        this.session = session;
        this.interpreter = interpreter;
        List<Port> in = session.model().inputs();
        List<Port> out = session.model().outputs();
        for (int i = 0; i < in.size(); i++) {
            long tensor = interpreter.inputTensor(i);
            inputs.put(in.get(i).name(), bind(in.get(i), tensor, interpreter.inputIndex(i)));
        }
        int[] later = new int[out.size()];
        int count = 0;
        for (int i = 0; i < out.size(); i++) {
            long tensor = interpreter.outputTensor(i);
            int index = interpreter.outputIndex(i);
            if (placed.containsKey(index) || TfLite.TfLiteTensorGetAllocationStrategy(tensor) == Interpreter.ARENA) {
                outputs.put(out.get(i).name(), bind(out.get(i), tensor, index));
            } else {
                later[count++] = i;
            }
        }
        floating = java.util.Arrays.copyOf(later, count);
        interpreter.allocate();
        for (int i : floating) {
            outputs.put(out.get(i).name(), fetch(out.get(i), interpreter.outputTensor(i), null));
        }
        bytes = placed.values().stream().mapToLong(ByteBuffer::capacity).sum();
        session.addSlotBytes(bytes);
    }

    private Tensor bind(Port port, long tensor, int index) throws InferenceException {
        List<Long> shape = Interpreter.shapeOf(tensor);
        long size = TfLite.TfLiteTensorByteSize(tensor);
        ByteBuffer memory = placed.get(index);
        if (memory == null) {
            memory = size == 0 ? Interpreter.memory(0) : interpreter.place(index, size);
            placed.put(index, memory);
        }
        return new Tensor(typeOf(port), shape, memory.duplicate());
    }

    /** Copies an output out of TensorFlow Lite's memory, into the same tensor as before if its shape is. */
    private static Tensor fetch(Port port, long tensor, @org.jspecify.annotations.Nullable Tensor before) {
        long data = TfLite.TfLiteTensorData(tensor);
        long size = data == 0 ? 0 : TfLite.TfLiteTensorByteSize(tensor);
        if (size == 0) {
            return before != null && before.data().limit() == 0
                    ? before
                    : new Tensor(typeOf(port), List.of(0L), Interpreter.memory(0));
        }
        List<Long> shape = Interpreter.shapeOf(tensor);
        Tensor target = before != null && before.shape().equals(shape) ? before : Tensor.zeros(typeOf(port), shape);
        target.data().put(0, LitertLibrary.view(data, size), 0, Math.toIntExact(size));
        return target;
    }

    private static ElementType typeOf(Port port) {
        return TfliteTypes.of(port.type()).orElseThrow();
    }

    @Override
    public Tensor input(String name) {
        Tensor tensor = inputs.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    "model %s has no input '%s', expected one of %s".formatted(session.name(), name, inputs.keySet()));
        }
        return tensor;
    }

    @Override
    public Tensor output(String name) {
        Tensor tensor = outputs.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("model %s has no output '%s', expected one of %s"
                    .formatted(session.name(), name, outputs.keySet()));
        }
        return tensor;
    }

    @Override
    public void run(Deadline deadline) throws InferenceException {
        if (closed || session.isClosed()) {
            throw new IllegalStateException(
                    (closed ? "slot" : "session") + " of model " + session.name() + " is closed");
        }
        if (deadline.passed()) {
            throw new InferenceException(
                    Reason.DEADLINE_EXCEEDED,
                    "run of model " + session.name() + ": its time was over before it began",
                    null);
        }
        running = true;
        int status = interpreter.invoke();
        running = false;
        if (status != TfLite.OK) {
            throw failure(status);
        }
        for (int i : floating) {
            Port port = session.model().outputs().get(i);
            outputs.put(port.name(), fetch(port, interpreter.outputTensor(i), outputs.get(port.name())));
        }
    }

    private InferenceException failure(int status) {
        if (status == TfLite.CANCELLED) {
            interpreter.complaint();
            return new InferenceException(
                    Reason.DEADLINE_EXCEEDED, "run of model " + session.name() + ": it was cut off", null);
        }
        return new InferenceException(
                session.external().isPresent() ? Reason.DEVICE_UNAVAILABLE : Reason.EXECUTION_FAILED,
                "run of model %s failed%s (status %d): %s"
                        .formatted(
                                session.name(),
                                session.external()
                                        .map(d -> " on the delegate '" + d + "'")
                                        .orElse(""),
                                status,
                                interpreter.complaint()),
                null);
    }

    /** Works between operators; what XNNPACK or another delegate took is one of them. */
    @Override
    public void cancel() {
        if (running) {
            interpreter.cancel();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            session.addSlotBytes(-bytes);
            interpreter.close();
        }
    }
}
