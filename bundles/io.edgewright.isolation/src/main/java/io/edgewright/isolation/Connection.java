// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * One conversation with a child process, as its parent sees it. One thread at a time, but for {@link #wakeUp} and
 * {@link #close}. It never blocks in a read or write: an interrupt would then close the connection, and so cost the slot.
 */
final class Connection implements AutoCloseable {

    private final SocketChannel channel;
    private final Selector selector;
    private final SelectionKey key;
    private final WireWriter writer = new WireWriter();
    private final FrameReader reader = new FrameReader();

    private Connection(SocketChannel channel, Selector selector, SelectionKey key) {
        this.channel = channel;
        this.selector = selector;
        this.key = key;
    }

    static Connection open(Path socket) throws IOException {
        return Uninterrupted.call(() -> connect(socket));
    }

    private static Connection connect(Path socket) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        Selector selector = null;
        boolean whole = false;
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.configureBlocking(false);
            selector = Selector.open();
            var connection = new Connection(channel, selector, channel.register(selector, SelectionKey.OP_READ));
            whole = true;
            return connection;
        } finally {
            if (!whole) {
                channel.close();
                if (selector != null) {
                    selector.close();
                }
            }
        }
    }

    /** {@return a writer for the next request} */
    WireWriter request(byte code) {
        return writer.begin(code);
    }

    /** Sends what was written. */
    void send() throws IOException {
        ByteBuffer message = writer.end();
        channel.write(message);
        if (message.hasRemaining()) {
            sendRest(message);
        }
    }

    private void sendRest(ByteBuffer message) throws IOException {
        boolean interrupted = false;
        key.interestOps(SelectionKey.OP_WRITE);
        try {
            while (message.hasRemaining()) {
                interrupted |= Thread.interrupted();
                selector.select(1000);
                selector.selectedKeys().clear();
                channel.write(message);
            }
            key.interestOps(SelectionKey.OP_READ);
        } finally {
            restore(interrupted);
        }
    }

    /**
     * Waits for a reply. An interrupt of this thread is kept for later.
     *
     * @param nanos the longest time
     * @return the reply; null if there is none yet when the time is over or somebody called {@link #wakeUp}
     * @throws IOException if the process is gone or writes nonsense
     */
    @Nullable
    WireReader poll(long nanos) throws IOException {
        WireReader reply = reader.read(channel);
        if (reply != null || nanos <= 0) {
            return reply;
        }
        boolean interrupted = Thread.interrupted(); // a selector would return at once
        try {
            selector.select(Math.max(1, TimeUnit.NANOSECONDS.toMillis(nanos)));
            selector.selectedKeys().clear();
        } finally {
            restore(interrupted);
        }
        return reader.read(channel);
    }

    /** Lets {@link #poll} return soon. */
    void wakeUp() {
        selector.wakeup();
    }

    @Override
    public void close() {
        try (selector;
                channel) {
            key.cancel();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException("a connection could not be closed", e);
        }
    }

    private static void restore(boolean interrupted) {
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}
