// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;

/** Reads single elements of tensors of any type but STRING. */
final class Elements {

    private Elements() {}

    static double number(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        int at = index * tensor.type().bytes();
        return switch (tensor.type()) {
            case FLOAT32 -> data.getFloat(at);
            case FLOAT64 -> data.getDouble(at);
            case FLOAT16 -> half(data.getShort(at));
            case INT8 -> data.get(at);
            case UINT8, BOOL -> data.get(at) & 0xff;
            case INT16 -> data.getShort(at);
            case UINT16 -> data.getShort(at) & 0xffff;
            case INT32 -> data.getInt(at);
            case UINT32 -> data.getInt(at) & 0xffff_ffffL;
            case INT64 -> data.getLong(at);
            case UINT64 -> unsigned(data.getLong(at));
            case STRING -> throw new IllegalArgumentException("a STRING tensor has no numbers");
        };
    }

    /** IEEE 754 binary16: 1 sign bit, 5 exponent bits (bias 15), 10 fraction bits. */
    static double half(short bits) {
        int exponent = bits >> 10 & 0x1f;
        int fraction = bits & 0x3ff;
        double size;
        if (exponent == 0x1f) {
            size = fraction == 0 ? Double.POSITIVE_INFINITY : Double.NaN;
        } else if (exponent == 0) {
            size = fraction * 0x1p-24;
        } else {
            size = (1024 + fraction) * Math.scalb(1.0, exponent - 25);
        }
        return bits < 0 ? -size : size;
    }

    private static double unsigned(long value) {
        return value >= 0 ? value : (value >>> 1 | value & 1) * 2.0;
    }
}
