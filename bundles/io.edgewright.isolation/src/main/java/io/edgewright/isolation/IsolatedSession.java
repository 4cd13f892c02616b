// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.InputShapes;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.EOFException;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A model in a child process, as its parent sees it. What it holds there is freed when this and every slot are closed, in
 * whatever order.
 */
final class IsolatedSession implements ModelSession {

    private static final Duration CLOSING = Duration.ofSeconds(5);

    private final Host host;
    private final Connection connection;
    private final int number;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final int parallelism;
    private final long memoryBytes;
    private final Map<String, String> facts;
    private final AtomicLong slotBytes = new AtomicLong();
    private final AtomicInteger users = new AtomicInteger(1);
    private final AtomicBoolean closed = new AtomicBoolean();

    /**
     * Where a session lives.
     *
     * @param model its name, for messages
     * @param release called once, when the process is no longer needed for it
     * @param grace how long a run may take to end once it was cancelled
     */
    record Host(String model, EngineProcess process, Runnable release, Duration grace) {

        /** {@return the error for those who use a process that is gone} */
        InferenceException lost(ProcessEnded e) {
            return new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: its process has ended: %s; it has to be loaded again".formatted(model, e.detail()),
                    e);
        }
    }

    private IsolatedSession(Host host, Connection connection, WireReader answer) throws ProtocolException {
        this.host = host;
        this.connection = connection;
        this.number = answer.number32();
        this.inputs = List.copyOf(Wire.specs(answer));
        this.outputs = List.copyOf(Wire.specs(answer));
        this.parallelism = Math.max(1, answer.number32());
        this.memoryBytes = Math.max(0, answer.number64());
        this.facts = Map.copyOf(answer.texts());
        answer.end();
    }

    /** Loads a model. The host's release is called by {@link #close}, or left to the caller if this throws. */
    static IsolatedSession open(Host host, ModelFile model, String device, LoadOptions options)
            throws ProcessEnded, InferenceException, InterruptedException {
        Connection connection = host.process().connect();
        boolean whole = false;
        try {
            WireWriter request = connection.request(Wire.LOAD);
            Wire.manifest(request, model.manifest());
            request.text(model.path().toAbsolutePath().toString()).text(device);
            Wire.options(request, options);
            var session = new IsolatedSession(host, connection, host.process().ask(connection));
            whole = true;
            return session;
        } catch (ProtocolException e) {
            throw host.process().ended(e);
        } finally {
            if (!whole) {
                connection.close();
            }
        }
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
    public int parallelism() {
        return parallelism;
    }

    @Override
    public long memoryBytes() {
        return memoryBytes + slotBytes.get();
    }

    @Override
    public Map<String, String> facts() {
        return facts;
    }

    @Override
    public Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> concrete = InputShapes.resolve("model " + host.model(), inputs, shapes);
        retain();
        boolean opens = false;
        try {
            var slot = open(concrete);
            opens = true;
            return slot;
        } catch (IOException e) {
            throw new InferenceException(
                    Reason.DEVICE_UNAVAILABLE,
                    "model %s: no memory to share for %s: %s".formatted(host.model(), concrete, e.getMessage()),
                    e);
        } catch (ProcessEnded e) {
            throw host.lost(e);
        } finally {
            if (!opens) {
                release();
            }
        }
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            release();
        }
    }

    Host host() {
        return host;
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
            close(connection);
            host.release().run();
        }
    }

    /** Closes what a connection has opened in the child, and waits for that. */
    void close(Connection open) {
        try {
            if (host.process().isAlive()) {
                open.request(Wire.CLOSE);
                host.process().ask(open, CLOSING);
            }
        } catch (ProcessEnded e) {
            // then nothing is held there either
        } catch (InferenceException e) {
            host.process().kill(ProcessEnded.Ending.CRASHED, "it could not free a model: " + e.getMessage());
        } finally {
            open.close();
        }
    }

    private IsolatedSlot open(Map<String, List<Long>> shapes) throws IOException, ProcessEnded, InferenceException {
        List<Long> lengths = new ArrayList<>();
        for (TensorSpec input : inputs) {
            if (input.type() != ElementType.STRING) {
                lengths.add(Sizes.bytes(input, shapes.getOrDefault(input.name(), List.of())));
            }
        }
        for (TensorSpec output : outputs) {
            if (Sizes.isFixed(output)) {
                lengths.add(Sizes.bytes(output, output.shape()));
            }
        }
        EngineProcess process = host.process();
        if (!process.isAlive()) {
            throw process.ended(new EOFException("it has ended"));
        }
        Region memory = Region.create(process.sharedFolders(), lengths);
        Connection opened = null;
        boolean whole = false;
        try {
            opened = process.connect();
            WireWriter request = opened.request(Wire.OPEN).number32(number);
            Wire.shapes(request, shapes);
            Wire.lengths(request.text(memory.name()), lengths);
            WireReader answer = process.ask(opened, process.engine().limit());
            var slot = new IsolatedSlot(this, opened, answer.number32(), shapes, memory);
            whole = true;
            return slot;
        } catch (ProtocolException e) {
            throw process.ended(e);
        } finally {
            memory.delete();
            if (!whole && opened != null) {
                opened.close();
            }
        }
    }

    private void retain() {
        int now = users.getAndUpdate(n -> n == 0 ? 0 : n + 1);
        if (now != 0 && closed.get()) {
            release();
            now = 0;
        }
        if (now == 0) {
            throw new IllegalStateException("session of model " + host.model() + " is closed");
        }
    }
}
