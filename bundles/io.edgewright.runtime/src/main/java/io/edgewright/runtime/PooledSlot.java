// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.Slot;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.function.BooleanSupplier;
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
    private static final int ENDED = 4; // the run is over, but not the call of Slot.cancel
    private static final int LEFT = 5; // as before, and the holder has given it back

    private static final Logger LOG = LoggerFactory.getLogger(PooledSlot.class);

    private final LoadedVersion version;
    private final Pace pace; // of the runs with these shapes
    private final SlotPool pool;
    private final int index;
    private final Slot slot;
    private final SlotCounters counters;
    private final Watchdog watchdog;
    private final @Nullable SlotWorker worker;
    private volatile int phase;
    private long startedNanos; // published by phase, as the deadline is
    private long suspectNanos;
    private Deadline deadline = Deadline.NONE;
    private long cancelledNanos; // guarded by this, as the next is
    private boolean stuck;

    PooledSlot(
            LoadedVersion version,
            Pace pace,
            SlotPool pool,
            int index,
            Slot slot,
            SlotCounters counters,
            Watchdog watchdog) {
        this.version = version;
        this.pace = pace;
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

    /** {@return how long runs with these shapes take; 0 if none was seen} */
    long usualNanos() {
        return pace.usualNanos();
    }

    /** Counts how long a run took. */
    void ran(long nanos, long now) {
        version.pace().ran(nanos, now);
        if (pace != version.pace()) {
            pace.ran(nanos, now);
        }
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
            long look = LoadedVersion.suspicion(now, until.nanoTime(), pace.usualNanos());
            suspectNanos = look;
            phase = RUNNING; // visible before the watchdog is told, or neither would see the other
            watchdog.expect(look);
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

    /** Gives the slot back to its pool, at once or as soon as nobody is within {@link Slot#cancel} any more. */
    void release() {
        if (phase == ENDED && PHASE.compareAndSet(this, ENDED, LEFT)) {
            return;
        }
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

    long startedNanos() {
        return startedNanos;
    }

    /** {@return when the run is to be cancelled at the latest} */
    long dueNanos(long stuckNanos) {
        return deadline.limited() ? deadline.nanoTime() : startedNanos + stuckNanos;
    }

    /** {@return when the run is to be cancelled if another device could answer in its place} */
    long suspectNanos(long stuckNanos) {
        return deadline.limited() ? suspectNanos : startedNanos + stuckNanos;
    }

    /** {@return true if the run is on a thread of the slot's own, which its caller need not wait for} */
    boolean hasWorker() {
        return worker != null;
    }

    boolean isLimited() {
        return deadline.limited();
    }

    /** {@return true if not the run, but the call that should cancel it does not return} */
    boolean isCancelHanging() {
        int seen = phase;
        return seen == ENDED || seen == LEFT;
    }

    /** {@return when the run under way was first cancelled; 0 if it was not} */
    synchronized long cancelledNanos() {
        return cancelledNanos;
    }

    /**
     * Called by the watchdog: has the run under way cancelled, on a thread that may block, if it is still the one that is due.
     *
     * @param due tells whether it is, once it cannot be followed by another run
     */
    synchronized void cancelIf(BooleanSupplier due, long now) {
        int seen = phase;
        if ((seen == RUNNING || seen == CANCELLED) && PHASE.compareAndSet(this, seen, CANCELLING)) {
            if (due.getAsBoolean()) {
                cancelledNanos = cancelledNanos == 0 ? Math.max(1, now) : cancelledNanos;
                version.canceller().execute(this::cancel);
            } else {
                endCancelling(seen);
            }
        }
    }

    private void cancel() {
        try {
            slot.cancel();
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code; the run is given up in time
            LOG.debug("{}: the driver could not cancel a run: {}", version.id(), e.toString(), e);
        } finally {
            endCancelling(CANCELLED);
        }
    }

    /**
     * Called by the watchdog: gives the cancelled run up if it is still under way. It cannot end before that was told, or
     * the device would be called stuck after it came back.
     *
     * @return true if it was given up now
     */
    synchronized boolean giveUp(Runnable tell) {
        if (stuck || cancelledNanos == 0 || phase == IDLE) {
            return false;
        }
        stuck = true;
        tell.run();
        return true;
    }

    /** Called by the watchdog once all know that the device is stuck: lets the caller go. */
    void letCallerGo() {
        SlotWorker mine = worker;
        if (mine != null) {
            mine.abandon();
        }
    }

    /** The run has ended after the watchdog looked at it. */
    private void endCancelledRun() {
        for (; ; ) {
            int seen = phase;
            if (seen == CANCELLING ? PHASE.compareAndSet(this, CANCELLING, ENDED) : settle(seen, IDLE)) {
                return; // while Slot.cancel is being called it must not reach the next run, so there is none until then
            }
        }
    }

    /** Slot.cancel has returned, or was not called at all. */
    private void endCancelling(int next) {
        for (; ; ) {
            int seen = phase;
            if (seen == CANCELLING ? PHASE.compareAndSet(this, CANCELLING, next) : settle(seen, IDLE)) {
                if (seen == LEFT) {
                    pool.release(this);
                }
                return;
            }
        }
    }

    private boolean settle(int from, int to) {
        boolean back;
        synchronized (this) {
            if (!PHASE.compareAndSet(this, from, to)) {
                return false;
            }
            cancelledNanos = 0;
            back = stuck;
            stuck = false;
        }
        if (back) {
            watchdog.cameBack(this);
        }
        return true;
    }
}
