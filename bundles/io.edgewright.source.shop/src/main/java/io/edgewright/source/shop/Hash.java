// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

/** Numbers that look random and depend only on their arguments. The finalizer is that of SplitMix64 (Vigna, 2015). */
final class Hash {

    private Hash() {}

    static long of(long a, long b) {
        long z = a * 0x9E3779B97F4A7C15L + b + 0x632BE59BD9B4E019L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return z ^ (z >>> 31);
    }

    static long of(long a, long b, long c) {
        return of(of(a, b), c);
    }

    /** {@return a number in [0, 1)} */
    static double unit(long a, long b, long c) {
        return (of(a, b, c) >>> 11) * 0x1.0p-53;
    }
}
