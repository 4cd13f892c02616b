// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.nio.ByteBuffer;

/** A shop that runs by the clock while someone looks, and rests while nobody does. Thread-safe. */
final class LiveShop {

    private static final long REST_SECONDS = 3;

    private final Shop shop;
    private final long fps;
    private final long nanosPerFrame;
    private long epoch;

    LiveShop(Shop shop, int fps) {
        this.shop = shop;
        this.fps = fps;
        this.nanosPerFrame = 1_000_000_000L / fps;
        this.epoch = System.nanoTime();
    }

    /** {@return the number of the frame that is due, 0 or more} */
    synchronized long due(long nanoTime) {
        long frame = Math.max(0, (nanoTime - epoch) / nanosPerFrame);
        if (frame > shop.frame() + REST_SECONDS * fps) {
            epoch = nanoTime - (shop.frame() + 1) * nanosPerFrame;
            return shop.frame() + 1;
        }
        return frame;
    }

    /** {@return how long it is until this frame is due} */
    synchronized long nanosUntil(long frame, long nanoTime) {
        return epoch + frame * nanosPerFrame - nanoTime;
    }

    /** Draws this frame, or the newest if that is newer already, and {@return its number} */
    synchronized long draw(long frame, ByteBuffer bgr) {
        shop.advanceTo(frame);
        shop.draw(bgr);
        return shop.frame();
    }
}
