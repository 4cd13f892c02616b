// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.wires;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A bounded queue with a thread of its own, so that whoever brings work returns at once. What is too much is dropped. */
final class Lane<T> {

    /** What is done with each item. */
    @FunctionalInterface
    interface Work<T> {

        /**
         * Called by the lane's thread.
         *
         * @param item the next one
         * @param dropped how many were dropped since the call before
         */
        void accept(T item, long dropped) throws InterruptedException;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Lane.class);
    private static final long STOP_MILLIS = 10_000;

    private final Deque<T> waiting = new ArrayDeque<>(); // guarded by this, as all below
    private final Work<T> work;
    private final Thread thread;
    private int limit;
    private boolean dropsOldest;
    private long dropped;
    private boolean closed;

    Lane(String name, Work<T> work) {
        this.work = work;
        this.thread = new Thread(this::run, "edgewright-wires-" + name);
        this.thread.setDaemon(true);
    }

    /** Sets how much may wait, and whether the oldest or the newest is dropped when that is too little. */
    synchronized void limit(int items, boolean dropOldest) {
        limit = items;
        dropsOldest = dropOldest;
    }

    void start() {
        thread.start();
    }

    /** Queues an item, or drops one. */
    synchronized void offer(T item) {
        if (closed) {
            return;
        }
        if (waiting.size() < limit) {
            waiting.add(item);
        } else {
            dropped++;
            if (dropsOldest) {
                waiting.poll();
                waiting.add(item);
            }
        }
        notifyAll();
    }

    /** Ends the thread; what waits is dropped. */
    void close() {
        synchronized (this) {
            closed = true;
            waiting.clear();
            notifyAll();
        }
        thread.interrupt();
        try {
            thread.join(STOP_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (thread.isAlive()) {
            LOG.warn("{} still runs after {} ms: a receiver or an engine hangs", thread.getName(), STOP_MILLIS);
        }
    }

    private void run() {
        try {
            for (Optional<T> item = next(); item.isPresent(); item = next()) {
                try {
                    work.accept(item.get(), takeDropped());
                } catch (RuntimeException e) { // of a decoder or an engine: the thread must outlive it
                    LOG.error("{} lost an item by an error", thread.getName(), e);
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("{} was interrupted", thread.getName());
        }
    }

    private synchronized Optional<T> next() throws InterruptedException {
        while (waiting.isEmpty() && !closed) {
            wait();
        }
        return Optional.ofNullable(waiting.poll());
    }

    private synchronized long takeDropped() {
        long count = dropped;
        dropped = 0;
        return count;
    }
}
