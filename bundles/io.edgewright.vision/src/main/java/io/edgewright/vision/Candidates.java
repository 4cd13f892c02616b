// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The boxes of one run before suppression, in arrays that are kept from run to run. Coordinates are fractions of the
 * model's input.
 */
final class Candidates {

    /** More than that are never looked at: suppression takes the square of it. */
    private static final int MOST = 1000;

    private int count;
    private float[] boxes = new float[64 * 4];
    private float[] scores = new float[64];
    private int[] classes = new int[64];

    void clear() {
        count = 0;
    }

    /** Takes a box, unless a number is not finite; sides may be swapped. */
    void add(int classIndex, float score, float left, float top, float right, float bottom) {
        if (!Float.isFinite(left + top + right + bottom) || !(score <= 1.0001f)) {
            return;
        }
        if (count == scores.length) {
            boxes = Arrays.copyOf(boxes, boxes.length * 2);
            scores = Arrays.copyOf(scores, count * 2);
            classes = Arrays.copyOf(classes, count * 2);
        }
        boxes[count * 4] = Math.min(left, right);
        boxes[count * 4 + 1] = Math.min(top, bottom);
        boxes[count * 4 + 2] = Math.max(left, right);
        boxes[count * 4 + 3] = Math.max(top, bottom);
        scores[count] = Math.min(1, score);
        classes[count++] = classIndex;
    }

    /** {@return the boxes left by class-wise non-maximum suppression, the surest first, equals in the order added} */
    List<Detection> suppress(float iouLimit, PictureMap map, List<String> labels) {
        long[] order = new long[count];
        for (int i = 0; i < count; i++) {
            order[i] = ((long) (Integer.MAX_VALUE - Float.floatToIntBits(Math.max(0, scores[i]))) << 32) | i;
        }
        Arrays.sort(order);
        List<Detection> kept = new ArrayList<>();
        for (int n = 0; n < Math.min(order.length, MOST); n++) {
            int i = (int) order[n];
            Box box = map.toPicture(boxes[i * 4], boxes[i * 4 + 1], boxes[i * 4 + 2], boxes[i * 4 + 3]);
            if (box.area() > 0 && !isDuplicate(box, classes[i], kept, iouLimit)) {
                kept.add(new Detection(classes[i], label(labels, classes[i]), scores[i], box));
            }
        }
        return kept;
    }

    private static boolean isDuplicate(Box box, int classIndex, List<Detection> kept, float iouLimit) {
        for (int i = 0; i < kept.size(); i++) {
            Detection other = kept.get(i);
            if (other.classIndex() == classIndex && other.box().iou(box) > iouLimit) {
                return true;
            }
        }
        return false;
    }

    private static String label(List<String> labels, int classIndex) {
        return classIndex >= 0 && classIndex < labels.size() ? labels.get(classIndex) : "class " + classIndex;
    }
}
