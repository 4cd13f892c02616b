// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/** How the pixels of a packed picture lie in memory: one byte a channel, rows from the top, no padding. */
public enum PixelFormat {
    /** Blue, green, red: what {@link io.edgewright.api.source.Frame} holds. */
    BGR(3),
    /** Red, green, blue. */
    RGB(3),
    /** One byte of brightness. */
    GRAY(1);

    private final int bytes;

    PixelFormat(int bytes) {
        this.bytes = bytes;
    }

    /** {@return the bytes of one pixel} */
    public int bytes() {
        return bytes;
    }
}
