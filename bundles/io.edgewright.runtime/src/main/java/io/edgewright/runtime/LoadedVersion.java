// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.TensorSpec;
import java.time.Instant;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A version loaded on one device: its session and the slots for the shapes in use. Closing lets those who run finish;
 * the last slot given back ends it. Thread-safe.
 */
final class LoadedVersion {

    private static final Logger LOG = LoggerFactory.getLogger(LoadedVersion.class);

    /** More sets of shapes than that close the one not used for longest. */
    private static final int MAX_SHAPES = 8;

    private static final int SUSPECT_TIMES = 10;
    private static final int LONG_TIMES = 100;
    private static final long LONG_NANOS = 1_000_000_000;
    private static final long LEAST_SUSPECT_NANOS = 20_000_000;

    private final Found place;
    private final ModelFile file;
    private final Loadable model;
    private final ModelSession session;
    private final LoadSpec spec;
    private final Watchdog watchdog;
    private final Consumer<LoadedVersion> whenDrained;
    private final List<TensorSpec> inputs;
    private final List<TensorSpec> outputs;
    private final int size;
    private final boolean outlivesDriver;
    private final Recorder recorder = new Recorder();
    private final Pace pace = new Pace();
    private final Serial canceller;
    private final AtomicBoolean lost = new AtomicBoolean();
    private final AtomicBoolean reported = new AtomicBoolean();
    private final SlotPool defaults;
    private final Map<Map<String, List<Long>>, SlotPool> pools = new LinkedHashMap<>(16, 0.75f, true);
    private int openPools = 1; // guarded by pools, as the map is
    private boolean closing;
    private volatile boolean closed;
    private volatile boolean replaceable;
    private final Instant since = Instant.now();
    private volatile Batching batching = Batching.NONE;

    LoadedVersion(
            Loadable model,
            Found place,
            ModelFile file,
            ModelSession session,
            LoadSpec spec,
            Watchdog watchdog,
            Consumer<LoadedVersion> whenDrained) {
        this.place = place;
        this.model = model;
        this.file = file;
        this.session = session;
        this.spec = spec;
        this.watchdog = watchdog;
        this.canceller = watchdog.newCanceller();
        this.whenDrained = whenDrained;
        this.inputs = List.copyOf(session.inputs());
        this.outputs = List.copyOf(session.outputs());
        this.size = spec.instances() > 0 ? spec.instances() : Math.max(1, session.parallelism());
        this.outlivesDriver = session.outlivesDriver();
        this.defaults = newPool(Map.of());
    }

    /** {@return what threads and logs call it} */
    String id() {
        return manifest().id() + "@" + device().id();
    }

    /** {@return what is served, for people} */
    String shownId() {
        return id() + (variant().isEmpty() ? " as it is" : " as variant " + variant());
    }

    /** {@return the model with all its forms} */
    ModelManifest manifest() {
        return model.manifest();
    }

    /** {@return the model in the form that is loaded} */
    ModelManifest served() {
        return model.form();
    }

    /** {@return the key of the optimized variant; empty for the plain model} */
    String variant() {
        return model.variant();
    }

    String version() {
        return manifest().id().version().toString();
    }

    ModelFile file() {
        return file;
    }

    Found place() {
        return place;
    }

    Accelerator device() {
        return place.accelerator();
    }

    /** {@return true if it answers on when its driver has gone} */
    boolean outlivesDriver() {
        return outlivesDriver;
    }

    LoadSpec spec() {
        return spec;
    }

    Recorder recorder() {
        return recorder;
    }

    Pace pace() {
        return pace;
    }

    /** {@return when it was loaded} */
    Instant since() {
        return since;
    }

    /** {@return where its runs are cancelled} */
    Serial canceller() {
        return canceller;
    }

    /** Says whether another device could answer in its place. */
    void replaceable(boolean now) {
        replaceable = now;
    }

    boolean isReplaceable() {
        return replaceable;
    }

    /**
     * {@return from when on a run is held to hang, if another device could answer: it takes 10 times as long as usual, and half
     * of its time is over, or 1 s and 100 times as long as usual; at the deadline if it is not known what is usual}
     */
    static long suspicion(long startNanos, long deadlineNanos, long usual) {
        long time = deadlineNanos - startNanos;
        long patience = Math.min(time / 2, Math.max(LONG_NANOS, usual * LONG_TIMES));
        long suspect = Math.max(patience, Math.max(LEAST_SUSPECT_NANOS, usual * SUSPECT_TIMES));
        return usual == 0 || suspect >= time ? deadlineNanos : startNanos + suspect;
    }

    List<TensorSpec> inputs() {
        return inputs;
    }

    List<TensorSpec> outputs() {
        return outputs;
    }

    int slots() {
        return size;
    }

    long memoryBytes() {
        return session.memoryBytes();
    }

    Map<String, String> facts() {
        return session.facts();
    }

    Batching batching() {
        return batching;
    }

    void batching(Batching measured) {
        batching = measured;
    }

    /** {@return true for the first caller only: the device failed under this version} */
    boolean lose() {
        return lost.compareAndSet(false, true);
    }

