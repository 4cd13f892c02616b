// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.function.LongSupplier;

/**
 * Byte arrays for the bodies of inference requests and answers, used again and again, and a limit for what is in use at
 * once. Thread-safe.
 */
final class BufferPool {

    private static final int LEAST_BITS = 12;
    private static final int CLASSES = 31 - LEAST_BITS;
    private static final int KEPT_PER_CLASS = 4;

    /** An array of at least the asked length; given back on close. */
    final class Lease implements AutoCloseable {

        private final byte[] bytes;
        private final int sizeClass;
        private boolean closed;

        private Lease(byte[] bytes, int sizeClass) {
            this.bytes = bytes;
            this.sizeClass = sizeClass;
        }

        byte[] bytes() {
            return bytes;
        }

        @Override
        public void close() {
            if (!closed) {
                closed = true;
                giveBack(this);
            }
        }
    }

    /** What one request holds besides, such as the tensors that its JSON became; given back on close. One thread. */
    final class Share implements AutoCloseable {

        private final long mostBytes;
        private long held;

        private Share(long mostBytes) {
            this.mostBytes = mostBytes;
        }

        /**
         * Takes so much more.
         *
         * @throws HttpProblem 413 if it is more than one request may hold, 503 if too much is in use
         */
        void take(long bytes) throws HttpProblem {
            if (held + bytes > mostBytes) {
                throw new HttpProblem(
                        413,
                        "TOO_LARGE",
                        "the JSON takes more than the limit of " + mostBytes + " bytes when read; send binary data");
            }
            if (bytes > 0) {
                reserve(bytes);
                held += bytes;
            }
        }

        @Override
        public void close() {
            release(held);
            held = 0;
        }
    }

    private final LongSupplier limitBytes;
    private final Deque<byte[]>[] free;
    private long used;

    BufferPool(LongSupplier limitBytes) {
        this.limitBytes = limitBytes;
        @SuppressWarnings({"unchecked", "rawtypes"})
        Deque<byte[]>[] queues = new Deque[CLASSES];
        for (int i = 0; i < queues.length; i++) {
            queues[i] = new ArrayDeque<>();
        }
        this.free = queues;
    }

    /**
     * {@return an array of at least that length; its content is what its last user left}
     *
     * @throws HttpProblem 503 if too much is in use
     */
    Lease lease(long length) throws HttpProblem {
        int sizeClass = sizeClass(length);
        long size = 1L << (sizeClass + LEAST_BITS);
        byte[] array;
        synchronized (this) {
            reserve(size);
            array = free[sizeClass].poll();
        }
        return new Lease(array == null ? new byte[(int) size] : array, sizeClass);
    }

    /**
     * {@return what a request may hold besides leases; nothing yet}
     *
     * @param mostBytes the most of it
     */
    Share share(long mostBytes) {
        return new Share(mostBytes);
    }

    private synchronized void reserve(long size) throws HttpProblem {
        if (used > 0 && used + size > limitBytes.getAsLong()) {
            throw new HttpProblem(
                    503,
                    "QUEUE_FULL",
                    "running requests hold " + used + " bytes, the limit is " + limitBytes.getAsLong(),
                    1);
        }
        used += size;
    }

    private synchronized void release(long size) {
        used -= size;
    }

    /** {@return the bytes in use} */
    synchronized long used() {
        return used;
    }

    private synchronized void giveBack(Lease lease) {
        used -= lease.bytes.length;
        if (free[lease.sizeClass].size() < KEPT_PER_CLASS) {
            free[lease.sizeClass].push(lease.bytes);
        }
    }

    private static int sizeClass(long length) {
        int bits = 64 - Long.numberOfLeadingZeros(Math.max(1, length) - 1);
        int sizeClass = Math.max(0, bits - LEAST_BITS);
        if (sizeClass >= CLASSES) {
            throw new IllegalArgumentException("length is " + length + ", expected at most 1 GiB");
        }
        return sizeClass;
    }
}
