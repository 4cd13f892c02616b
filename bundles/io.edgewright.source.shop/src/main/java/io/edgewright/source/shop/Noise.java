// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.shop;

import java.util.SplittableRandom;

/** A long strip of Gaussian-like noise; every row of every frame starts somewhere else on it. */
final class Noise {

    private static final int LENGTH = 1 << 18;

    private final byte[] strip;

    /** @param deviation standard deviation in grey levels */
    Noise(int rowLength, double deviation) {
        strip = new byte[LENGTH + rowLength * 3];
        SplittableRandom random = new SplittableRandom(42);
        for (int i = 0; i < strip.length; i++) {
            double sum = random.nextDouble() + random.nextDouble() + random.nextDouble() + random.nextDouble() - 2;
            strip[i] = (byte) Math.rint(sum * deviation * Math.sqrt(3));
        }
    }

    int start(long hash) {
        return (int) (hash & (LENGTH - 1));
    }

    int value(int index) {
        return strip[index];
    }
}
