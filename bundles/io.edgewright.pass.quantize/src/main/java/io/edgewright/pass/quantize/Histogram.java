// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import java.nio.FloatBuffer;

/**
 * How often values occur, in bins of equal width on both sides of zero. Its range is a power of two and doubles when a value lies
 * outside, which merges bins two by two: no value is kept, and the order of values makes no difference. Not thread-safe.
 */
final class Histogram {

    /** Bins on each side of zero. */
    static final int SIDE = 2048;

    private static final int LEAST_EXPONENT = Float.MIN_EXPONENT;

    private long[] counts = new long[2 * SIDE];
    private int exponent = LEAST_EXPONENT; // the range is -2^exponent to 2^exponent
    private long total;
    private long notFinite;
    private float min = Float.POSITIVE_INFINITY;
    private float max = Float.NEGATIVE_INFINITY;

    /** Adds the values from position to limit. */
    void add(FloatBuffer values) {
        float greatest = 0;
        for (int i = values.position(); i < values.limit(); i++) {
            float value = values.get(i);
            float magnitude = Math.abs(value);
            if (!(magnitude <= Float.MAX_VALUE)) {
                notFinite++;
                continue;
            }
            greatest = Math.max(greatest, magnitude);
            min = Math.min(min, value);
            max = Math.max(max, value);
        }
        widen(greatest);
        double binsPerUnit = 1 / width();
        for (int i = values.position(); i < values.limit(); i++) {
            float value = values.get(i);
            if (Math.abs(value) <= Float.MAX_VALUE) {
                counts[SIDE + (int) Math.floor(value * binsPerUnit)]++;
                total++;
            }
        }
    }

    private void widen(float greatest) {
        int needed = Math.max(LEAST_EXPONENT, Math.getExponent(greatest) + 1);
        if (needed <= exponent) {
            return;
        }
        int shift = Math.min(needed - exponent, 31);
        long[] merged = new long[2 * SIDE];
        for (int i = 0; i < counts.length; i++) {
            merged[SIDE + (i - SIDE >> shift)] += counts[i];
        }
        counts = merged;
        exponent = needed;
    }

    /** {@return the width of a bin; bin i holds values from (i - SIDE) * width on} */
    double width() {
        return Math.scalb(1.0, exponent) / SIDE;
    }

    /** {@return how many values fell into a bin, 0 to 2 * SIDE - 1} */
    long count(int bin) {
        return counts[bin];
    }

    /** {@return how many finite values there were} */
    long total() {
        return total;
    }

    /** {@return how many values were infinite or not a number; they are in no bin} */
    long notFinite() {
        return notFinite;
    }

    /** {@return the least and the greatest value, and zero} */
    Range range() {
        return Range.around(min, max);
    }
}
