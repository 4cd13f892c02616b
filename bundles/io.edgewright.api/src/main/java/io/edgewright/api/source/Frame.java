// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.source;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;

/**
 * One picture of a camera.
 *
 * @param sequence counts the frames of the source from 0; a gap means that frames were dropped
 * @param time when it was taken, by the gateway's clock
 * @param position the place in a recording or the time since the source began
 * @param width in pixels
 * @param height in pixels
 * @param bgr the pixels: 3 bytes each (blue, green, red), rows from the top without padding, {@code width * height * 3}
 *     bytes from position 0; direct; owned by the stream and valid until its next call
 */
public record Frame(long sequence, Instant time, Duration position, int width, int height, ByteBuffer bgr) {

    /** Checks. */
    public Frame {
        if (width < 1 || height < 1 || bgr.limit() != (long) width * height * 3) {
            throw new IllegalArgumentException("a frame of %d x %d takes %d bytes, found %d"
                    .formatted(width, height, (long) width * height * 3, bgr.limit()));
        }
    }
}
