// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/** The picture of the empty shop, ray-traced once, with what is needed to draw customers into it. */
final class Backdrop {

    private static final int SIDE = 2; // rays a pixel in each direction

    final View view;
    final int[] pixels;
    /** Depth of each pixel in metres: a customer further away is hidden. */
    final float[] depth;
    /** How much daylight a pixel gets, 0..255; that part of the light changes with the clouds. */
    final byte[] daylight;
    /** The darkening towards the corners of the picture, 256 being none. */
    final short[] vignette;

    Backdrop(Scene scene, View view) {
        this.view = view;
        int count = view.width * view.height;
        this.pixels = new int[count];
        this.depth = new float[count];
        this.daylight = new byte[count];
        this.vignette = new short[count];
        Tracer tracer = new Tracer(scene);
        for (int y = 0; y < view.height; y++) {
            for (int x = 0; x < view.width; x++) {
                trace(tracer, x, y);
            }
        }
    }

    private void trace(Tracer tracer, int x, int y) {
        double red = 0;
        double green = 0;
        double blue = 0;
        double far = 0;
        double day = 0;
        for (int i = 0; i < SIDE * SIDE; i++) {
            double u = x + (i % SIDE + 0.5) / SIDE;
            double v = y + (i / SIDE + 0.5) / SIDE;
            Tracer.Hit hit = tracer.trace(view.eye, view.ray(u, v));
            red += hit.colour() >> 16 & 255;
            green += hit.colour() >> 8 & 255;
            blue += hit.colour() & 255;
            far = Math.max(far, hit.depth());
            day += hit.daylight();
        }
        int n = SIDE * SIDE;
        int p = y * view.width + x;
        pixels[p] = Colour.rgb(red / n, green / n, blue / n);
        depth[p] = (float) far;
        daylight[p] = (byte) (int) Math.min(255, day / n * 255);
        double dx = (x + 0.5) / view.width - 0.5;
        double dy = (y + 0.5) / view.height - 0.5;
        vignette[p] = (short) (256 * (1 - 0.42 * (dx * dx + dy * dy)));
    }
}
