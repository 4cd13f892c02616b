// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.Tensor;
import java.util.Arrays;

/** Tables and scratch rows for one source size. Rows come in as 3 bytes a pixel. Not thread-safe. */
final class ResizePlan {

    /**
     * Shrinking by more than this takes the mean of the covered pixels, as two neighbours would skip too many: from
     * 1200 x 600 to 352 x 352, FastestDet finds a dog that it takes for a teddy bear otherwise. It takes four times as long.
     */
    private static final double AREA_FROM = 3.0;

    /** Gives row y of the picture as 3 bytes a pixel. */
    @FunctionalInterface
    interface Rows {
        void read(int y, byte[] row);
    }

    final int width;
    final int height;
    final PictureMap map;
    private final ImageSettings settings;
    private final int left;
    private final int top;
    private final ResizeAxis columns;
    private final ResizeAxis lines;
    private final float[][] row;
    private final float[][] padding;
    private final float[] sums; // one source row, weighted; only for taking means
    private byte[] upper;
    private byte[] lower;

    ResizePlan(ImageSettings settings, int width, int height) {
        this.settings = settings;
        this.width = width;
        this.height = height;
        double fromX = 0;
        double fromY = 0;
        double partX = width;
        double partY = height;
        int targetX = settings.width;
        int targetY = settings.height;
        double shrinkX = (double) width / targetX;
        double shrinkY = (double) height / targetY;
        switch (settings.resize) {
            case LETTERBOX -> {
                double shrink = Math.max(shrinkX, shrinkY);
                targetX = Math.max(1, Math.min(settings.width, (int) Math.round(width / shrink)));
                targetY = Math.max(1, Math.min(settings.height, (int) Math.round(height / shrink)));
            }
            case CROP -> {
                double shrink = Math.min(shrinkX, shrinkY);
                partX = settings.width * shrink;
                partY = settings.height * shrink;
                fromX = (width - partX) / 2;
                fromY = (height - partY) / 2;
            }
            case STRETCH -> {}
        }
        this.left = (settings.width - targetX) / 2;
        this.top = (settings.height - targetY) / 2;
        boolean area = partX / targetX > AREA_FROM || partY / targetY > AREA_FROM;
        this.columns = axis(width, fromX, partX, targetX, area);
        this.lines = axis(height, fromY, partY, targetY, area);
        this.map = map(fromX, fromY, partX, partY, targetX, targetY);
        this.padding = new float[settings.channels][settings.width];
        this.row = new float[settings.channels][settings.width];
        for (int c = 0; c < settings.channels; c++) {
            Arrays.fill(padding[c], settings.pad * settings.scale[c] + settings.bias[c]);
            Arrays.fill(row[c], padding[c][0]);
        }
        this.upper = new byte[width * 3];
        this.lower = new byte[width * 3];
        this.sums = new float[area || lines.taps != 2 || columns.taps != 2 ? width * 3 : 0];
    }

    private static ResizeAxis axis(int source, double from, double part, int target, boolean area) {
        return area && part > target
                ? ResizeAxis.area(source, from, part, target)
                : ResizeAxis.bilinear(source, from, part, target);
    }

    private PictureMap map(double fromX, double fromY, double partX, double partY, int targetX, int targetY) {
        double scaleX = partX / width * settings.width / targetX;
        double scaleY = partY / height * settings.height / targetY;
        return new PictureMap(
                fromX / width - (double) left / settings.width * scaleX,
                fromY / height - (double) top / settings.height * scaleY,
                scaleX,
                scaleY);
    }

    /**
     * Resizes and normalises a picture into the tensor.
     *
     * @param order where red, green and blue lie within a source pixel
     */
    void run(Rows source, int[] order, RowWriter writer, Tensor target) {
        int count = lines.start.length;
        for (int y = 0; y < top; y++) {
            writer.put(target, y, padding);
        }
        int have = -2; // the source row in upper; lower holds the next one
        for (int y = 0; y < count; y++) {
            if (sums.length > 0) {
                mean(source, order, y);
            } else {
                have = load(source, lines.start[y], have);
                blend(order, lines.weights[y * 2 + 1]);
            }
            writer.put(target, top + y, row);
        }
        for (int y = top + count; y < settings.height; y++) {
            writer.put(target, y, padding);
        }
    }

