// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One kept HTTP/1.1 connection, plain or with TLS. One thread at a time but for {@link #abort} and the guard. */
final class Connection {

    private static final Logger LOG = LoggerFactory.getLogger(Connection.class);

    private static final long NOT_DUE = Long.MAX_VALUE;
    private static final long ENDED = Long.MIN_VALUE;
    private static final int CHUNK_BYTES = 64 * 1024;

    private final SocketChannel channel;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;
    private final byte[] chunk = new byte[CHUNK_BYTES];
    private final HttpReader reader = new HttpReader(this::readSome);
    private final ByteBuffer peeked = ByteBuffer.allocate(1);
    private final Runnable abort = this::abort;
    private final AtomicLong due = new AtomicLong(NOT_DUE); // as nanoTime since the connection was made
    private final long madeNanos = System.nanoTime();
    private final long idleNanos;
    private volatile long idleSince = madeNanos;
    private volatile boolean idle;
    private int filled;
    private boolean taken;

    private Connection(SocketChannel channel, Socket socket, long idleNanos) throws IOException {
        this.channel = channel;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
        this.idleNanos = idleNanos;
    }

    /**
     * Connects.
     *
     * @param address one of the server's
     * @param tls how to trust it; null for a plain connection
     */
    static Connection open(
            RemoteSettings settings, InetAddress address, @Nullable Tls tls, int connectMillis, Guard guard, Cut cut)
            throws Trouble {
        Endpoint endpoint = settings.endpoint();
        SocketChannel channel = null;
        Connection connection = null;
        try {
            SocketChannel opened = SocketChannel.open();
            channel = opened;
            cut.endBy(() -> closeQuietly(opened));
            channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
            channel.socket().connect(new InetSocketAddress(address, endpoint.port()), connectMillis);
            Socket socket = tls == null ? channel.socket() : tls.over(channel.socket(), endpoint);
            connection = new Connection(channel, socket, settings.idleNanos());
            guard.add(connection);
            if (socket instanceof SSLSocket secure) {
                connection.due.set(connection.sinceMade(System.nanoTime() + connectMillis * 1_000_000L));
                socket.setSoTimeout(connectMillis);
                secure.startHandshake();
                connection.done();
            }
            return connection;
        } catch (IOException e) {
            abandon(channel, connection, guard);
            throw failure(endpoint, address, connectMillis, connection, e);
        }
    }

    private static void abandon(@Nullable SocketChannel channel, @Nullable Connection connection, Guard guard) {
        if (connection != null) {
            guard.remove(connection);
            connection.abort();
        } else if (channel != null) {
            closeQuietly(channel);
        }
    }

    private static Trouble failure(
            Endpoint endpoint, InetAddress address, int millis, @Nullable Connection connection, IOException e) {
        String where = endpoint.host() + " (" + address.getHostAddress() + ") port " + endpoint.port();
        if (e instanceof SocketTimeoutException || (connection != null && connection.due.get() == ENDED)) {
            return new Trouble(
                    Kind.UNREACHABLE, "no connection to " + where + " within " + millis + " ms (connect.millis)", e);
        }
        return e instanceof SSLException
                ? new Trouble(Kind.TLS, "no TLS connection to " + where + ": " + e.getMessage(), e)
                : new Trouble(Kind.UNREACHABLE, "no connection to " + where + ": " + e.getMessage(), e);
    }

    /** {@return what ends the exchange on this connection from another thread} */
    Runnable aborter() {
        return abort;
    }

    /** {@return true if the connection was closed, or bytes came that nobody asked for; costs about a microsecond} */
    boolean isStale() {
        if (System.nanoTime() - idleSince > idleNanos || reader.hasLeftOver()) {
            return true;
        }
        try {
            channel.configureBlocking(false);
            try {
                return channel.read(peeked.clear()) != 0;
            } finally {
                channel.configureBlocking(true);
            }
        } catch (IOException e) {
            return true; // closed meanwhile
        }
    }

