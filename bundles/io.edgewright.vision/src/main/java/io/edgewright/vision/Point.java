// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * A place in a picture in fractions of its size, so that it stays right when the camera's resolution changes.
 *
 * @param x 0 at the left edge, 1 at the right one
 * @param y 0 at the top edge, 1 at the bottom one
 */
public record Point(double x, double y) {

    /**
     * {@return the distance to another point, in fractions of the picture}
     *
     * @param other any point
     */
    public double distance(Point other) {
        return Math.hypot(x - other.x, y - other.y);
    }
}
