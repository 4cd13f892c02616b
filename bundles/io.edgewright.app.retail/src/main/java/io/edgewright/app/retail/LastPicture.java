// SPDX-License-Identifier: Apache-2.0
package io.edgewright.app.retail;

import io.edgewright.api.source.Frame;
import io.edgewright.vision.Blur;
import io.edgewright.vision.Box;
import io.edgewright.vision.Jpeg;
import io.edgewright.vision.Overlay;
import io.edgewright.vision.Picture;
import io.edgewright.vision.Track;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** The picture for the status page, in memory only. It is blurred before anyone can ask for it. Thread-safe. */
final class LastPicture {

    private static final int QUALITY = 80;

    private final ReentrantLock lock = new ReentrantLock();
    private @Nullable Picture picture;
    private boolean present;

    /**
     * Keeps a frame, unless the one before is just being sent.
     *
     * @param frame is copied
     * @param blurred the regions of people and faces
     * @param tracks drawn as boxes
     * @param settings zones and lines to draw
     * @param totals the numbers beside them
     */
    void keep(Frame frame, List<Box> blurred, List<Track> tracks, RetailSettings settings, Totals totals) {
        if (!lock.tryLock()) {
            return;
        }
        try {
            Picture kept = picture;
            if (kept == null || kept.width() != frame.width() || kept.height() != frame.height()) {
                kept = Picture.blank(frame.width(), frame.height());
                picture = kept;
            }
            kept.bgr().put(0, frame.bgr(), 0, frame.bgr().limit());
            Blur.apply(kept, blurred);
            draw(new Overlay(kept), tracks, settings, totals);
            present = true;
        } finally {
            lock.unlock();
        }
    }

    private static void draw(Overlay overlay, List<Track> tracks, RetailSettings settings, Totals totals) {
        overlay.color(0xffb000);
        settings.zones().forEach(zone -> overlay.path(zone.corners(), true));
        settings.lines().forEach(line -> {
            Totals.Crossings crossings = totals.crossings(line.name());
            overlay.path(line.points(), false);
            Box at = new Box(
                    (float) line.from().x(),
                    (float) line.from().y(),
                    (float) line.from().x(),
                    (float) line.from().y());
            overlay.box(at, "%s in %d out %d".formatted(line.name(), crossings.in(), crossings.out()));
        });
        overlay.color(0x00a040);
        tracks.stream()
                .filter(t -> t.confirmed() && t.seen())
                .forEach(t -> overlay.box(t.box(), "%s %d".formatted(t.label(), t.id())));
    }

    /** Forgets the picture. */
    void clear() {
        lock.lock();
        try {
            picture = null;
            present = false;
        } finally {
            lock.unlock();
        }
    }

    /** {@return the picture as JPEG, if there is one} */
    Optional<byte[]> jpeg() {
        lock.lock();
        try {
            return Optional.ofNullable(present ? picture : null).map(p -> Jpeg.encode(p, QUALITY));
        } finally {
            lock.unlock();
        }
    }
}
