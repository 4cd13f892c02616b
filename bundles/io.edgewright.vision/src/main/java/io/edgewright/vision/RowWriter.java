// SPDX-License-Identifier: Apache-2.0
package io.edgewright.vision;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;

/** Puts rows of channel values into a tensor: any supported element type, planes or interleaved. */
final class RowWriter {

    private final ImageSettings settings;
    private final float[] packed; // one row, all channels interleaved
    private final byte[] bytes;

    RowWriter(ImageSettings settings) {
        this.settings = settings;
        int row = settings.width * settings.channels;
        this.packed = new float[settings.channelsFirst ? 0 : row];
        this.bytes = new byte[row];
    }

    /** Writes row y; {@code row[c]} holds the width's values of channel c. */
    void put(Tensor target, int y, float[][] row) {
        int width = settings.width;
        if (settings.channelsFirst) {
            int plane = width * settings.height;
            for (int c = 0; c < row.length; c++) {
                put(target, c * plane + y * width, row[c], width);
            }
            return;
        }
        int channels = row.length;
        for (int c = 0; c < channels; c++) {
            float[] values = row[c];
            for (int x = 0, at = c; x < width; x++, at += channels) {
                packed[at] = values[x];
            }
        }
        put(target, y * width * channels, packed, width * channels);
    }

    private void put(Tensor target, int at, float[] values, int count) {
        ByteBuffer data = target.data();
        switch (settings.input.type()) {
            case FLOAT32 -> target.floatBuffer().put(at, values, 0, count);
            case FLOAT16 -> {
                for (int i = 0; i < count; i++) {
                    data.putShort((at + i) * 2, HalfFloats.toHalf(values[i]));
                }
            }
            default -> {
                boolean signed = settings.input.type() == ElementType.INT8;
                int least = signed ? Byte.MIN_VALUE : 0;
                int most = signed ? Byte.MAX_VALUE : 255;
                for (int i = 0; i < count; i++) {
                    bytes[i] = (byte) Math.max(least, Math.min(most, Math.round(values[i])));
                }
                data.put(at, bytes, 0, count);
            }
        }
    }
}