    private int load(Rows source, int wanted, int have) {
        if (wanted == have) {
            return have;
        }
        if (wanted == have + 1) {
            byte[] swap = upper;
            upper = lower;
            lower = swap;
        } else {
            source.read(wanted, upper);
        }
        source.read(wanted + 1, lower);
        return wanted;
    }

    /** One target row from two source rows, two columns each. */
    private void blend(int[] order, float lowerShare) {
        if (settings.color == ImageSettings.Color.GRAY) {
            blendGray(order, lowerShare);
            return;
        }
        boolean rgb = settings.color == ImageSettings.Color.RGB;
        blendChannel(0, order[rgb ? 0 : 2], lowerShare);
        blendChannel(1, order[1], lowerShare);
        blendChannel(2, order[rgb ? 2 : 0], lowerShare);
    }

    private void blendChannel(int channel, int offset, float lowerShare) {
        byte[] u = upper;
        byte[] l = lower;
        int[] start = columns.start;
        float[] weights = columns.weights;
        float[] out = row[channel];
        float scale = settings.scale[channel];
        float bias = settings.bias[channel];
        for (int x = 0, at = left; x < start.length; x++, at++) {
            int p = start[x] * 3 + offset;
            float share = weights[2 * x + 1];
            float a = u[p] & 255;
            float b = l[p] & 255;
            float above = a + ((u[p + 3] & 255) - a) * share;
            float below = b + ((l[p + 3] & 255) - b) * share;
            out[at] = (above + (below - above) * lowerShare) * scale + bias;
        }
    }

    private void blendGray(int[] order, float lowerShare) {
        int[] start = columns.start;
        for (int x = 0; x < start.length; x++) {
            int p = start[x] * 3;
            float share = columns.weights[2 * x + 1];
            float above = gray(upper, p, order) * (1 - share) + gray(upper, p + 3, order) * share;
            float below = gray(lower, p, order) * (1 - share) + gray(lower, p + 3, order) * share;
            row[0][left + x] = (above + (below - above) * lowerShare) * settings.scale[0] + settings.bias[0];
        }
    }

    /** Brightness by ITU-R BT.601, as OpenCV and Pillow have it. */
    private static float gray(byte[] pixels, int at, int[] order) {
        return 0.299f * (pixels[at + order[0]] & 255)
                + 0.587f * (pixels[at + order[1]] & 255)
                + 0.114f * (pixels[at + order[2]] & 255);
    }

    /** One target row as the weighted mean of any number of rows and columns. */
    private void mean(Rows source, int[] order, int y) {
        float[] s = sums;
        Arrays.fill(s, 0);
        for (int t = 0; t < lines.taps; t++) {
            float weight = lines.weights[y * lines.taps + t];
            if (weight != 0) {
                source.read(lines.start[y] + t, upper);
                byte[] u = upper;
                for (int i = 0; i < s.length; i++) {
                    s[i] += weight * (u[i] & 255);
                }
            }
        }
        if (settings.color == ImageSettings.Color.GRAY) {
            float[] gray = row[0];
            meanChannel(gray, order[0], 0.299f * settings.scale[0], settings.bias[0], false);
            meanChannel(gray, order[1], 0.587f * settings.scale[0], 0, true);
            meanChannel(gray, order[2], 0.114f * settings.scale[0], 0, true);
            return;
        }
        boolean rgb = settings.color == ImageSettings.Color.RGB;
        for (int c = 0; c < 3; c++) {
            meanChannel(row[c], order[rgb ? c : 2 - c], settings.scale[c], settings.bias[c], false);
        }
    }

    private void meanChannel(float[] out, int offset, float scale, float bias, boolean add) {
        int taps = columns.taps;
        float[] weights = columns.weights;
        for (int x = 0, w = 0; x < columns.start.length; x++) {
            float sum = 0;
            for (int t = 0, p = columns.start[x] * 3 + offset; t < taps; t++, p += 3) {
                sum += weights[w++] * sums[p];
            }
            out[left + x] = (add ? out[left + x] : 0) + sum * scale + bias;
        }
    }
}
