// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import io.edgewright.accelerator.remote.Trouble.Kind;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpConnectTimeoutException;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/**
 * HTTP/2 by the JDK's client, which takes HTTP/1.1 where a server does not offer it. Slower than {@link Http1} for one
 * request, as every one goes through other threads; all requests share one connection.
 */
final class Http2 implements Transport {

    private static final int CHUNK_BYTES = 16 * 1024;

    private final RemoteSettings settings;
    private final HttpClient client;
    private final Gate gate;
    private final String url;
    private volatile HttpClient.Version spoken = HttpClient.Version.HTTP_2;
    private final Set<CompletableFuture<?>> running = ConcurrentHashMap.newKeySet();
    private volatile boolean closed;

    Http2(RemoteSettings settings, @Nullable Tls tls) {
        this.settings = settings;
        this.gate = new Gate(settings.connections());
        Endpoint endpoint = settings.endpoint();
        this.url = (endpoint.secure() ? "https://" : "http://") + endpoint.authority();
        HttpClient.Builder builder = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_2)
                .followRedirects(HttpClient.Redirect.NEVER)
                .connectTimeout(Duration.ofMillis(settings.connectMillis()));
        if (tls != null) {
            builder.sslContext(tls.context());
        }
        this.client = builder.build();
    }

    /** {@return true if the last answer came by HTTP/2} */
    boolean isSpoken() {
        return spoken == HttpClient.Version.HTTP_2;
    }

    @Override
    public String protocol() {
        return isSpoken() ? "HTTP/2" : "HTTP/1.1";
    }

    @Override
    public void exchange(Request request, Answer answer, long dueNanos, Cut cut) throws Trouble {
        boolean interrupted = Thread.interrupted(); // a device does not know of interrupts
        try {
            gate.enter(dueNanos);
            try {
                send(request, answer, dueNanos, cut);
            } finally {
                gate.leave();
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void send(Request request, Answer answer, long dueNanos, Cut cut) throws Trouble {
        // of its own: after a cut-off the client's threads may still be writing to it
        var collected = new Answer(answer.limit(200));
        CompletableFuture<HttpResponse<Answer>> future =
                client.sendAsync(build(request), info -> new Collector(info, collected));
        running.add(future);
        try {
            if (closed) {
                throw stopped();
            }
            cut.endBy(() -> future.cancel(true));
            spoken = future.get(Math.max(0, dueNanos - System.nanoTime()), TimeUnit.NANOSECONDS)
                    .version();
            answer.takeFrom(collected);
        } catch (TimeoutException e) {
            throw new Trouble(Kind.TIMEOUT, "the server did not answer in time", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new Trouble(Kind.CANCELLED, "the caller was interrupted", e);
        } catch (CancellationException e) {
            throw closed ? stopped() : new Trouble(Kind.CANCELLED, "the run was cut off", e);
        } catch (ExecutionException e) {
            boolean cancelled = cut.isCancelled();
            throw closed
                    ? stopped()
                    : cancelled ? new Trouble(Kind.CANCELLED, "the run was cut off", e) : trouble(e.getCause());
        } finally {
            cut.release();
            running.remove(future);
            future.cancel(true);
        }
    }

    private Trouble trouble(@Nullable Throwable cause) {
        for (Throwable at = cause; at != null; at = at.getCause()) {
            if (at instanceof Trouble known) {
                return known;
            }
            if (at instanceof HttpConnectTimeoutException || at instanceof ConnectException) {
                String why = at.getMessage() == null ? at.getClass().getSimpleName() : at.getMessage();
                return new Trouble(Kind.UNREACHABLE, "no connection to " + settings.endpoint() + ": " + why, cause);
            }
            if (at instanceof SSLException) {
                return new Trouble(
                        Kind.TLS, "no TLS connection to " + settings.endpoint() + ": " + at.getMessage(), cause);
            }
        }
        String text = cause == null ? "" : String.valueOf(cause.getMessage());
        return cause instanceof IOException
                ? new Trouble(Kind.BROKEN, "the connection broke, or what came is no HTTP: " + text, cause)
                : new Trouble(Kind.PROTOCOL, "the answer could not be read: " + cause, cause);
    }

    private HttpRequest build(Request request) {
        HttpRequest.Builder builder = HttpRequest.newBuilder(URI.create(url + request.path()));
        settings.headers().forEach(builder::header);
        if (!request.contentType().isEmpty()) {
            builder.header("Content-Type", request.contentType());
        }
        if (request.jsonLength() != Request.NO_JSON_PART) {
            builder.header("Inference-Header-Content-Length", Integer.toString(request.jsonLength()));
        }
        return builder.method(request.method(), publisher(request)).build();
    }

    private static BodyPublisher publisher(Request request) {
        long length = request.bodyLength();
        if (length == 0) {
            return BodyPublishers.noBody();
        }
        List<ByteBuffer> parts =
                request.body().stream().map(ByteBuffer::duplicate).toList();
        return BodyPublishers.fromPublisher(BodyPublishers.ofByteArrays(() -> new Chunks(parts)), length);
    }

    /** Ends every run; the client ends its threads by itself when nothing holds it any more. */
    @Override
    public void close() {
        closed = true;
        running.forEach(future -> future.cancel(true));
    }

    private static Trouble stopped() {
        return new Trouble(Kind.CLOSED, "the driver was stopped");
    }

    /** Copies the parts in small pieces. */
    private static final class Chunks implements Iterator<byte[]> {

        private final List<ByteBuffer> parts;
        private int part;
        private int position;

        Chunks(List<ByteBuffer> parts) {
            this.parts = parts;
        }

        @Override
        public boolean hasNext() {
            while (part < parts.size() && position == parts.get(part).limit()) {
                part++;
                position = 0;
            }
            return part < parts.size();
        }

        @Override
        public byte[] next() {
            if (!hasNext()) {
                throw new NoSuchElementException("the body is at its end");
            }
            ByteBuffer from = parts.get(part);
            byte[] piece = new byte[Math.min(CHUNK_BYTES, from.limit() - position)];
            from.get(position, piece);
            position += piece.length;
            return piece;
        }
    }
}
