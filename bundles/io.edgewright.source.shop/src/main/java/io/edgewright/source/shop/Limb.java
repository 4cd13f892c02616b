// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/**
 * A part of a figure: the hull of two balls.
 *
 * @param a the first ball's centre
 * @param radiusA its radius in metres
 * @param b the second ball's centre
 * @param radiusB its radius
 * @param colour in even light
 * @param pattern of the cloth
 * @param second the pattern's other colour
 * @param body whether it belongs to the person, as a bag does not
 */
record Limb(
        Point a,
        double radiusA,
        Point b,
        double radiusB,
        int colour,
        Canvas.Pattern pattern,
        int second,
        boolean body) {

    static Limb plain(Point a, double radiusA, Point b, double radiusB, int colour) {
        return new Limb(a, radiusA, b, radiusB, colour, Canvas.Pattern.PLAIN, colour, true);
    }

    static Limb thing(Point a, double radiusA, Point b, double radiusB, int colour) {
        return new Limb(a, radiusA, b, radiusB, colour, Canvas.Pattern.PLAIN, colour, false);
    }

    Point middle() {
        return a.plus(b).times(0.5);
    }

    /** {@return the colour at a share of the length and a place across, -1..1} */
    int colourAt(double along, double across) {
        return switch (pattern) {
            case PLAIN -> colour;
            case STRIPES -> ((int) (along * 9) & 1) == 0 ? colour : second;
            case CHECKS -> ((int) (along * 7) + (int) (across * 3 + 8) & 1) == 0 ? colour : second;
        };
    }
}
