// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

/**
 * A rectangle in a picture in fractions of its size: 0 is the left or top edge, 1 the right or bottom one. It may reach
 * out of the picture.
 *
 * @param left the left side
 * @param top the upper side
 * @param right the right side, not less than left
 * @param bottom the lower side, not less than top
 */
public record Box(float left, float top, float right, float bottom) {

    /** Checks. */
    public Box {
        if (!(left <= right && top <= bottom)) {
            throw new IllegalArgumentException("box %s,%s %s,%s is turned over, expected left <= right, top <= bottom"
                    .formatted(left, top, right, bottom));
        }
    }

    /** {@return the width in fractions of the picture's} */
    public float width() {
        return right - left;
    }

    /** {@return the height in fractions of the picture's} */
    public float height() {
        return bottom - top;
    }

    /** {@return width times height} */
    public float area() {
        return width() * height();
    }

    /** {@return the middle} */
    public Point center() {
        return new Point((left + right) / 2.0, (top + bottom) / 2.0);
    }

    /** {@return the middle of the lower side: where someone stands} */
    public Point foot() {
        return new Point((left + right) / 2.0, bottom);
    }

    /**
     * {@return the area that both cover}
     *
     * @param other another box of the same picture
     */
    public float intersection(Box other) {
        float w = Math.min(right, other.right) - Math.max(left, other.left);
        float h = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        return w > 0 && h > 0 ? w * h : 0;
    }

    /**
     * {@return intersection over union, 0..1}
     *
     * @param other another box of the same picture
     */
    public float iou(Box other) {
        float both = intersection(other);
        float union = area() + other.area() - both;
        return union > 0 ? both / union : 0;
    }

    /** {@return the part within the picture; empty boxes at the edge for those outside} */
    public Box clipped() {
        return new Box(clip(left), clip(top), clip(right), clip(bottom));
    }

    /**
     * {@return this box grown on each side}
     *
     * @param share of its width and height, such as 0.1; -0.5 or more
     */
    public Box grown(float share) {
        float w = width() * share;
        float h = height() * share;
        return new Box(left - w, top - h, right + w, bottom + h);
    }

    private static float clip(float value) {
        return Math.max(0, Math.min(1, value));
    }
}
