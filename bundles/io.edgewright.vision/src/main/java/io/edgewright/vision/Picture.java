// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.source.Frame;
import java.nio.ByteBuffer;

/**
 * A picture in memory.
 *
 * @param width in pixels
 * @param height in pixels
 * @param bgr the pixels as {@link PixelFormat#BGR}, {@code width * height * 3} bytes from position 0; not copied
 */
public record Picture(int width, int height, ByteBuffer bgr) {

    /** Checks. */
    public Picture {
        if (width < 1 || height < 1 || bgr.limit() != (long) width * height * 3) {
            throw new IllegalArgumentException("a picture of %d x %d takes %d bytes, found %d"
                    .formatted(width, height, (long) width * height * 3, bgr.limit()));
        }
    }

    /**
     * {@return an empty (black) picture with a direct buffer of its own}
     *
     * @param width in pixels
     * @param height in pixels
     */
    public static Picture blank(int width, int height) {
        return new Picture(
                width, height, ByteBuffer.allocateDirect(Math.multiplyExact(Math.multiplyExact(width, height), 3)));
    }

    /**
     * {@return a view of a frame's pixels, valid as long as the frame}
     *
     * @param frame of a camera
     */
    public static Picture of(Frame frame) {
        return new Picture(frame.width(), frame.height(), frame.bgr());
    }

    /** {@return a deep copy in a direct buffer of its own} */
    public Picture copy() {
        Picture copy = blank(width, height);
        copy.bgr.put(0, bgr, 0, bgr.limit());
        return copy;
    }
}
