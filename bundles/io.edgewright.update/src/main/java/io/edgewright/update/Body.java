// SPDX-License-Identifier: Apache-2.0
package io.edgewright.update;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Flow;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** The body of an answer, piece by piece; waiting for a piece has a limit, which the JDK's own stream has not. */
final class Body implements Flow.Subscriber<List<ByteBuffer>>, AutoCloseable {

    private record Piece(List<ByteBuffer> data, Optional<Throwable> failure, boolean last) {}

    private final BlockingQueue<Piece> pieces = new LinkedBlockingQueue<>(); // at most two: one asked for, and the end
    private final Duration stall;
    private volatile Flow.@Nullable Subscription subscription;

    Body(Duration stall) {
        this.stall = stall;
    }

    /**
     * {@return the next bytes; empty at the end}
     *
     * @throws IOException if nothing came for too long, or the connection broke
     * @throws InterruptedException if the thread was interrupted
     */
    List<ByteBuffer> next() throws IOException, InterruptedException {
        Piece piece = pieces.poll(stall.toMillis(), TimeUnit.MILLISECONDS);
        if (piece == null) {
            throw new IOException("nothing came for " + stall);
        }
        if (piece.failure().isPresent()) {
            throw new IOException(
                    piece.failure().get().getMessage(), piece.failure().get());
        }
        Flow.Subscription source = subscription;
        if (!piece.last() && source != null) {
            source.request(1);
        }
        return piece.data();
    }

    @Override
    public void onSubscribe(Flow.Subscription source) {
        subscription = source;
        source.request(1);
    }

    @Override
    public void onNext(List<ByteBuffer> data) {
        pieces.add(new Piece(data, Optional.empty(), false));
    }

    @Override
    public void onError(Throwable failure) {
        pieces.add(new Piece(List.of(), Optional.of(failure), true));
    }

    @Override
    public void onComplete() {
        pieces.add(new Piece(List.of(), Optional.empty(), true));
    }

    /** Breaks the connection if the end has not come. */
    @Override
    public void close() {
        Flow.Subscription source = subscription;
        if (source != null) {
            source.cancel();
        }
    }
}
