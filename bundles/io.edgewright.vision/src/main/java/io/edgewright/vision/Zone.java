// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.List;

/**
 * A part of the picture, bounded by straight lines.
 *
 * @param name letters, digits, {@code . _ -}
 * @param corners at least three, in order; no need to repeat the first
 */
public record Zone(String name, List<Point> corners) {

    private static final double LEAST_AREA = 1e-4;

    /** Checks and copies. */
    public Zone {
        corners = List.copyOf(corners);
        if (corners.size() < 3) {
            throw new IllegalArgumentException(
                    "zone '%s' has %d corners, expected 3 or more".formatted(name, corners.size()));
        }
        if (area(corners) < LEAST_AREA) {
            throw new IllegalArgumentException(
                    "zone '%s' is empty: its corners %s enclose nothing".formatted(name, corners));
        }
    }

    /**
     * {@return a zone}
     *
     * @param text {@code name: x,y x,y x,y ...} in fractions of the picture
     * @throws IllegalArgumentException if it is malformed; the message shows what
     */
    public static Zone parse(String text) {
        ShapeText shape = ShapeText.parse("zone", text);
        return new Zone(shape.name(), shape.points());
    }

    /**
     * {@return true if the point is inside (even-odd rule; on the border either may be)}
     *
     * @param point any point
     */
    public boolean contains(Point point) {
        boolean inside = false;
        for (int i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
            Point a = corners.get(i);
            Point b = corners.get(j);
            boolean spans = (a.y() > point.y()) != (b.y() > point.y());
            if (spans && point.x() < (b.x() - a.x()) * (point.y() - a.y()) / (b.y() - a.y()) + a.x()) {
                inside = !inside;
            }
        }
        return inside;
    }

    private static double area(List<Point> corners) {
        double twice = 0;
        for (int i = 0, j = corners.size() - 1; i < corners.size(); j = i++) {
            twice += corners.get(j).x() * corners.get(i).y()
                    - corners.get(i).x() * corners.get(j).y();
        }
        return Math.abs(twice) / 2;
    }
}
