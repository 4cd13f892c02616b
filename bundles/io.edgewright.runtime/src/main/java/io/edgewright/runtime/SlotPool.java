// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.jspecify.annotations.Nullable;

/**
 * The slots of one version for one set of shapes. Holding a slot is the lease: a closed pool closes each slot when its
 * holder gives it back, and tells when the last one is closed. Taking and giving back a free slot is one
 * compare-and-set; no lock, no allocation. Thread-safe.
 */
final class SlotPool {

    /** Makes the slot of an index; called by the thread that will hold it. */
    @FunctionalInterface
    interface Opener {
        PooledSlot open(SlotPool pool, int index) throws InferenceException;
    }

    private static final int EMPTY = 0;
    private static final int FREE = 1;
    private static final int BUSY = 2;
    private static final int CLOSED = 3;
    private static final int STRIDE = 16; // one state a cache line

    private final int size;
    private final AtomicIntegerArray states;
    private final @Nullable PooledSlot[] slots;
    private final WaitQueue queue;
    private final Opener opener;
    private final Runnable whenClosed;
    private int closedSlots; // guarded by this
    private int openSlots; // guarded by this
    private volatile boolean closed;

    SlotPool(int size, int queueLength, Opener opener, Runnable whenClosed) {
        this.size = size;
        this.states = new AtomicIntegerArray(size * STRIDE);
        this.slots = new PooledSlot[size];
        this.queue = new WaitQueue(queueLength);
        this.opener = opener;
        this.whenClosed = whenClosed;
    }

    /** {@return a slot for the caller alone, who gives it back; null if this pool is closed} */
    @Nullable
    PooledSlot acquire(Deadline deadline, int priority) throws InferenceException {
        for (; ; ) {
            PooledSlot slot = tryAcquire();
            if (slot != null) {
                return slot;
            }
            if (closed) {
                return null;
            }
            slot = waitFor(deadline, priority);
            if (slot != null) {
                return slot;
            }
        }
    }

    /** {@return a slot if one is free now, or null} */
    @Nullable
    PooledSlot tryAcquire() throws InferenceException {
        int own = (int) (Thread.currentThread().getId() % size);
        PooledSlot slot = take(own);
        for (int i = 1; i < size && slot == null; i++) {
            int at = own + i < size ? own + i : own + i - size;
            slot = takeFree(at);
        }
        for (int i = 1; i < size && slot == null; i++) {
            slot = take(own + i < size ? own + i : own + i - size);
        }
        return slot;
    }

    void release(PooledSlot slot) {
        if (!closed && queue.size() > 0 && queue.hand(slot)) {
            return;
        }
        states.set(slot.index() * STRIDE, FREE);
        afterFreeing();
    }

    /** Lets nobody in any more and closes each slot as soon as it is free. */
    void close() {
        closed = true;
        closeFreeSlots();
        queue.retryAll();
    }

    int waiting() {
        return queue.size();
    }

    private @Nullable PooledSlot waitFor(Deadline deadline, int priority) throws InferenceException {
        WaitQueue.Waiter waiter = queue.enter(priority);
        afterFreeing(); // a slot may have become free, or the pool closed, before we stood in the queue
        return waiter.await(deadline);
    }

    private @Nullable PooledSlot take(int index) throws InferenceException {
        PooledSlot slot = takeFree(index);
        if (slot == null && states.get(index * STRIDE) == EMPTY && states.compareAndSet(index * STRIDE, EMPTY, BUSY)) {
            return open(index);
        }
        return slot;
    }

    private @Nullable PooledSlot takeFree(int index) {
        int at = index * STRIDE;
        return states.get(at) == FREE && states.compareAndSet(at, FREE, BUSY) ? slots[index] : null;
    }

    private @Nullable PooledSlot open(int index) throws InferenceException {
        int next = EMPTY;
        try {
            PooledSlot slot = opener.open(this, index);
            slots[index] = slot;
            synchronized (this) {
                openSlots++;
            }
            next = BUSY;
            return slot;
        } catch (InferenceException e) {
            if (e.reason() == InferenceException.Reason.DEVICE_UNAVAILABLE && hasOpenSlot()) {
                next = CLOSED; // memory for fewer slots than wished: wait for one of those there are
                return null;
            }
            throw e;
        } finally {
            if (next != BUSY) {
                states.set(index * STRIDE, next);
                afterFreeing();
            }
            if (next == CLOSED && countClosed(1)) {
                whenClosed.run(); // the pool was closed meanwhile, and this was its last slot
            }
        }
    }

    private synchronized boolean hasOpenSlot() {
        return openSlots > 0;
    }

    private void afterFreeing() {
        if (closed) {
            closeFreeSlots();
            queue.retryAll();
            return;
        }
        while (queue.size() > 0) {
            PooledSlot free = anyFree();
            if (free == null) {
                if (hasUnopened()) {
                    queue.retryOne(); // one could not be opened: the first in the queue tries, or gets the error
                }
                return;
            }
            if (!queue.hand(free)) {
                states.set(free.index() * STRIDE, FREE);
            }
            if (closed) {
                closeFreeSlots();
            }
        }
    }

    private @Nullable PooledSlot anyFree() {
        for (int i = 0; i < size; i++) {
            PooledSlot slot = takeFree(i);
            if (slot != null) {
                return slot;
            }
        }
        return null;
    }

    private boolean hasUnopened() {
        for (int i = 0; i < size; i++) {
            if (states.get(i * STRIDE) == EMPTY) {
                return true;
            }
        }
        return false;
    }

    private void closeFreeSlots() {
        int justClosed = 0;
        for (int i = 0; i < size; i++) {
            PooledSlot slot = takeFree(i);
            if (slot != null) {
                slot.close();
            }
            if (slot != null || states.compareAndSet(i * STRIDE, EMPTY, BUSY)) {
                slots[i] = null;
                states.set(i * STRIDE, CLOSED);
                justClosed++;
            }
        }
        if (justClosed > 0 && countClosed(justClosed)) {
            whenClosed.run();
        }
    }

    private synchronized boolean countClosed(int more) {
        closedSlots += more;
        return closedSlots == size;
    }
}
