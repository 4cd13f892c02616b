// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;

/** Every frame from the first, drawn when asked for. */
final class FastStream implements FrameStream {

    private final ShopSettings settings;
    private final Shop shop;
    private final Runnable onClose;
    private final ByteBuffer bgr;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile long last = -1;

    FastStream(ShopSettings settings, Shop shop, Runnable onClose) {
        this.settings = settings;
        this.shop = shop;
        this.onClose = onClose;
        this.bgr = ByteBuffer.allocateDirect(settings.width() * settings.height() * 3);
    }

    @Override
    public Optional<Frame> next(Duration wait) throws InterruptedException {
        if (Thread.interrupted()) {
            throw new InterruptedException("interrupted while frames are drawn");
        }
        if (ended()) {
            return Optional.empty();
        }
        shop.advanceTo(last + 1);
        shop.draw(bgr);
        last++;
        Duration position = Duration.ofNanos(last * 1_000_000_000L / settings.fps());
        return Optional.of(new Frame(last, Instant.now(), position, settings.width(), settings.height(), bgr));
    }

    @Override
    public boolean ended() {
        return closed.get() || settings.frames() > 0 && last >= settings.frames() - 1;
    }

    @Override
    public long dropped() {
        return 0;
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            onClose.run();
        }
    }
}
