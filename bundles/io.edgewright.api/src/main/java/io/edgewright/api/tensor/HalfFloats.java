// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

/** The elements of {@link ElementType#FLOAT16}: IEEE 754 binary16. The JDK has such conversions from 20 on. */
public final class HalfFloats {

    private HalfFloats() {}

    /**
     * {@return the bits of the nearest half, ties to even; from 65520 on infinity}
     *
     * @param value any float
     */
    public static short toHalf(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = (bits >>> 16) & 0x8000;
        int magnitude = bits & 0x7fff_ffff;
        if (magnitude > 0x7f80_0000) {
            return (short) (sign | 0x7e00); // not a number
        }
        if (magnitude >= 0x4780_0000) {
            return (short) (sign | 0x7c00); // 65536 or more
        }
        if (magnitude < 0x3880_0000) { // below the least normal half, 2^-14: a multiple of 2^-24
            float scaled = Float.intBitsToFloat(magnitude) * 16_777_216f;
            return (short) (sign | (int) Math.rint(scaled));
        }
        int rounded = magnitude + 0xfff + ((magnitude >>> 13) & 1);
        return (short) (sign | ((rounded - 0x3800_0000) >>> 13));
    }

    /**
     * {@return the float that these bits stand for; exact}
     *
     * @param half the bits of a half
     */
    public static float toFloat(short half) {
        int exponent = (half >>> 10) & 0x1f;
        int fraction = half & 0x3ff;
        float sign = half < 0 ? -1f : 1f;
        if (exponent == 0) {
            return sign * fraction / 16_777_216f;
        }
        if (exponent == 31) {
            return fraction == 0 ? sign * Float.POSITIVE_INFINITY : Float.NaN;
        }
        return sign * Float.intBitsToFloat(((exponent + 112) << 23) | (fraction << 13));
    }
}
