// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Sees who crosses a line. A track has changed sides only once it is clear of the line by a margin, so that trembling on
 * the line counts once or not at all. One thread at a time.
 */
public final class LineWatch {

    private final Line line;
    private final double margin;
    private final Map<Long, Point> clear = new HashMap<>(); // by track: its last place clear of the line

    /**
     * @param line the line
     * @param margin in fractions of the picture, such as 0.015
     */
    public LineWatch(Line line, double margin) {
        if (!(margin >= 0 && margin < 0.5)) {
            throw new IllegalArgumentException("margin is " + margin + ", expected 0 to 0.5");
        }
        this.line = line;
        this.margin = margin;
    }

    /** {@return the line} */
    public Line line() {
        return line;
    }

    /**
     * {@return which way a track has just crossed the line, if it has}
     *
     * @param track its id
     * @param place where it is now, usually {@link Box#foot}
     */
    public Optional<Line.Crossing> move(long track, Point place) {
        double distance = line.distance(place);
        if (Math.abs(distance) < margin) {
            return Optional.empty();
        }
        Point before = clear.put(track, place);
        if (before == null || line.distance(before) > 0 == distance > 0 || !line.isBetween(before, place)) {
            return Optional.empty();
        }
        return Optional.of(distance > 0 ? Line.Crossing.IN : Line.Crossing.OUT);
    }

    /**
     * Forgets all other tracks.
     *
     * @param tracks the ids of those that still exist
     */
    public void keep(Set<Long> tracks) {
        clear.keySet().retainAll(tracks);
    }
}
