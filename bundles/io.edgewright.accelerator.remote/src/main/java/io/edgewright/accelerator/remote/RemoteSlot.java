// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.RemoteSession.Remote;
import io.edgewright.accelerator.remote.Trouble.Kind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One set of buffers, and the run of a model on the server. */
final class RemoteSlot implements Slot {

    private static final int TEXT_BYTES = 256 * 1024; // what an answer holds beside its tensors
    private static final int JSON_BYTES_PER_ELEMENT = 40;

    private final RemoteSession session;
    private final Remote remote;
    private final List<InputBuffer> inputs;
    private final List<OutputBuffer> outputs;
    private final RequestBody body;
    private final Request request;
    private final Answer answer;
    private final AnswerReader reader;
    private final Cut cut = new Cut();
    private volatile boolean closed;

    RemoteSlot(RemoteSession session, Remote remote, ModelCheck model, Map<String, List<Long>> shapes) {
        this.session = session;
        this.remote = remote;
        this.inputs = model.inputs().stream()
                .map(spec -> new InputBuffer(spec, shapes.getOrDefault(spec.name(), List.of())))
                .toList();
        this.outputs = model.outputs().stream().map(OutputBuffer::new).toList();
        int most = remote.settings().maxBytes();
        this.body = new RequestBody(inputs, model.outputs(), remote.binary(), most);
        this.request = new Request("POST", remote.server().path(remote.below() + "/infer"));
        this.answer = new Answer((int) Math.min(most, expectedBytes(model.outputs(), most)));
        this.reader = new AnswerReader(outputs, most);
    }

    @Override
    public Tensor input(String name) {
        return buffer(name).fixed();
    }

    @Override
    public void write(String name, Tensor value) {
        buffer(name).write(value);
    }

    @Override
    public Tensor output(String name) {
        for (OutputBuffer output : outputs) {
            if (output.spec().name().equals(name)) {
                return output.tensor();
            }
        }
        throw new IllegalArgumentException("%s has no output '%s', expected one of %s"
                .formatted(
                        remote.where(),
                        name,
                        outputs.stream().map(o -> o.spec().name()).toList()));
    }

    @Override
    public void run(Deadline deadline) throws InferenceException {
        if (closed || session.isClosed()) {
            throw new IllegalStateException(
                    (closed ? "this slot of " : "the session of ") + remote.where() + " is closed");
        }
        long left = deadline.remainingNanos();
        if (left <= 0) {
            throw new InferenceException(
                    Reason.DEADLINE_EXCEEDED, remote.where() + ": the time was over before the run began", null);
        }
        long due = remote.settings().dueNanos(left);
        cut.begin();
        try {
            body.writeTo(request, TimeUnit.NANOSECONDS.toMicros(due - System.nanoTime()));
            remote.server().data().exchange(request, answer, due, cut);
            if (answer.status() != 200) {
                throw refused();
            }
            reader.read(answer);
        } catch (Trouble e) {
            throw failure(e, deadline);
        } finally {
            cut.done();
        }
    }

    @Override
    public void cancel() {
        cut.cancel();
    }

    @Override
    public void close() {
        closed = true;
    }

    private InferenceException failure(Trouble e, Deadline deadline) {
        String message = remote.where() + ": " + e.text();
        if (e.kind() == Kind.CANCELLED || (e.kind() == Kind.TIMEOUT && deadline.passed())) {
            return new InferenceException(Reason.DEADLINE_EXCEEDED, message, e);
        }
        if (e.kind() == Kind.TIMEOUT) {
            remote.monitor().suspect();
            return new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    message + " (run.millis is " + remote.settings().run().toMillis() + ")",
                    e);
        }
        remote.monitor().suspect();
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, e);
    }

    private InferenceException refused() throws Trouble {
        int status = answer.status();
        String message = remote.where() + ": the server says " + StatusText.of(answer);
        if (status == 408 || status == 504) {
            return new InferenceException(Reason.DEADLINE_EXCEEDED, message, null);
        }
        boolean inputs = status == 413 || status == 422 || (status == 400 && isReady());
        if (inputs) {
            return new InferenceException(Reason.EXECUTION_FAILED, message, null);
        }
        remote.monitor().suspect();
        return new InferenceException(Reason.DEVICE_UNAVAILABLE, message, null);
    }

    /** Servers say 400 both for inputs that the model failed on and for a model that was unloaded. */
    private boolean isReady() throws Trouble {
        return remote.server().ask("GET", remote.below() + "/ready", "").status() == 200;
    }

    private InputBuffer buffer(String name) {
        for (InputBuffer input : inputs) {
            if (input.spec().name().equals(name)) {
                return input;
            }
        }
        throw new IllegalArgumentException("%s has no input '%s', expected one of %s"
                .formatted(
                        remote.where(),
                        name,
                        inputs.stream().map(i -> i.spec().name()).toList()));
    }

    /** {@return how long an honest answer can be; the most that is allowed where an output's length is open} */
    private static long expectedBytes(List<TensorSpec> outputs, int most) {
        long sum = TEXT_BYTES;
        for (TensorSpec output : outputs) {
            if (output.isDynamic() || output.type().bytes() == 0) {
                return most;
            }
            long elements = Tensor.elements(output.shape());
            if (elements > most) {
                return most;
            }
            sum += elements * JSON_BYTES_PER_ELEMENT;
        }
        return sum;
    }
}
