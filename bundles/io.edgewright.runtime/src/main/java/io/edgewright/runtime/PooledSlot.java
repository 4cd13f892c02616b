// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.Slot;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A slot of a pool, with its counters and with what the watchdog must know of its run. One holder at a time. */
final class PooledSlot {

    /** How a run ended for the one who holds the slot. */
    enum Outcome {
        /** The outputs can be read; the holder gives the slot back. */
        RAN,
        /** The time is over but the device is not done: the slot now belongs to its worker. */
        LATE,
        /** The device is stuck: the slot now belongs to its worker. */
        STUCK
    }

    private static final AtomicIntegerFieldUpdater<PooledSlot> PHASE =
            AtomicIntegerFieldUpdater.newUpdater(PooledSlot.class, "phase");
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int CANCELLING = 2;
    private static final int CANCELLED = 3;

    private static final Logger LOG = LoggerFactory.getLogger(PooledSlot.class);

    private final LoadedVersion version;
    private final SlotPool pool;
    private final int index;
    private final Slot slot;
    private final SlotCounters counters;
    private final Watchdog watchdog;
    private final @Nullable SlotWorker worker;
    private volatile int phase;
    private long startedNanos; // published by phase, as the deadline is
    private Deadline deadline = Deadline.NONE;
    private volatile long cancelledNanos;
    private volatile boolean stuck;

    PooledSlot(LoadedVersion version, SlotPool pool, int index, Slot slot, SlotCounters counters, Watchdog watchdog) {
        this.version = version;
        this.pool = pool;
        this.index = index;
        this.slot = slot;
        this.counters = counters;
        this.watchdog = watchdog;
        this.worker = version.device().cancellable() ? null : new SlotWorker(this, version.id() + "-" + index);
        watchdog.add(this);
    }

    int index() {
        return index;
    }

    LoadedVersion version() {
        return version;
    }

    Slot tensors() {
        return slot;
    }

    SlotCounters counters() {
        return counters;
    }

    /** Runs the model over the buffers: on this thread, or on the slot's worker if a run cannot be cut off. */
    Outcome run(Deadline until, long now) throws InferenceException {
        SlotWorker mine = worker;
        if (mine != null) {
            return mine.run(until, now);
        }
        runHere(until, now);
        return Outcome.RAN;
    }

    void runHere(Deadline until, long now) throws InferenceException {
        deadline = until;
        startedNanos = now;
        if (until.limited()) {
            phase = RUNNING; // visible before the watchdog is told, or neither would see the other
            watchdog.expect(until.nanoTime());
        } else {
            PHASE.lazySet(this, RUNNING);
        }
        try {
            slot.run(until);
        } finally {
            if (!PHASE.compareAndSet(this, RUNNING, IDLE)) {
                endCancelledRun();
            }
        }
    }

    /** Gives the slot back to its pool. */
    void release() {
        pool.release(this);
    }

    void close() {
        watchdog.remove(this);
        SlotWorker mine = worker;
        if (mine != null) {
            mine.stop();
        }
        try {
            slot.close();
        } catch (RuntimeException
                | LinkageError e) { // a driver is foreign code; the others must be closed all the same
            LOG.warn("{}: the driver could not free a slot: {}", version.id(), e.toString(), e);
        }
        version.recorder().retire(counters);
    }

    /** {@return true while a run is under way} */
    boolean isRunning() {
        return phase != IDLE;
    }

    Deadline deadline() {
        return deadline;
    }

    long startedNanos() {
        return startedNanos;
    }

    /** {@return when the run under way was first cancelled; 0 if it was not} */
    long cancelledNanos() {
        return cancelledNanos;
    }

    /** Called by the watchdog: cancels the run under way if it is still the one that is due. */
    void cancelIfDue(long now, long stuckNanos) {
        int seen = phase;
        if ((seen == RUNNING || seen == CANCELLED) && PHASE.compareAndSet(this, seen, CANCELLING)) {
            long due = deadline.limited() ? deadline.nanoTime() : startedNanos + stuckNanos;
            boolean over = now - due >= 0;
            if (over) {
                boolean first = cancelledNanos == 0;
                if (first) {
                    cancelledNanos = now == 0 ? 1 : now;
                }
                cancel(first);
            }
            phase = over ? CANCELLED : seen;
        }
    }

    private void cancel(boolean first) {
        try {
            slot.cancel();
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code; the run is given up in time
            if (first) {
                LOG.warn("{}: the driver could not cancel a run: {}", version.id(), e.toString(), e);
            }
        }
    }

    /**
     * Called by the watchdog: gives the cancelled run up if it is still under way. It cannot end before that was told, or
     * the device would be called stuck after it came back.
     *
     * @return true if it was given up now
     */
    boolean giveUp(Runnable tell) {
        if (stuck || !PHASE.compareAndSet(this, CANCELLED, CANCELLING)) {
            return false;
        }
        try {
            stuck = true;
            tell.run();
        } finally {
            phase = CANCELLED;
        }
        return true;
    }

    /** Called by the watchdog once all know that the device is stuck: lets the caller go. */
    void letCallerGo() {
        SlotWorker mine = worker;
        if (mine != null) {
            mine.abandon();
        }
    }

    private void endCancelledRun() {
        int seen = phase;
        while (seen == CANCELLING || !PHASE.compareAndSet(this, seen, IDLE)) {
            Thread.onSpinWait(); // the watchdog is within Slot.cancel, which must not reach the next run
            seen = phase;
        }
        cancelledNanos = 0;
        if (stuck) {
            stuck = false;
            watchdog.cameBack(this);
        }
    }
}