    /**
     * Sends and reads.
     *
     * @param head the first line and the headers but for the lengths
     * @return true if the connection can be used again
     */
    boolean exchange(String head, Request request, Answer answer, long dueNanos) throws IOException {
        idle = false;
        taken = false;
        if (!due.compareAndSet(NOT_DUE, sinceMade(dueNanos))) {
            throw new Trouble(Kind.STALE, "the connection was not used for long and is closed");
        }
        filled = 0;
        text(head);
        if (request.jsonLength() != Request.NO_JSON_PART) {
            text("Inference-Header-Content-Length: ");
            number(request.jsonLength());
            text("\r\n");
        }
        if (!request.body().isEmpty()) {
            text("Content-Length: ");
            number(request.bodyLength());
            text("\r\n");
        }
        text("\r\n");
        body(request.body());
        boolean again = reader.read(answer);
        return done() && again;
    }

    /** {@return what happened, as far as the caller can act on it} */
    Trouble explain(IOException e, boolean reused) {
        if (e instanceof Trouble known) {
            return known;
        }
        if (e instanceof SocketTimeoutException || due.get() == ENDED) {
            return new Trouble(Kind.TIMEOUT, "the server did not answer in time", e);
        }
        if (reused && !taken) {
            return new Trouble(Kind.STALE, "the server had closed the connection", e);
        }
        return new Trouble(
                Kind.BROKEN,
                reader.hasBegun()
                        ? "the connection broke within the answer: " + e.getMessage()
                        : "the connection broke after the request was sent: " + e.getMessage(),
                e);
    }

    /** Called by the guard. */
    void endIfDue(long now) {
        long at = due.get();
        if (at == NOT_DUE) {
            if (idle && now - idleSince > idleNanos && due.compareAndSet(at, ENDED)) {
                abort();
            }
        } else if (at != ENDED && now - madeNanos >= at && due.compareAndSet(at, ENDED)) {
            abort();
        }
    }

    /** Says that the connection waits for its next use. */
    void rest() {
        idleSince = System.nanoTime();
        idle = true;
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Closes at once, from any thread: the TCP connection itself, as a farewell over TLS could wait for the peer. */
    void abort() {
        closeQuietly(channel);
    }

    private long sinceMade(long nanoTime) {
        return Math.max(0, nanoTime - madeNanos);
    }

    private boolean done() {
        return due.getAndSet(NOT_DUE) != ENDED;
    }

    private void text(String ascii) throws IOException {
        for (int i = 0; i < ascii.length(); i++) {
            put((byte) ascii.charAt(i));
        }
    }

    private void number(long value) throws IOException {
        if (value >= 10) {
            number(value / 10);
        }
        put((byte) ('0' + value % 10));
    }

    private void body(List<ByteBuffer> body) throws IOException {
        for (int p = 0; p < body.size(); p++) {
            ByteBuffer part = body.get(p);
            int sent = 0;
            while (sent < part.limit()) {
                if (filled == CHUNK_BYTES) {
                    flush();
                }
                int length = Math.min(CHUNK_BYTES - filled, part.limit() - sent);
                part.get(sent, chunk, filled, length);
                filled += length;
                sent += length;
            }
        }
        flush();
    }

    private void put(byte value) throws IOException {
        if (filled == CHUNK_BYTES) {
            flush();
        }
        chunk[filled++] = value;
    }

    private void flush() throws IOException {
        out.write(chunk, 0, filled);
        out.flush();
        taken = true;
        filled = 0;
    }

    private int readSome(byte[] into, int offset, int length) throws IOException {
        long left = due.get() - (System.nanoTime() - madeNanos);
        if (left <= 0) {
            throw new SocketTimeoutException("the time is over");
        }
        socket.setSoTimeout((int) Math.min(Integer.MAX_VALUE, left / 1_000_000 + 1));
        return in.read(into, offset, length);
    }

    private static void closeQuietly(SocketChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.debug("a connection was not closed cleanly", e);
        }
    }
}
