// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.List;

/**
 * A line to be crossed. Seen from its first point towards its second, {@link Crossing#IN} goes from the left side to the
 * right one: over a line drawn from left to right, downwards in the picture.
 *
 * @param name letters, digits, {@code . _ -}
 * @param from the first point
 * @param to the second point
 */
public record Line(String name, Point from, Point to) {

    private static final double LEAST_LENGTH = 0.01;

    /** Checks. */
    public Line {
        if (from.distance(to) < LEAST_LENGTH) {
            throw new IllegalArgumentException(
                    "line '%s' from %s to %s is a point, expected two points apart".formatted(name, from, to));
        }
    }

    /** Which way. */
    public enum Crossing {
        /** From the left side of the line to the right one. */
        IN,
        /** From the right side of the line to the left one. */
        OUT
    }

    /**
     * {@return a line}
     *
     * @param text {@code name: x,y x,y} in fractions of the picture
     * @throws IllegalArgumentException if it is malformed; the message shows what
     */
    public static Line parse(String text) {
        ShapeText shape = ShapeText.parse("line", text);
        if (shape.points().size() != 2) {
            throw new IllegalArgumentException("line '%s' has %d points, expected 2"
                    .formatted(text, shape.points().size()));
        }
        return new Line(shape.name(), shape.points().get(0), shape.points().get(1));
    }

    /** {@return both points} */
    public List<Point> points() {
        return List.of(from, to);
    }

    /**
     * {@return the distance from the line prolonged to both sides: positive on the right, negative on the left}
     *
     * @param point any point
     */
    public double distance(Point point) {
        return cross(from, to, point) / from.distance(to);
    }

    /**
     * {@return true if the straight way between two points meets the line}
     *
     * @param a the one
     * @param b the other
     */
    public boolean isBetween(Point a, Point b) {
        return cross(from, to, a) * cross(from, to, b) <= 0 && cross(a, b, from) * cross(a, b, to) <= 0;
    }

    private static double cross(Point a, Point b, Point c) {
        return (b.x() - a.x()) * (c.y() - a.y()) - (b.y() - a.y()) * (c.x() - a.x());
    }
}
