// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import org.jspecify.annotations.Nullable;

/** Finds what a ray of the camera meets first, and its colour in the light of the shop. */
final class Tracer {

    private static final double HIGH_WALL = 3.4;
    private static final double DOOR_HEIGHT = 2.2;
    private static final double WINDOW_LEFT = 7.1;
    private static final double WINDOW_RIGHT = 9.3;

    private final Scene scene;
    private final Textures textures;

    Tracer(Scene scene) {
        this.scene = scene;
        this.textures = new Textures(scene);
    }

    /**
     * What a ray met.
     *
     * @param colour lit
     * @param depth along the optical axis, in metres
     * @param daylight 0..1
     */
    record Hit(int colour, double depth, double daylight) {}

    /** {@return what is seen} */
    Hit trace(Point eye, Point ray) {
        Hit best = room(eye, ray);
        for (Block block : scene.blocks) {
            Hit hit = meet(block, eye, ray, best.depth());
            best = hit == null ? best : hit;
        }
        return best;
    }

    private Hit room(Point eye, Point ray) {
        double wall = ray.y() > 0 ? (Scene.DEPTH - eye.y()) / ray.y() : Double.MAX_VALUE;
        double left = ray.x() < 0 ? (0 - eye.x()) / ray.x() : Double.MAX_VALUE;
        double right = ray.x() > 0 ? (Scene.WIDTH - eye.x()) / ray.x() : Double.MAX_VALUE;
        double floor = ray.z() < 0 ? -eye.z() / ray.z() : Double.MAX_VALUE;
        double side = Math.min(left, right);
        if (floor <= wall && floor <= side) {
            return floor(eye.plus(ray.times(floor)), floor);
        }
        if (side <= wall) {
            return side(eye.plus(ray.times(side)), side);
        }
        Point at = eye.plus(ray.times(wall));
        boolean door = at.x() > scene.doorLeft && at.x() < scene.doorRight && at.z() < DOOR_HEIGHT;
        boolean window = at.x() > WINDOW_LEFT && at.x() < WINDOW_RIGHT && at.z() > 0.9 && at.z() < 2.3;
        if (door) {
            return frame(at) ? new Hit(0x50555a, wall, 0.3) : outside(eye, ray);
        }
        if (window) {
            boolean bar = Math.abs(at.x() - 8.2) < 0.04 || at.x() < WINDOW_LEFT + 0.06 || at.x() > WINDOW_RIGHT - 0.06;
            return bar ? new Hit(0x585c60, wall, 0.3) : outside(eye, ray);
        }
        double shade = 0.8 * (1 - 0.3 * Math.exp(-at.z() / 0.25)) * (1 - 0.25 * Math.exp(-(HIGH_WALL - at.z()) / 0.5));
        return new Hit(lit(textures.wall(at.x(), at.z()), shade), wall, 0.12);
    }

    private boolean frame(Point at) {
        return at.x() < scene.doorLeft + 0.07 || at.x() > scene.doorRight - 0.07 || at.z() > DOOR_HEIGHT - 0.07;
    }

    /** The street: pavement, road, the houses on the other side, sky. */
    private Hit outside(Point eye, Point ray) {
        double floor = ray.z() < 0 ? -eye.z() / ray.z() : Double.MAX_VALUE;
        double houses = (Scene.DEPTH + 9 - eye.y()) / ray.y();
        if (floor < houses) {
            Point at = eye.plus(ray.times(floor));
            int stone = at.y() > Scene.DEPTH + 3.2 ? 0x77797c : textures.pavement(at.x(), at.y());
            return new Hit(Colour.scale(stone, 1.06), floor, 0.9);
        }
        Point at = eye.plus(ray.times(houses));
        return new Hit(Colour.mix(0xb8a898, 0xdfe6ee, Math.min(1, Math.max(0, at.z() / 5))), houses, 0.9);
    }

    private Hit floor(Point at, double distance) {
        double near = 10;
        for (Block block : scene.blocks) {
            if (block.low().z() == 0) {
                near = Math.min(near, block.distance(at.x(), at.y()));
            }
        }
        near = Math.min(near, Math.min(at.x(), Math.min(Scene.WIDTH - at.x(), Scene.DEPTH - at.y() + 0.1)));
        double occlusion = 1 - 0.4 * Math.exp(-near / 0.16) - 0.12 * Math.exp(-near / 0.6);
        double lamps = 0.82
                + 0.13 * lamp(at.x(), at.y(), 1.4)
                + 0.13 * lamp(at.x(), at.y(), 4.0)
                + 0.13 * lamp(at.x(), at.y(), 6.5)
                + 0.1 * lamp(at.x(), at.y(), 9.0);
        double day = Math.max(patch(at, scene.doorLeft, scene.doorRight), patch(at, WINDOW_LEFT, WINDOW_RIGHT));
        return new Hit(lit(textures.floor(at.x(), at.y()), occlusion * lamps), distance, 0.08 + 0.6 * day);
    }

    private static double lamp(double x, double y, double at) {
        double d = (x - at) * (x - at) / 1.4 + (y - 4.4) * (y - 4.4) / 7;
        return Math.exp(-d);
    }

    /** The light that falls through an opening of the back wall, slanting to the left. */
    private static double patch(Point at, double left, double right) {
        double in = Scene.DEPTH - at.y();
        double shift = at.x() + 0.45 * in;
        double inside = Math.min(shift - left, right - shift);
        return Math.max(0, Math.min(1, inside / 0.25 + 0.5)) * Math.exp(-in / 1.7);
    }

    private Hit side(Point at, double distance) {
        double shade = (at.x() < 1 ? 0.74 : 0.68) * (1 - 0.3 * Math.exp(-at.z() / 0.25));
        return new Hit(lit(textures.wall(at.y(), at.z()), shade), distance, 0.1);
    }

    private int lit(int colour, double shade) {
        double light = shade * scene.brightness;
        return Colour.rgb(
                (colour >> 16 & 255) * light * (1 + scene.warmth),
                (colour >> 8 & 255) * light,
                (colour & 255) * light * (1 - scene.warmth));
    }

    private @Nullable Hit meet(Block block, Point eye, Point ray, double limit) {
        double in = 0;
        int axis = -1;
        double out = limit;
        for (int i = 0; i < 3; i++) {
            double origin = axis(eye, i);
            double slope = axis(ray, i);
            double a = (axis(block.low(), i) - origin) / slope;
            double b = (axis(block.high(), i) - origin) / slope;
            if (Math.min(a, b) > in) {
                in = Math.min(a, b);
                axis = i;
            }
            out = Math.min(out, Math.max(a, b));
        }
        if (axis < 0 || in >= out) {
            return null;
        }
        Point at = eye.plus(ray.times(in));
        double shade = axis == 2 ? 1.0 : axis == 1 ? 0.86 : ray.x() > 0 ? 0.7 : 0.78;
        double foot = 1 - 0.25 * Math.exp(-(at.z() - block.low().z()) / 0.12);
        boolean glows = block.material() == Block.Material.SCREEN || block.material() == Block.Material.COOLER;
        int colour = textures.block(block, at, axis);
        return new Hit(lit(colour, glows && axis == 1 ? 1 : shade * (axis == 2 ? 1 : foot)), in, 0.1);
    }

    private static double axis(Point p, int i) {
        return i == 0 ? p.x() : i == 1 ? p.y() : p.z();
    }
}
