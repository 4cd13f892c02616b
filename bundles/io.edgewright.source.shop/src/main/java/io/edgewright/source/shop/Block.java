// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/**
 * A piece of furniture: a box along the axes.
 *
 * @param low the corner with the smallest coordinates
 * @param high the corner with the largest
 * @param material what its faces look like
 * @param seed chooses the goods and shades
 */
record Block(Point low, Point high, Material material, long seed) {

    /** What a face looks like. */
    enum Material {
        /** Shelf boards full of goods. */
        GOODS,
        /** A refrigerator with a glass door and light inside. */
        COOLER,
        WOOD,
        METAL,
        SCREEN,
        PLANT,
        CARTON
    }

    static Block of(double x0, double y0, double x1, double y1, double height, Material material, long seed) {
        return new Block(new Point(x0, y0, 0), new Point(x1, y1, height), material, seed);
    }

    /** {@return the same box lifted} */
    Block raised(double by) {
        return new Block(low.plus(new Point(0, 0, by)), high.plus(new Point(0, 0, by)), material, seed);
    }

    /** {@return the distance on the floor plan, 0 within} */
    double distance(double x, double y) {
        double dx = Math.max(0, Math.max(low.x() - x, x - high.x()));
        double dy = Math.max(0, Math.max(low.y() - y, y - high.y()));
        return Math.sqrt(dx * dx + dy * dy);
    }
}
