// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Watches every run: cancels those past their deadline, and gives those up that do not come back. Where another device can
 * answer, a run that takes many times as long as usual is cancelled once half of its time is over. One thread, which sleeps
 * until the earliest of these times; drivers are called on other threads. Its clock is System.nanoTime, as that of {@link Deadline}.
 */
final class Watchdog implements Runnable, AutoCloseable {

    /** Told about runs that do not come back, on the watchdog's thread. */
    interface Listener {

        /** A run does not end although it was cancelled. */
        void stuck(PooledSlot slot, Duration running);

        /** A run that was given up has ended after all. */
        void cameBack(PooledSlot slot);
    }

    private static final long TICK_NANOS = Duration.ofMillis(250).toNanos();
    private static final long RETRY_NANOS = Duration.ofMillis(20).toNanos();

    private final Set<PooledSlot> slots = ConcurrentHashMap.newKeySet();
    private final AtomicLong wake = new AtomicLong();
    private final Listener listener;
    private final Executor executor;
    private final Thread thread;
    private volatile long stuckNanos;
    private volatile boolean closed;

    /**
     * @param stuck after what time a run is given up
     * @param executor where runs are cancelled: a driver may block
     */
    Watchdog(Duration stuck, Listener listener, Executor executor) {
        this.executor = executor;
        this.stuckNanos = stuck.toNanos();
        this.listener = listener;
        this.thread = new Thread(this, "edgewright-watchdog");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    /** Sets after what time a run is given up. */
    void stuckAfter(Duration stuck) {
        stuckNanos = stuck.toNanos();
    }

    /** {@return where the runs of one version are cancelled, so that no other waits if its driver blocks} */
    Serial newCanceller() {
        return new Serial(executor);
    }

    void add(PooledSlot slot) {
        slots.add(slot);
    }

    void remove(PooledSlot slot) {
        slots.remove(slot);
    }

    /** Says that a run with this deadline has begun; cheap unless it is the earliest. */
    void expect(long nanoTime) {
        if (lower(nanoTime)) {
            LockSupport.unpark(thread);
        }
    }

    void cameBack(PooledSlot slot) {
        listener.cameBack(slot);
    }

    @Override
    public void run() {
        while (!closed) {
            long now = System.nanoTime();
            wake.set(now + TICK_NANOS); // before the look around: a run that begins from here on lowers it itself
            for (PooledSlot slot : slots) {
                if (slot.isRunning()) {
                    lower(look(slot, now));
                }
            }
            LockSupport.parkNanos(this, wake.get() - System.nanoTime());
        }
    }

    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
    }

    /** {@return when to look at this run again} */
    private long look(PooledSlot slot, long now) {
        long stuckAfter = stuckNanos;
        boolean replaceable = slot.version().isReplaceable();
        long due = replaceable ? slot.suspectNanos(stuckAfter) : slot.dueNanos(stuckAfter);
        if (now - due < 0) {
            return due;
        }
        boolean early = now - slot.dueNanos(stuckAfter) < 0;
        slot.cancelIf(() -> now - (replaceable ? slot.suspectNanos(stuckAfter) : slot.dueNanos(stuckAfter)) >= 0, now);
        long cancelled = slot.cancelledNanos();
        Duration running = Duration.ofNanos(now - slot.startedNanos());
        if (cancelled != 0
                && now - cancelled >= patience(slot, early)
                && slot.giveUp(() -> listener.stuck(slot, running))) {
            slot.letCallerGo();
        }
        return now + RETRY_NANOS;
    }

    /** {@return how long a cancelled run is waited for; not at all where another device can answer and the caller can go} */
    private long patience(PooledSlot slot, boolean early) {
        if (early && slot.hasWorker()) {
            return 0;
        }
        return slot.isLimited() ? stuckNanos : TICK_NANOS;
    }

    private boolean lower(long nanoTime) {
        for (long at = wake.get(); nanoTime - at < 0; at = wake.get()) {
            if (wake.compareAndSet(at, nanoTime)) {
                return true;
            }
        }
        return false;
    }
}
