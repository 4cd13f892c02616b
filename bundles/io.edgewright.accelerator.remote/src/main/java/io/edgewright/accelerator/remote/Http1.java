// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.concurrent.ConcurrentLinkedDeque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/1.1 over kept connections, on the caller's own thread. The JDK's client hands every request to other threads: a
 * request of 1 KB took it 15 times as long as this takes (see docs/drivers.md).
 */
final class Http1 implements Transport {

    private static final int MAX_ADDRESSES = 4;

    private final RemoteSettings settings;
    private final @Nullable Tls tls;
    private final Guard guard;
    private final Gate gate;
    private final ConcurrentLinkedDeque<Connection> idle = new ConcurrentLinkedDeque<>();
    private volatile InetAddress[] addresses = {};
    private volatile boolean closed;

    Http1(RemoteSettings settings, @Nullable Tls tls) {
        this.settings = settings;
        this.tls = tls;
        this.gate = new Gate(settings.connections());
        this.guard = new Guard(settings.driver());
        guard.start();
    }

    @Override
    public String protocol() {
        return "HTTP/1.1";
    }

    /** Looks the host's addresses up; the system's resolver cannot be hurried, so no run waits for it but the first. */
    void resolve() throws Trouble {
        try {
            addresses = InetAddress.getAllByName(settings.endpoint().host());
        } catch (UnknownHostException e) {
            throw new Trouble(
                    Kind.UNREACHABLE,
                    "the name " + settings.endpoint().host() + " is unknown here; check url and the gateway's DNS",
                    e);
        }
    }

    @Override
    public void exchange(Request request, Answer answer, long dueNanos, Cut cut) throws Trouble {
        boolean interrupted = Thread.interrupted(); // a device does not know of interrupts
        try {
            gate.enter(dueNanos);
            try {
                attempt(request, answer, dueNanos, cut);
            } finally {
                gate.leave();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void attempt(Request request, Answer answer, long dueNanos, Cut cut) throws Trouble {
        boolean mayRepeat = settings.repeats() || request.method().equals("GET");
        boolean repeated = false;
        while (true) {
            Connection kept = kept();
            Connection connection = kept == null ? connect(dueNanos, cut) : kept;
            try {
                once(connection, kept != null, request, answer, dueNanos, cut);
                return;
            } catch (Trouble e) {
                boolean lost = e.kind() == Kind.BROKEN && kept != null && mayRepeat && !repeated;
                if ((e.kind() != Kind.STALE && !lost) || cut.isCancelled() || closed) {
                    throw e;
                }
                repeated |= lost;
            }
        }
    }

    private void once(Connection connection, boolean reused, Request request, Answer answer, long dueNanos, Cut cut)
            throws Trouble {
        boolean again = false;
        try {
            cut.endBy(connection.aborter());
            again = connection.exchange(request.head(this::head), request, answer, dueNanos);
        } catch (IOException e) {
            throw closed
                    ? new Trouble(Kind.CLOSED, "the driver was stopped", e)
                    : wasCutOff(cut)
                            ? new Trouble(Kind.CANCELLED, "the run was cut off", e)
                            : connection.explain(e, reused);
        } finally {
            cut.release();
            if (again && !closed) {
                connection.rest();
                idle.push(connection);
            } else {
                drop(connection);
            }
        }
    }

    private @Nullable Connection kept() {
        while (true) {
            Connection connection = idle.poll();
            if (connection == null || !connection.isStale()) {
                return connection;
            }
            drop(connection);
        }
    }

    private Connection connect(long dueNanos, Cut cut) throws Trouble {
        if (closed) {
            throw new Trouble(Kind.CLOSED, "the driver was stopped");
        }
        if (addresses.length == 0) {
            resolve();
        }
        InetAddress[] known = addresses;
        Trouble last = null;
        for (int i = 0; i < Math.min(known.length, MAX_ADDRESSES); i++) {
            long left = TimeUnit.NANOSECONDS.toMillis(dueNanos - System.nanoTime());
            if (left <= 0) {
                break;
            }
            try {
                int millis = (int) Math.min(left, settings.connectMillis());
                return Connection.open(settings, known[i], tls, millis, guard, cut);
            } catch (Trouble e) {
                if (wasCutOff(cut)) {
                    throw new Trouble(Kind.CANCELLED, "the run was cut off", e);
                }
                last = e; // nothing was sent: the next address may do
            }
        }
        throw last == null ? new Trouble(Kind.TIMEOUT, "no time was left to connect") : last;
    }

    private static boolean wasCutOff(Cut cut) {
        return cut.isCancelled() || Thread.currentThread().isInterrupted();
    }

    private void drop(Connection connection) {
        guard.remove(connection);
        connection.abort();
    }

    private String head(Request request) {
        var head = new StringBuilder()
                .append(request)
                .append(" HTTP/1.1\r\nHost: ")
                .append(settings.endpoint().authority())
                .append("\r\n");
        settings.headers()
                .forEach((name, value) ->
                        head.append(name).append(": ").append(value).append("\r\n"));
        if (!request.contentType().isEmpty()) {
            head.append("Content-Type: ").append(request.contentType()).append("\r\n");
        }
        return head.toString();
    }

    @Override
    public void close() {
        closed = true;
        guard.close();
        idle.clear();
    }
}
