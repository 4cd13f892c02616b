// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** A slot of the engine, in the child process, and the memory that its tensors are copied from and to. */
final class HostedSlot implements AutoCloseable {

    /** Up to here a copy in the message is cheaper than memory of its own. */
    private static final int LARGEST_INLINE = 4096;

    private final Slot slot;
    private final List<Path> folders;
    private final List<TensorSpec> inputs;
    private final List<Tensor> placed = new ArrayList<>(); // inputs in shared memory
    private final List<String> placedNames = new ArrayList<>();
    private final List<Output> outputs = new ArrayList<>();
    private final List<List<Long>> inputShapes = new ArrayList<>();
    private long running; // 0 for no run; guarded by this

    /** Where an output goes. One thread at a time. */
    private static final class Output {

        private final TensorSpec spec;
        private @Nullable ByteBuffer memory;

        Output(TensorSpec spec) {
            this.spec = spec;
        }
    }

    /**
     * @param memory the inputs of a fixed size in order, then the outputs of a fixed size
     * @param folders where memory for others is made
     */
    HostedSlot(ModelSession session, Map<String, List<Long>> shapes, Region memory, List<Path> folders)
            throws InferenceException {
        this.slot = session.openSlot(shapes);
        this.folders = folders;
        this.inputs = session.inputs();
        int part = 0;
        for (TensorSpec spec : inputs) {
            List<Long> shape = shapes.getOrDefault(spec.name(), spec.concreteShape(1));
            inputShapes.add(shape);
            if (spec.type() != ElementType.STRING) {
                placed.add(new Tensor(spec.type(), shape, memory.part(part++)));
                placedNames.add(spec.name());
            }
        }
        for (TensorSpec spec : session.outputs()) {
            var output = new Output(spec);
            if (Sizes.isFixed(spec)) {
                output.memory = memory.part(part++);
            }
            outputs.add(output);
        }
    }

    /** Runs once: takes the inputs, writes the answer. */
    void run(WireReader request, WireWriter reply) throws IOException, InferenceException {
        long number = request.number64();
        long left = request.number64();
        int texts = request.count(1 + Integer.BYTES);
        for (int i = 0; i < texts; i++) {
            int index = request.number32();
            if (index < 0 || index >= inputs.size()) {
                throw new ProtocolException("there is no input " + index);
            }
            ByteBuffer text = request.bytes();
            slot.write(inputs.get(index).name(), new Tensor(ElementType.STRING, inputShapes.get(index), text));
        }
        for (int i = 0; i < placed.size(); i++) {
            slot.write(placedNames.get(i), placed.get(i));
        }
        begin(number);
        try {
            slot.run(left == Long.MAX_VALUE ? Deadline.NONE : Deadline.in(Duration.ofNanos(left)));
        } finally {
            begin(0);
        }
        reply.begin(Wire.DONE);
        for (Output output : outputs) {
            write(output, reply);
        }
    }

    /** Cancels a run if it is still the one under way. */
    synchronized void cancel(long run) {
        if (run == running) {
            slot.cancel(); // the run cannot end meanwhile, and so no other be hit
        }
    }

    @Override
    public void close() {
        slot.close();
    }

    private synchronized void begin(long run) {
        running = run;
    }

    private Region memory(long bytes) throws InferenceException {
        try {
            return Region.create(folders, List.of(bytes));
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "there is no room for an output of %d bytes in %s: %s".formatted(bytes, folders, e.getMessage()),
                    e);
        }
    }

    private void write(Output output, WireWriter reply) throws InferenceException {
        Tensor value = slot.output(output.spec.name());
        ByteBuffer data = value.data();
        int bytes = data.limit();
        ByteBuffer memory = output.memory;
        if (memory != null && memory.capacity() >= bytes) {
            memory.put(0, data, 0, bytes);
            if (Sizes.isFixed(output.spec) && value.shape().equals(output.spec.shape())) {
                reply.number8(Wire.FIXED);
            } else {
                reply.number8(Wire.PLACED).shape(value.shape()).number32(bytes);
            }
        } else if (bytes <= LARGEST_INLINE) {
            reply.number8(Wire.INLINE).shape(value.shape()).bytes(data);
        } else {
            long capacity = Math.min(bytes + (long) bytes / 4, Sizes.LARGEST);
            Region larger = memory(capacity);
            ByteBuffer part = larger.part(0).put(0, data, 0, bytes);
            output.memory = part;
            reply.number8(Wire.MOVED).text(larger.name()).number64(capacity);
            reply.shape(value.shape()).number32(bytes);
        }
    }
}