    /** {@return true for the first caller only: it is to be written down that the device was lost} */
    boolean report() {
        return reported.compareAndSet(false, true);
    }

    boolean isLost() {
        return lost.get();
    }

    int waiting() {
        int sum = defaults.waiting();
        synchronized (pools) {
            for (SlotPool pool : pools.values()) {
                sum += pool.waiting();
            }
        }
        return sum;
    }

    /** {@return a slot for the caller alone, who gives it back; null if this version is closed} */
    @Nullable
    PooledSlot acquire(Map<String, List<Long>> shapes, Deadline deadline, int priority) throws InferenceException {
        if (shapes.isEmpty()) {
            return defaults.acquire(deadline, priority);
        }
        Map<String, List<Long>> wanted = openShapes(shapes);
        if (wanted.isEmpty()) {
            return defaults.acquire(deadline, priority);
        }
        while (!closed) {
            SlotPool pool = pool(wanted);
            PooledSlot slot = pool == null ? null : pool.acquire(deadline, priority);
            if (slot != null) {
                return slot;
            }
        }
        return null;
    }

    /** Lets those who run finish, then frees everything; returns at once. */
    void close() {
        List<SlotPool> all;
        synchronized (pools) {
            if (closing) {
                return;
            }
            closing = true;
            all = List.copyOf(pools.values());
            pools.clear();
        }
        closed = true;
        all.forEach(SlotPool::close);
        defaults.close();
    }

    /** Frees the session and the file; called once drained. */
    void free() {
        try {
            session.close();
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code; the file must be closed all the same
            LOG.warn("{}: the driver could not free the model: {}", id(), e.toString(), e);
        }
        file.close();
    }

    private @Nullable SlotPool pool(Map<String, List<Long>> shapes) {
        SlotPool oldest = null;
        SlotPool pool;
        synchronized (pools) {
            if (closing) {
                return null;
            }
            pool = pools.get(shapes);
            if (pool == null) {
                if (pools.size() >= MAX_SHAPES) {
                    Map<String, List<Long>> first = pools.keySet().iterator().next();
                    oldest = pools.remove(first);
                }
                pool = newPool(shapes);
                pools.put(shapes, pool);
                openPools++;
            }
        }
        if (oldest != null) {
            oldest.close();
        }
        return pool;
    }

    private SlotPool newPool(Map<String, List<Long>> shapes) {
        Pace own = shapes.isEmpty()
                ? pace
                : new Pace(); // what takes long with one set of shapes may be usual with another
        return new SlotPool(
                size, spec.queueLength(), (pool, index) -> openSlot(shapes, own, pool, index), this::poolClosed);
    }

    private PooledSlot openSlot(Map<String, List<Long>> shapes, Pace own, SlotPool pool, int index)
            throws InferenceException {
        Slot slot = openSlot(shapes);
        boolean whole = false;
        try {
            var pooled = new PooledSlot(this, own, pool, index, slot, recorder.open(), watchdog);
            whole = true;
            return pooled;
        } finally {
            if (!whole) {
                slot.close(); // no thread could be started for it
            }
        }
    }

    private Slot openSlot(Map<String, List<Long>> shapes) throws InferenceException {
        try {
            return session.openSlot(shapes);
        } catch (RuntimeException
                | LinkageError
                | OutOfMemoryError e) { // a driver is foreign code, and may be half gone
            boolean shaped = e instanceof IllegalArgumentException || e instanceof ArithmeticException;
            throw new InferenceException(
                    shaped && !shapes.isEmpty() ? Reason.INPUT_MISMATCH : Reason.DEVICE_UNAVAILABLE,
                    "the driver could not make buffers for %s: %s".formatted(shapes.isEmpty() ? id() : shapes, e),
                    e);
        }
    }

    private void poolClosed() {
        boolean last;
        synchronized (pools) {
            last = --openPools == 0;
        }
        if (last) {
            whenDrained.accept(this);
        }
    }

    /** {@return the shapes of the inputs that have a choice} */
    private Map<String, List<Long>> openShapes(Map<String, List<Long>> shapes) throws InferenceException {
        Map<String, List<Long>> open = new HashMap<>();
        for (Map.Entry<String, List<Long>> entry : shapes.entrySet()) {
            TensorSpec input = input(entry.getKey());
            List<Long> shape = entry.getValue();
            boolean positive = shape.stream().allMatch(dim -> dim >= 0);
            if (!positive || !input.accepts(shape)) {
                throw new InferenceException(
                        Reason.INPUT_MISMATCH,
                        "input '%s' has shape %s, expected %s".formatted(input.name(), shape, input.shape()),
                        null);
            }
            if (input.isDynamic() && !shape.equals(input.concreteShape(1))) {
                open.put(input.name(), List.copyOf(shape));
            }
        }
        return open;
    }

    TensorSpec input(String name) throws InferenceException {
        for (TensorSpec input : inputs) {
            if (input.name().equals(name)) {
                return input;
            }
        }
        throw new InferenceException(
                Reason.INPUT_MISMATCH,
                "input '%s' is unknown, expected %s"
                        .formatted(name, inputs.stream().map(TensorSpec::name).toList()),
                null);
    }
}
