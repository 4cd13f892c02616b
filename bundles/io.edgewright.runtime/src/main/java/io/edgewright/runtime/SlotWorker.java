// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.runtime.PooledSlot.Outcome;
import java.util.concurrent.atomic.AtomicIntegerFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Runs one slot on a thread of its own, for devices whose runs cannot be cut off: the caller leaves at the deadline, and
 * the slot is given back when the device is done.
 */
final class SlotWorker implements Runnable {

    private static final AtomicIntegerFieldUpdater<SlotWorker> STATE =
            AtomicIntegerFieldUpdater.newUpdater(SlotWorker.class, "state");
    private static final int IDLE = 0;
    private static final int RUNNING = 1;
    private static final int DONE = 2;
    private static final int LEFT = 3; // the caller left at its deadline
    private static final int ABANDONED = 4; // the watchdog gave the run up
    private static final int STOPPED = 5;

    private final PooledSlot slot;
    private final Thread thread;
    private volatile int state;
    private volatile @Nullable Thread caller;
    private Deadline deadline = Deadline.NONE; // published by state
    private long startedNanos;
    private @Nullable InferenceException failure;
    private @Nullable Throwable error;

    SlotWorker(PooledSlot slot, String name) {
        this.slot = slot;
        this.thread = new Thread(this, "edgewright-slot-" + name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Called by the holder of the slot. */
    Outcome run(Deadline until, long now) throws InferenceException {
        deadline = until;
        startedNanos = now;
        failure = null;
        error = null;
        caller = Thread.currentThread();
        state = RUNNING;
        LockSupport.unpark(thread);
        while (state == RUNNING) {
            long left = until.remainingNanos();
            if (left <= 0 && STATE.compareAndSet(this, RUNNING, LEFT)) {
                return Outcome.LATE;
            }
            if (left == Long.MAX_VALUE) {
                LockSupport.park(this);
            } else if (left > 0) {
                LockSupport.parkNanos(this, left);
            }
            if (Thread.currentThread().isInterrupted() && STATE.compareAndSet(this, RUNNING, LEFT)) {
                return Outcome.LATE;
            }
        }
        return state == DONE ? finish() : Outcome.STUCK;
    }

    /** Called by the watchdog: lets the caller go. */
    void abandon() {
        if (STATE.compareAndSet(this, RUNNING, ABANDONED)) {
            LockSupport.unpark(caller);
        }
    }

    /** Ends the thread; called while no run is under way. */
    void stop() {
        state = STOPPED;
        LockSupport.unpark(thread);
    }

    @Override
    public void run() {
        while (state != STOPPED) {
            if (state == RUNNING || state == LEFT || state == ABANDONED) {
                runOnce();
            } else {
                LockSupport.park(this);
            }
        }
    }

    private void runOnce() {
        try {
            if (state == RUNNING) {
                slot.runHere(deadline, startedNanos);
            }
        } catch (InferenceException e) {
            failure = e;
        } catch (RuntimeException | Error e) {
            error = e; // the caller waits for it, on another thread
        }
        if (STATE.compareAndSet(this, RUNNING, DONE)) {
            LockSupport.unpark(caller);
            while (state == DONE) {
                LockSupport.park(this);
            }
        } else {
            state = IDLE;
            slot.release();
        }
    }

    private Outcome finish() throws InferenceException {
        InferenceException failed = failure;
        Throwable broken = error;
        state = IDLE;
        if (failed != null) {
            throw failed;
        }
        if (broken != null) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "the driver failed: " + broken, broken);
        }
        return Outcome.RAN;
    }
}
