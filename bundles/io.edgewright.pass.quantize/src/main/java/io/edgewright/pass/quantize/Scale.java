// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * How a value is held in 8 bits: {@code real = step * (integer - zeroPoint)}.
 *
 * @param step above 0
 * @param zeroPoint within the type
 * @param type UINT8 or INT8
 */
record Scale(float step, int zeroPoint, DataType type) {

    /** A value that was always 0 needs some step all the same. */
    private static final double LEAST_STEP = 1e-9;

    /** {@return the 256 numbers that lie within a range; the ends of the range are never exceeded, so that a Clip folds} */
    static Scale of(Range range, DataType type) {
        int least = type == DataType.UINT8 ? 0 : -128;
        double step = Math.max(range.width() / 255, LEAST_STEP);
        int zero = (int) Math.max(least, Math.min(least + 255, Math.rint(least - range.least() / step)));
        return new Scale(range.least() == 0 ? roundedDown(step) : (float) step, zero, type);
    }

    private static float roundedDown(double step) {
        float rounded = (float) step;
        return rounded > step ? Math.nextDown(rounded) : rounded;
    }

    Weights stepWeights() {
        return Weights.ofFloats(List.of(), step);
    }

    Weights zeroPointWeights() {
        return Weights.of(type, List.of(), ByteBuffer.wrap(new byte[] {(byte) zeroPoint}));
    }

    /** {@return a constant in this form} */
    Weights quantize(Weights constant) {
        float[] values = constant.toFloats();
        byte[] bytes = new byte[values.length];
        int least = type == DataType.UINT8 ? 0 : -128;
        for (int i = 0; i < values.length; i++) {
            long rounded = (long) Math.rint(values[i] / (double) step) + zeroPoint;
            bytes[i] = (byte) Math.max(least, Math.min(least + 255, rounded));
        }
        return Weights.of(type, constant.shape(), ByteBuffer.wrap(bytes));
    }
}
