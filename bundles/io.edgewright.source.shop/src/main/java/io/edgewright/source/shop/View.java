// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/** A pinhole camera: turns places into pixels and pixels into rays. */
final class View {

    final int width;
    final int height;
    final Point eye;
    private final Point right;
    private final Point up;
    private final Point forward;
    private final double focal;

    /**
     * @param width of the picture
     * @param height of the picture
     * @param eye where the camera hangs
     * @param target what it looks at
     * @param focalLength in picture widths
     */
    View(int width, int height, Point eye, Point target, double focalLength) {
        this.width = width;
        this.height = height;
        this.eye = eye;
        this.focal = focalLength * width;
        this.forward = target.minus(eye).unit();
        this.right = forward.cross(new Point(0, 0, 1)).unit();
        this.up = right.cross(forward);
    }

    /** {@return the distance along the optical axis} */
    double depth(Point p) {
        return p.minus(eye).dot(forward);
    }

    double u(Point p, double depth) {
        return width * 0.5 + focal * p.minus(eye).dot(right) / depth;
    }

    double v(Point p, double depth) {
        return height * 0.5 - focal * p.minus(eye).dot(up) / depth;
    }

    /** {@return how many pixels a metre takes at this depth} */
    double scale(double depth) {
        return focal / depth;
    }

    /** {@return the direction of a pixel; one unit of it is one metre of depth} */
    Point ray(double u, double v) {
        return forward.plus(right.times((u - width * 0.5) / focal)).plus(up.times((height * 0.5 - v) / focal));
    }

    /** {@return the cosine of the angle between the way to the camera, on the floor plan, and this heading} */
    double facing(Point at, double headingX, double headingY) {
        double dx = eye.x() - at.x();
        double dy = eye.y() - at.y();
        return (dx * headingX + dy * headingY) / Math.sqrt(dx * dx + dy * dy);
    }
}
