// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.nio.ByteBuffer;

/** Draws limbs, which are tapered capsules, into a copy of the backdrop; knows whose each pixel is. */
final class Canvas {

    /** How a part of a customer is coloured. */
    enum Pattern {
        PLAIN,
        STRIPES,
        CHECKS
    }

    private final Backdrop backdrop;
    private final View view;
    private final int[] pixels;
    private final int[] owner;
    private final byte[] bytes;
    private int person;
    private double left;
    private double top;
    private double right;
    private double bottom;
    private int painted;

    Canvas(Backdrop backdrop) {
        this.backdrop = backdrop;
        this.view = backdrop.view;
        this.pixels = new int[backdrop.pixels.length];
        this.owner = new int[pixels.length];
        this.bytes = new byte[pixels.length * 3];
    }

    void clear() {
        System.arraycopy(backdrop.pixels, 0, pixels, 0, pixels.length);
        java.util.Arrays.fill(owner, 0);
    }

    /** Starts a person; {@code number} is 1 or more. */
    void begin(int number) {
        person = number;
        left = Double.MAX_VALUE;
        top = Double.MAX_VALUE;
        right = -Double.MAX_VALUE;
        bottom = -Double.MAX_VALUE;
        painted = 0;
    }

    /** {@return the bounds of what was drawn since {@link #begin}, and how many pixels that would be if all were seen} */
    Silhouette end() {
        return new Silhouette(left, top, right, bottom, painted);
    }

    /** The outline of one person: a box in pixels, perhaps beyond the picture, and the count of its pixels within. */
    record Silhouette(double left, double top, double right, double bottom, int pixels) {}

    /** {@return how many pixels each person still has, by number} */
    int[] seen(int people) {
        int[] count = new int[people + 1];
        for (int who : owner) {
            if (who > 0) {
                count[who]++;
            }
        }
        return count;
    }

    /** A soft dark spot on the floor. */
    void shadow(Point at, double radius, double strength) {
        double depth = view.depth(at);
        double u = view.u(at, depth);
        double v = view.v(at, depth);
        double a = radius * view.scale(depth);
        double b = a * Math.max(0.2, Math.min(1, (view.eye.z() - at.z()) / depth));
        int x1 = (int) Math.min(view.width - 1, u + a);
        int y1 = (int) Math.min(view.height - 1, v + b);
        for (int y = (int) Math.max(0, v - b); y <= y1; y++) {
            for (int x = (int) Math.max(0, u - a); x <= x1; x++) {
                double dx = (x + 0.5 - u) / a;
                double dy = (y + 0.5 - v) / b;
                double d = dx * dx + dy * dy;
                int p = y * view.width + x;
                if (d < 1 && backdrop.depth[p] > depth - 0.45) {
                    pixels[p] = Colour.scale(pixels[p], 1 - strength * (1 - d));
                }
            }
        }
    }

    /** Draws a limb with its shading. */
    void limb(Limb limb) {
        double za = view.depth(limb.a());
        double zb = view.depth(limb.b());
        if (za < 0.3 || zb < 0.3) {
            return;
        }
        double ax = view.u(limb.a(), za);
        double ay = view.v(limb.a(), za);
        double bx = view.u(limb.b(), zb);
        double by = view.v(limb.b(), zb);
        double ra = limb.radiusA() * view.scale(za);
        double rb = limb.radiusB() * view.scale(zb);
        if (limb.body()) {
            bound(ax, ay, ra);
            bound(bx, by, rb);
        }
        fill(limb, new double[] {ax, ay, ra, za, bx - ax, by - ay, rb - ra, zb - za});
    }

    private void bound(double x, double y, double r) {
        left = Math.min(left, x - r);
        top = Math.min(top, y - r);
        right = Math.max(right, x + r);
        bottom = Math.max(bottom, y + r);
    }

    private void fill(Limb limb, double[] g) {
        double r = Math.max(g[2], g[2] + g[6]) + 1;
        int x0 = (int) Math.max(0, Math.min(g[0], g[0] + g[4]) - r);
        int x1 = (int) Math.min(view.width - 1, Math.max(g[0], g[0] + g[4]) + r);
        int y0 = (int) Math.max(0, Math.min(g[1], g[1] + g[5]) - r);
        int y1 = (int) Math.min(view.height - 1, Math.max(g[1], g[1] + g[5]) + r);
        double length = g[4] * g[4] + g[5] * g[5];
        double inverse = length < 1e-9 ? 0 : 1 / length;
        for (int y = y0; y <= y1; y++) {
            for (int x = x0; x <= x1; x++) {
                double px = x + 0.5 - g[0];
                double py = y + 0.5 - g[1];
                double t = Math.max(0, Math.min(1, (px * g[4] + py * g[5]) * inverse));
                double dx = px - t * g[4];
                double dy = py - t * g[5];
                double radius = g[2] + t * g[6];
                double square = dx * dx + dy * dy;
                if (square < (radius + 0.5) * (radius + 0.5)) {
                    plot(limb, y * view.width + x, t, dx, dy, radius, Math.sqrt(square), g[3] + t * g[7]);
                }
            }
        }
    }

    private void plot(Limb limb, int p, double t, double dx, double dy, double radius, double distance, double depth) {
        double coverage = Math.min(1, radius + 0.5 - distance);
        boolean hidden = backdrop.depth[p] < depth - 0.12;
        if (coverage > 0.5 && limb.body() && owner[p] != person) {
            painted++;
        }
        if (hidden) {
            return;
        }
        if (coverage > 0.5 && limb.body()) {
            owner[p] = person;
        }
        double q = Math.min(1, distance / Math.max(radius, 0.5));
        double shade = 0.6 + 0.36 * Math.sqrt(1 - q * q) - 0.16 * (dx + 1.2 * dy) / Math.max(radius, 0.5);
        double across = dx / Math.max(radius, 0.5);
        int colour = Colour.scale(limb.colourAt(t, across), shade);
        pixels[p] = coverage >= 1 ? colour : Colour.mix(pixels[p], colour, coverage);
    }

    /**
     * Writes the picture with light, vignette and the camera's noise.
     *
     * @param lamps brightness of the lamps, 256 being full
     * @param sun brightness of the daylight, 0..256
     * @param noise the camera's noise
     * @param seed of the noise
     * @param bgr where to
     */
    void develop(int lamps, int sun, Noise noise, long seed, ByteBuffer bgr) {
        for (int y = 0; y < view.height; y++) {
            int at = noise.start(Hash.of(seed, y));
            for (int x = 0; x < view.width; x++) {
                int p = y * view.width + x;
                int gain = (lamps + ((backdrop.daylight[p] & 255) * sun >> 8)) * backdrop.vignette[p] >> 8;
                int colour = pixels[p];
                bytes[3 * p] = level((colour & 255) * gain >> 8, noise.value(at));
                bytes[3 * p + 1] = level((colour >> 8 & 255) * gain >> 8, noise.value(at + 1));
                bytes[3 * p + 2] = level((colour >> 16 & 255) * gain >> 8, noise.value(at + 2));
                at += 3;
            }
        }
        bgr.put(0, bytes);
    }

    private static byte level(int value, int noise) {
        return (byte) Math.max(0, Math.min(255, value + noise));
    }
}
