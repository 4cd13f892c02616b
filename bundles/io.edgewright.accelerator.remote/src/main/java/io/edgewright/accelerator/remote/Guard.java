// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ends exchanges whose time is over where no read time-out does (a server that takes no more bytes, a handshake by
 * dribs), and closes connections that were not used for long. One daemon thread, which sleeps while there is no
 * connection.
 */
final class Guard implements Runnable, AutoCloseable {

    private static final long TICK_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Set<Connection> connections = ConcurrentHashMap.newKeySet();
    private final Thread thread;
    private volatile boolean closed;

    Guard(String name) {
        thread = new Thread(this, "edgewright-" + name + "-guard");
        thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void add(Connection connection) {
        connections.add(connection);
        LockSupport.unpark(thread);
        if (closed) {
            connection.abort();
        }
    }

    void remove(Connection connection) {
        connections.remove(connection);
    }

    @Override
    public void run() {
        while (!closed) {
            long now = System.nanoTime();
            for (Connection connection : connections) {
                connection.endIfDue(now);
                if (!connection.isOpen()) {
                    connections.remove(connection);
                }
            }
            if (connections.isEmpty()) {
                LockSupport.park(this);
            } else {
                LockSupport.parkNanos(this, TICK_NANOS);
            }
        }
    }

    /** Ends every exchange. */
    @Override
    public void close() {
        closed = true;
        LockSupport.unpark(thread);
        connections.forEach(Connection::abort);
    }
}
