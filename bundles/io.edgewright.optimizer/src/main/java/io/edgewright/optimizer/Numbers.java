// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;

/** The elements of a tensor of any type of numbers, as doubles. */
final class Numbers {

    private Numbers() {}

    /** {@return the element at an index, as a double; NaN for text} */
    static double at(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(index * 4);
            case FLOAT64 -> data.getDouble(index * 8);
            case FLOAT16 -> HalfFloats.toFloat(data.getShort(index * 2));
            case INT8 -> data.get(index);
            case UINT8, BOOL -> data.get(index) & 0xFF;
            case INT16 -> data.getShort(index * 2);
            case UINT16 -> data.getShort(index * 2) & 0xFFFF;
            case INT32 -> data.getInt(index * 4);
            case UINT32 -> data.getInt(index * 4) & 0xFFFFFFFFL;
            case INT64, UINT64 -> data.getLong(index * 8);
            case STRING -> Double.NaN;
        };
    }

    static boolean allFinite(Tensor tensor) {
        for (int i = 0; i < tensor.elements(); i++) {
            if (!Double.isFinite(at(tensor, i))) {
                return false;
            }
        }
        return true;
    }

    /** {@return the index of the greatest element, the first of equal ones; -1 if one is NaN or there is none} */
    static int greatest(Tensor tensor) {
        int best = -1;
        double most = Double.NEGATIVE_INFINITY;
        for (int i = 0; i < tensor.elements(); i++) {
            double value = at(tensor, i);
            if (Double.isNaN(value)) {
                return -1;
            }
            if (value > most) {
                most = value;
                best = i;
            }
        }
        return best;
    }
}
