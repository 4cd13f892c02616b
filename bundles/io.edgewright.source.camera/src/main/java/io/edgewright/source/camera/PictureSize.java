// SPDX-License-Identifier: Apache-2.0
package io.edgewright.source.camera;

/**
 * The size of a picture.
 *
 * @param width in pixels
 * @param height in pixels
 */
record PictureSize(int width, int height) {

    /** More than 8K is refused: a broken file can claim anything. */
    static final long MOST_PIXELS = 8192L * 4320;

    PictureSize {
        if (width < 1 || height < 1 || (long) width * height > MOST_PIXELS) {
            throw new IllegalArgumentException(
                    "a picture of %d x %d pixels, expected at least 1 x 1 and at most %d pixels"
                            .formatted(width, height, MOST_PIXELS));
        }
    }

    /** {@return this, or a smaller size of the same shape that fits} */
    PictureSize within(int maxWidth, int maxHeight) {
        double factor = Math.min(1, Math.min((double) maxWidth / width, (double) maxHeight / height));
        return factor == 1
                ? this
                : new PictureSize(
                        (int) Math.max(1, Math.round(width * factor)), (int) Math.max(1, Math.round(height * factor)));
    }

    int bytes() {
        return width * height * 3;
    }
}
