// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/**
 * A place in the shop, or a direction, in metres.
 *
 * @param x to the right
 * @param y away from the camera
 * @param z up from the floor
 */
record Point(double x, double y, double z) {

    Point plus(Point other) {
        return new Point(x + other.x, y + other.y, z + other.z);
    }

    Point minus(Point other) {
        return new Point(x - other.x, y - other.y, z - other.z);
    }

    Point times(double factor) {
        return new Point(x * factor, y * factor, z * factor);
    }

    double dot(Point other) {
        return x * other.x + y * other.y + z * other.z;
    }

    Point cross(Point other) {
        return new Point(y * other.z - z * other.y, z * other.x - x * other.z, x * other.y - y * other.x);
    }

    double length() {
        return Math.sqrt(dot(this));
    }

    Point unit() {
        return times(1 / length());
    }

    /** {@return the distance on the floor plan} */
    double walk(Point other) {
        double dx = x - other.x;
        double dy = y - other.y;
        return Math.sqrt(dx * dx + dy * dy);
    }
}
