// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * Makes parts of a picture unrecognisable for good: each is replaced by a coarse mosaic of at most {@value #CELLS} cells
 * along its shorter side, whose colours are cut to 4 bits. What is left of a face is a few numbers; there is no way back.
 */
public final class Blur {

    private static final int CELLS = 6;
    private static final int LEAST_PIXELS = 8;
    private static final float MARGIN = 0.08f;

    private Blur() {}

    /**
     * Blurs regions in place.
     *
     * @param picture is changed
     * @param regions what is to go, such as the boxes of people; each is grown a little
     */
    public static void apply(Picture picture, List<Box> regions) {
        for (Box region : regions) {
            Box box = region.grown(MARGIN).clipped();
            int left = (int) Math.floor(box.left() * picture.width());
            int top = (int) Math.floor(box.top() * picture.height());
            int right = Math.min(picture.width(), (int) Math.ceil(box.right() * picture.width()));
            int bottom = Math.min(picture.height(), (int) Math.ceil(box.bottom() * picture.height()));
            int side = Math.min(right - left, bottom - top);
            int cell = Math.max(LEAST_PIXELS, (side + CELLS - 1) / CELLS);
            for (int y = top; y < bottom; y += cell) {
                for (int x = left; x < right; x += cell) {
                    flatten(picture, x, y, Math.min(right, x + cell), Math.min(bottom, y + cell));
                }
            }
        }
    }

    private static void flatten(Picture picture, int left, int top, int right, int bottom) {
        ByteBuffer bgr = picture.bgr();
        int count = (right - left) * (bottom - top);
        for (int channel = 0; channel < 3; channel++) {
            long sum = 0;
            for (int y = top; y < bottom; y++) {
                for (int x = left, at = (y * picture.width() + left) * 3 + channel; x < right; x++, at += 3) {
                    sum += bgr.get(at) & 255;
                }
            }
            byte mean = (byte) ((sum / count) & 0xf0 | 8);
            for (int y = top; y < bottom; y++) {
                for (int x = left, at = (y * picture.width() + left) * 3 + channel; x < right; x++, at += 3) {
                    bgr.put(at, mean);
                }
            }
        }
    }
}
