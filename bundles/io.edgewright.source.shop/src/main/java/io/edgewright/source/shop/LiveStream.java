// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import io.edgewright.api.source.Frame;
import io.edgewright.api.source.FrameStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** Frames by the clock. */
final class LiveStream implements FrameStream {

    private final ShopSettings settings;
    private final LiveShop shop;
    private final Runnable onClose;
    private final ByteBuffer bgr;
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile long dropped;
    private volatile long last = -1;

    LiveStream(ShopSettings settings, LiveShop shop, Runnable onClose) {
        this.settings = settings;
        this.shop = shop;
        this.onClose = onClose;
        this.bgr = ByteBuffer.allocateDirect(settings.width() * settings.height() * 3);
    }

    @Override
    public Optional<Frame> next(Duration wait) throws InterruptedException {
        long deadline = System.nanoTime() + wait.toNanos();
        while (!ended()) {
            long now = System.nanoTime();
            long due = shop.due(now);
            if (due > last) {
                return Optional.of(draw(due));
            }
            long pause = Math.min(deadline - now, shop.nanosUntil(last + 1, now));
            if (deadline - now <= 0 || closed.await(Math.max(1, pause), TimeUnit.NANOSECONDS)) {
                return Optional.empty();
            }
        }
        return Optional.empty();
    }

    private Frame draw(long due) {
        long before = last;
        long wanted = settings.frames() > 0 ? Math.min(due, settings.frames() - 1) : due;
        long drawn = shop.draw(wanted, bgr);
        dropped += before < 0 ? 0 : Math.max(0, drawn - before - 1);
        last = drawn;
        Duration position = Duration.ofNanos(drawn * 1_000_000_000L / settings.fps());
        return new Frame(drawn, Instant.now(), position, settings.width(), settings.height(), bgr);
    }

    @Override
    public boolean ended() {
        return closed.getCount() == 0 || settings.frames() > 0 && last >= settings.frames() - 1;
    }

    @Override
    public long dropped() {
        return dropped;
    }

    @Override
    public void close() {
        if (closed.getCount() > 0) {
            closed.countDown();
            onClose.run();
        }
    }
}
