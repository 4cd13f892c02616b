// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

/** Half-precision floats (IEEE 754 binary16): Java 17 has no conversions of its own. */
final class Half {

    private static final int MANTISSA_SHIFT = 13; // 23 bits of a float, 10 of a half

    private Half() {}

    /** {@return the value; exact} */
    static float toFloat(short half) {
        int sign = (half & 0x8000) << 16;
        int exponent = half >> 10 & 0x1f;
        int mantissa = half & 0x3ff;
        if (exponent == 0) {
            float small = mantissa * 0x1p-24f; // subnormal or zero
            return sign == 0 ? small : -small;
        }
        int wide = exponent == 0x1f ? 0xff : exponent + 112;
        return Float.intBitsToFloat(sign | wide << 23 | mantissa << MANTISSA_SHIFT);
    }

    /** {@return the nearest half, ties to even; too large becomes infinite} */
    static short ofFloat(float value) {
        int bits = Float.floatToRawIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        float size = Math.abs(value);
        if (Float.isNaN(value)) {
            return (short) (sign | 0x7e00);
        }
        if (size < 0x1p-14f) {
            return (short) (sign | (int) Math.rint(size * 0x1p24)); // a power of two: exact until rounded
        }
        if (size >= 65_520f) {
            return (short) (sign | 0x7c00);
        }
        int rebased = (bits & 0x7fff_ffff) - (112 << 23);
        int kept = rebased >> MANTISSA_SHIFT;
        int rest = rebased & 0x1fff;
        boolean up = rest > 0x1000 || (rest == 0x1000 && (kept & 1) == 1);
        return (short) (sign | (up ? kept + 1 : kept));
    }
}
