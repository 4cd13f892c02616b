// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How a source does, for people. Thread-safe. Logs each change once. */
final class CameraStatus {

    private static final Logger LOG = LoggerFactory.getLogger(CameraStatus.class);
    private static final long WINDOW_NANOS = 2_000_000_000L;

    private final CameraSettings settings;
    private boolean playing;
    private boolean ended;
    private @Nullable String problem;
    private long connections;
    private int readers;
    private @Nullable PictureSize size;
    private long windowStart;
    private int windowFrames;
    private double framesPerSecond;
    private int badPackets;

    CameraStatus(CameraSettings settings) {
        this.settings = settings;
    }

    synchronized void readers(int change) {
        readers += change;
        if (readers == 0) {
            playing = false;
            problem = null;
        }
    }

    synchronized void connected() {
        connections++;
        badPackets = 0;
        ended = false;
        windowStart = System.nanoTime();
        windowFrames = 0;
        framesPerSecond = 0;
    }

    synchronized void frame(PictureSize shown, int bad) {
        if (readers == 0) {
            return; // the last one is just leaving
        }
        if (!playing) {
            LOG.info(
                    "Camera '{}' ({}) delivers {} x {}",
                    settings.name(),
                    settings.shown(),
                    shown.width(),
                    shown.height());
        }
        playing = true;
        problem = null;
        size = shown;
        badPackets = bad;
        windowFrames++;
        long now = System.nanoTime();
        if (now - windowStart >= WINDOW_NANOS) {
            framesPerSecond = windowFrames * 1e9 / (now - windowStart);
            windowStart = now;
            windowFrames = 0;
        }
    }

    synchronized void failed(String message) {
        if (!message.equals(problem)) {
            LOG.warn("Camera '{}' ({}): {}", settings.name(), settings.shown(), message);
        }
        playing = false;
        problem = message;
    }

    synchronized void ended() {
        ended = true;
        playing = false;
    }

    /** {@return what is wrong, while someone wants to read} */
    synchronized Optional<String> problem() {
        return Optional.ofNullable(readers > 0 ? problem : null);
    }

    synchronized String text() {
        String where = settings.shown() + ": ";
        String trouble = problem;
        if (trouble != null) {
            return where + trouble + (settings.kind().live() || !ended ? "; trying again" : "");
        }
        PictureSize shown = size;
        if (!playing || shown == null) {
            return where + (ended ? "played to its end" : readers > 0 ? "connecting" : "not read by anyone");
        }
        String rate = framesPerSecond > 0 ? String.format(Locale.ROOT, ", %.1f frames/s", framesPerSecond) : "";
        String again = settings.kind().live() && connections > 1 ? ", reconnected " + times(connections - 1) : "";
        String broken = badPackets > 0 ? ", " + badPackets + " broken packets" : "";
        return where + shown.width() + " x " + shown.height() + rate + again + broken;
    }

    private static String times(long count) {
        return count == 1 ? "once" : count == 2 ? "twice" : count + " times";
    }
}
