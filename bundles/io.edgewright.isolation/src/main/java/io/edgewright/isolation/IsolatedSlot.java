// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.isolation.ProcessEnded.Ending;
import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * A slot in a child process. Its tensors of a fixed size are memory that the child has mapped too; a run is one message
 * each way over a connection of the slot's own, on the caller's thread.
 */
final class IsolatedSlot implements Slot {

    /** A cancel may come just before the run begins over there, and is then sent again. */
    private static final long REPEAT_NANOS = Duration.ofMillis(20).toNanos();

    private static final long WAIT_NANOS = Duration.ofSeconds(10).toNanos();

    private final IsolatedSession session;
    private final Connection connection;
    private final int number;
    private final Map<String, Input> inputs = new LinkedHashMap<>();
    private final Map<String, IsolatedOutput> outputs = new LinkedHashMap<>();
    private final IsolatedOutput[] all;
    private final AtomicLong running = new AtomicLong(); // the number of the run under way; 0 for none
    private volatile long cancelled; // the number of a run
    private long runs;
    private long bytes;
    private boolean closed;

    /** An input: shared memory, or a text that is sent when it has changed. One thread at a time. */
    private static final class Input {

        private final int index;
        private final List<Long> shape;
        private final @Nullable Tensor shared;
        private @Nullable Tensor text;

        Input(int index, List<Long> shape, @Nullable Tensor shared) {
            this.index = index;
            this.shape = shape;
            this.shared = shared;
        }
    }

    /**
     * @param shapes of all inputs
     * @param memory inputs of a fixed size in order, then outputs of a fixed size
     */
    IsolatedSlot(
            IsolatedSession session, Connection connection, int number, Map<String, List<Long>> shapes, Region memory) {
        this.session = session;
        this.connection = connection;
        this.number = number;
        int part = 0;
        for (TensorSpec spec : session.inputs()) {
            List<Long> shape = shapes.getOrDefault(spec.name(), List.of());
            boolean text = spec.type() == ElementType.STRING;
            Tensor shared = text ? null : new Tensor(spec.type(), shape, memory.part(part++));
            inputs.put(spec.name(), new Input(inputs.size(), shape, shared));
        }
        for (TensorSpec spec : session.outputs()) {
            boolean fixed = Sizes.isFixed(spec);
            outputs.put(spec.name(), new IsolatedOutput(spec, fixed ? memory.part(part++) : null));
        }
        all = outputs.values().toArray(IsolatedOutput[]::new);
        count(memory.bytes());
    }

    @Override
    public Tensor input(String name) {
        Tensor shared = named(name).shared;
        if (shared == null) {
            throw new IllegalArgumentException(
                    "input '" + name + "' holds STRING, which has no buffer of a fixed size: use write");
        }
        return shared;
    }

    @Override
    public void write(String name, Tensor value) {
        Input input = named(name);
        if (input.shared != null) {
            Slot.super.write(name, value);
            return;
        }
        if (value.type() != ElementType.STRING || !value.shape().equals(input.shape)) {
            throw new IllegalArgumentException(
                    "input '%s' is %s, expected STRING %s".formatted(name, value, input.shape));
        }
        int found = value.toStrings().size();
        if (found != value.elements() || value.data().limit() > Wire.LARGEST / 2) {
            throw new IllegalArgumentException("input '%s' holds %d strings in %d bytes, expected %d in at most %d"
                    .formatted(name, found, value.data().limit(), value.elements(), Wire.LARGEST / 2));
        }
        input.text = value.copy();
    }

    @Override
    public Tensor output(String name) {
        IsolatedOutput output = outputs.get(name);
        if (output == null) {
            throw new IllegalArgumentException("model %s has no output '%s', expected one of %s"
                    .formatted(session.host().model(), name, outputs.keySet()));
        }
        return output.value();
    }

    @Override
    public void run(Deadline deadline) throws InferenceException {
        if (closed || session.isClosed()) {
            throw new IllegalStateException((closed ? "slot" : "session") + " of model "
                    + session.host().model() + " is closed");
        }
        if (deadline.passed()) {
            throw late("its time was over before it began", null);
        }
        long run = ++runs;
        running.set(run);
        try {
            send(run, deadline);
            take(await(run));
        } catch (IOException e) {
            ProcessEnded ended = session.host().process().ended(e);
            throw cancelled == run
                    ? late("it was cut off by ending its process", ended)
                    : session.host().lost(ended);
        } catch (ProcessEnded e) {
            throw cancelled == run
                    ? late("it was cut off by ending its process", e)
                    : session.host().lost(e);
        } finally {
            running.set(0);
        }
    }

    @Override
    public void cancel() {
        long run = running.get();
        if (run != 0) {
            cancelled = run;
            connection.wakeUp();
        }
    }

    @Override
    public void close() {
        if (!closed) {
            closed = true;
            session.close(connection);
            session.addSlotBytes(-bytes);
            session.release();
        }
    }

    private void send(long run, Deadline deadline) throws IOException {
        WireWriter request = connection.request(Wire.RUN).number64(run).number64(deadline.remainingNanos());
        int texts = 0;
        for (Input input : inputs.values()) {
            texts += input.text == null ? 0 : 1;
        }
        request.number32(texts);
        for (Input input : inputs.values()) {
            Tensor text = input.text;
            if (text != null) {
                request.number32(input.index).bytes(text.data());
            }
        }
        VarHandle.releaseFence(); // what the caller has put into shared memory comes first
        connection.send();
        for (Input input : inputs.values()) {
            input.text = null; // over there it stays until it is written again
        }
    }

    /** Waits for the answer; a run that is cancelled gets its grace, and then its process is ended. */
    private WireReader await(long run) throws IOException, ProcessEnded {
        long end = 0;
        while (true) {
            WireReader answer = connection.poll(end == 0 ? WAIT_NANOS : REPEAT_NANOS);
            if (answer != null) {
                VarHandle.acquireFence();
                return answer;
            }
            if (cancelled == run) {
                long now = System.nanoTime();
                if (end == 0) {
                    end = now + session.host().grace().toNanos();
                }
                if (now - end >= 0) {
                    session.host()
                            .process()
                            .kill(
                                    Ending.EXCEEDED,
                                    "a run of model " + session.host().model() + " did not end");
                } else {
                    session.host().process().cancel(number, run);
                }
            }
        }
    }

    private void take(WireReader answer) throws IOException, InferenceException {
        Wire.answer(answer);
        long more = 0;
        for (IsolatedOutput output : all) {
            more += output.take(answer, session.host().process().sharedFolders());
        }
        answer.end();
        if (more > 0) {
            count(more);
        }
    }

    private Input named(String name) {
        Input input = inputs.get(name);
        if (input == null) {
            throw new IllegalArgumentException("model %s has no input '%s', expected one of %s"
                    .formatted(session.host().model(), name, inputs.keySet()));
        }
        return input;
    }

    private InferenceException late(String how, @Nullable Throwable cause) {
        return new InferenceException(
                Reason.DEADLINE_EXCEEDED, "run of model " + session.host().model() + ": " + how, cause);
    }

    private void count(long more) {
        bytes += more;
        session.addSlotBytes(more);
    }
}
