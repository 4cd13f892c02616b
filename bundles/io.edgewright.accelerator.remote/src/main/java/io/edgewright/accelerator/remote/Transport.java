// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

/** Carries requests to one server and brings the answers. Thread-safe. */
interface Transport extends AutoCloseable {

    /**
     * Sends a request and reads the whole answer, on the calling thread.
     *
     * @param request what is sent
     * @param answer where the answer goes; its limit bounds the memory
     * @param dueNanos when this must be over, in terms of {@link System#nanoTime}
     * @param cut lets another thread end it
     * @throws Trouble if there is no whole answer; any HTTP status is an answer
     */
    void exchange(Request request, Answer answer, long dueNanos, Cut cut) throws Trouble;

    /** {@return such as {@code HTTP/1.1}} */
    String protocol();

    /** Ends every exchange and closes all connections. */
    @Override
    void close();
}
