// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.PriorityQueue;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/** Those who wait for a slot: higher priority first, then first come, first served; bounded. Thread-safe. */
final class WaitQueue {

    /** What a waiter gets when it has to look again: the slots were closed, or one could not be opened. */
    private static final Object RETRY = new Object();

    private static final Object GONE = new Object();

    private final int limit;
    private final PriorityQueue<Waiter> waiters = new PriorityQueue<>();
    private long arrivals;
    private volatile int size; // read without the lock on the hot path

    WaitQueue(int limit) {
        this.limit = limit;
    }

    int size() {
        return size;
    }

    /** {@return a place in the queue} */
    synchronized Waiter enter(int priority) throws InferenceException {
        if (waiters.size() >= limit) {
            throw new InferenceException(
                    Reason.QUEUE_FULL, waiters.size() + " requests wait already, at most " + limit + " may", null);
        }
        var waiter = new Waiter(priority, arrivals++);
        waiters.add(waiter);
        size = waiters.size();
        return waiter;
    }

    /** {@return true if somebody waited and has the slot now} */
    boolean hand(PooledSlot slot) {
        for (Waiter next = poll(); next != null; next = poll()) {
            if (next.give(slot)) {
                return true;
            }
        }
        return false;
    }

    /** Makes the first one look again. */
    void retryOne() {
        for (Waiter next = poll(); next != null && !next.give(RETRY); next = poll()) {
            // that one has left meanwhile
        }
    }

    /** Makes all look again. */
    void retryAll() {
        for (Waiter next = poll(); next != null; next = poll()) {
            next.give(RETRY);
        }
    }

    synchronized void leave(Waiter waiter) {
        waiters.remove(waiter);
        size = waiters.size();
    }

    private synchronized @Nullable Waiter poll() {
        Waiter first = waiters.poll();
        size = waiters.size();
        return first;
    }

    /** One thread in the queue. */
    final class Waiter implements Comparable<Waiter> {

        private static final AtomicReferenceFieldUpdater<Waiter, Object> GIVEN =
                AtomicReferenceFieldUpdater.newUpdater(Waiter.class, Object.class, "given");

        private final Thread thread = Thread.currentThread();
        private final int priority;
        private final long arrival;
        private volatile @Nullable Object given;

        Waiter(int priority, long arrival) {
            this.priority = priority;
            this.arrival = arrival;
        }

        /** Waits; {@return a slot, or null to look again}. */
        @Nullable
        PooledSlot await(Deadline deadline) throws InferenceException {
            for (; ; ) {
                Object now = given;
                if (now != null) {
                    return now instanceof PooledSlot slot ? slot : null;
                }
                long left = deadline.remainingNanos();
                boolean interrupted = Thread.currentThread().isInterrupted();
                if ((left <= 0 || interrupted) && GIVEN.compareAndSet(this, null, GONE)) {
                    leave(this);
                    throw new InferenceException(
                            Reason.DEADLINE_EXCEEDED,
                            interrupted
                                    ? "interrupted while waiting for a free slot"
                                    : "no slot became free before the deadline; nothing was run",
                            null);
                }
                if (left == Long.MAX_VALUE) {
                    LockSupport.park(this);
                } else if (left > 0) {
                    LockSupport.parkNanos(this, left);
                }
            }
        }

        private boolean give(Object what) {
            if (!GIVEN.compareAndSet(this, null, what)) {
                return false;
            }
            LockSupport.unpark(thread);
            return true;
        }

        @Override
        public int compareTo(Waiter other) {
            return priority != other.priority
                    ? Integer.compare(other.priority, priority)
                    : Long.compare(arrival, other.arrival);
        }
    }
}
