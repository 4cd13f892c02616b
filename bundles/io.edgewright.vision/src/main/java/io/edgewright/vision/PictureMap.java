// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * From places in the model's input back to places in the picture it was made of. Both are fractions of the size:
 * {@code picture = offset + model * scale}.
 *
 * @param offsetX where the model's left edge lies in the picture
 * @param offsetY where the model's upper edge lies in the picture
 * @param scaleX the model's width in widths of the picture
 * @param scaleY the model's height in heights of the picture
 */
public record PictureMap(double offsetX, double offsetY, double scaleX, double scaleY) {

    /** The model sees the whole picture, stretched. */
    public static final PictureMap STRETCH = new PictureMap(0, 0, 1, 1);

    /**
     * {@return the box in the picture, clipped to it}
     *
     * @param left in the model's input, 0..1; also below
     * @param top upper side
     * @param right right side, not less than left
     * @param bottom lower side, not less than top
     */
    public Box toPicture(float left, float top, float right, float bottom) {
        return new Box(
                        (float) (offsetX + left * scaleX),
                        (float) (offsetY + top * scaleY),
                        (float) (offsetX + right * scaleX),
                        (float) (offsetY + bottom * scaleY))
                .clipped();
    }
}
