// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/** Arithmetic on colours as {@code 0xRRGGBB}. */
final class Colour {

    private Colour() {}

    static int rgb(double red, double green, double blue) {
        return clamp(red) << 16 | clamp(green) << 8 | clamp(blue);
    }

    /** {@return the colour made lighter (above 1) or darker} */
    static int scale(int colour, double factor) {
        return rgb((colour >> 16 & 255) * factor, (colour >> 8 & 255) * factor, (colour & 255) * factor);
    }

    /** {@return between a (share 0) and b (share 1)} */
    static int mix(int a, int b, double share) {
        return rgb(
                (a >> 16 & 255) + share * ((b >> 16 & 255) - (a >> 16 & 255)),
                (a >> 8 & 255) + share * ((b >> 8 & 255) - (a >> 8 & 255)),
                (a & 255) + share * ((b & 255) - (a & 255)));
    }

    /** {@return a colour from hue 0..1, saturation 0..1 and value 0..1} */
    static int hsv(double hue, double saturation, double value) {
        double h = (hue - StrictMath.floor(hue)) * 6;
        int sector = (int) h;
        double f = h - sector;
        double p = value * (1 - saturation);
        double q = value * (1 - saturation * f);
        double t = value * (1 - saturation * (1 - f));
        return switch (sector) {
            case 0 -> rgb(value * 255, t * 255, p * 255);
            case 1 -> rgb(q * 255, value * 255, p * 255);
            case 2 -> rgb(p * 255, value * 255, t * 255);
            case 3 -> rgb(p * 255, q * 255, value * 255);
            case 4 -> rgb(t * 255, p * 255, value * 255);
            default -> rgb(value * 255, p * 255, q * 255);
        };
    }

    private static int clamp(double value) {
        return (int) Math.max(0, Math.min(255, value + 0.5));
    }
}
