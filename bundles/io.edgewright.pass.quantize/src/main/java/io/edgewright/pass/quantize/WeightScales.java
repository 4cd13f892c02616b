// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;

/**
 * Weights in signed 8 bits, zero point 0, one step for each output channel or one for all.
 */
final class WeightScales {

    private static final float LEAST_STEP = 1e-10f;

    private final Weights weights;
    private final float[] values;
    private final int inner; // elements from one channel to the next
    private final int channels;
    private final int limit;
    private final float[] steps;

    /**
     * @param axis along which the output channels lie
     * @param perChannel false for one step for all
     * @param limit the greatest magnitude, up to 127
     */
    WeightScales(Weights weights, int axis, boolean perChannel, int limit) {
        this.weights = weights;
        this.values = weights.toFloats();
        this.channels = Math.toIntExact(weights.shape().get(axis));
        this.inner = Math.toIntExact(
                weights.shape().subList(axis + 1, weights.shape().size()).stream()
                        .reduce(1L, (a, b) -> a * b));
        this.limit = limit;
        float[] greatest = new float[channels];
        for (int i = 0; i < values.length; i++) {
            int channel = channelOf(i);
            greatest[channel] = Math.max(greatest[channel], Math.abs(values[i]));
        }
        if (!perChannel) {
            float all = 0;
            for (float one : greatest) {
                all = Math.max(all, one);
            }
            Arrays.fill(greatest, all);
        }
        this.steps = new float[channels];
        for (int c = 0; c < channels; c++) {
            steps[c] = Math.max(greatest[c] / limit, LEAST_STEP);
        }
    }

    int channelOf(int index) {
        return index / inner % channels;
    }

    int channels() {
        return channels;
    }

    /** {@return true if all weights are finite} */
    boolean isFinite() {
        for (float value : values) {
            if (!(Math.abs(value) <= Float.MAX_VALUE)) {
                return false;
            }
        }
        return true;
    }

    /** Makes a step larger. */
    void atLeast(int channel, double step) {
        if (steps[channel] < step) {
            steps[channel] = Math.nextUp((float) step);
        }
    }

    float step(int channel) {
        return steps[channel];
    }

    Weights stepWeights() {
        return Weights.ofFloats(List.of((long) channels), steps.clone());
    }

    Weights zeroPointWeights() {
        return Weights.of(DataType.INT8, List.of((long) channels), ByteBuffer.wrap(new byte[channels]));
    }

    Weights quantized() {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < values.length; i++) {
            bytes[i] = (byte) integer(i);
        }
        return Weights.of(DataType.INT8, weights.shape(), ByteBuffer.wrap(bytes));
    }

    /** {@return by how much the weight is too large in int8} */
    double error(int index) {
        return integer(index) * (double) steps[channelOf(index)] - values[index];
    }

    int elements() {
        return values.length;
    }

    private long integer(int index) {
        return Math.max(-limit, Math.min(limit, Math.round(values[index] / (double) steps[channelOf(index)])));
    }
}
