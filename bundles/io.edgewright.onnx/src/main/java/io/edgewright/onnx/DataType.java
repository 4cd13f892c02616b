// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import java.util.Optional;

/** The element types of ONNX: TensorProto.DataType of ONNX 1.20. Those that our tensors have are named as there. */
public enum DataType {
    /** 32-bit IEEE 754 float. */
    FLOAT32(1, 32),
    /** Unsigned 8-bit integer. */
    UINT8(2, 8),
    /** Signed 8-bit integer. */
    INT8(3, 8),
    /** Unsigned 16-bit integer. */
    UINT16(4, 16),
    /** Signed 16-bit integer. */
    INT16(5, 16),
    /** Signed 32-bit integer. */
    INT32(6, 32),
    /** Signed 64-bit integer. */
    INT64(7, 64),
    /** Byte strings. */
    STRING(8, 0),
    /** One byte, 0 or 1. */
    BOOL(9, 8),
    /** 16-bit IEEE 754 half float. */
    FLOAT16(10, 16),
    /** 64-bit IEEE 754 float. */
    FLOAT64(11, 64),
    /** Unsigned 32-bit integer. */
    UINT32(12, 32),
    /** Unsigned 64-bit integer. */
    UINT64(13, 64),
    /** Two 32-bit floats. */
    COMPLEX64(14, 64),
    /** Two 64-bit floats. */
    COMPLEX128(15, 128),
    /** The upper half of a 32-bit float. */
    BFLOAT16(16, 16),
    /** 8-bit float, finite values and NaN. */
    FLOAT8E4M3FN(17, 8),
    /** 8-bit float without a negative zero. */
    FLOAT8E4M3FNUZ(18, 8),
    /** 8-bit float after IEEE 754. */
    FLOAT8E5M2(19, 8),
    /** 8-bit float without a negative zero. */
    FLOAT8E5M2FNUZ(20, 8),
    /** Unsigned 4-bit integer, two in a byte, the first in the lower half. */
    UINT4(21, 4),
    /** Signed 4-bit integer, packed as {@link #UINT4}. */
    INT4(22, 4),
    /** 4-bit float, packed as {@link #UINT4}. */
    FLOAT4E2M1(23, 4),
    /** 8-bit exponent, a scale of blocks. */
    FLOAT8E8M0(24, 8),
    /** Unsigned 2-bit integer, four in a byte. */
    UINT2(25, 2),
    /** Signed 2-bit integer, packed as {@link #UINT2}. */
    INT2(26, 2);

    private final int code;
    private final int bits;

    DataType(int code, int bits) {
        this.code = code;
        this.bits = bits;
    }

    /** {@return its number in a file} */
    public int code() {
        return code;
    }

    /** {@return the size of one element; 0 for {@link #STRING}, whose elements vary} */
    public int bits() {
        return bits;
    }

    /** {@return how many bytes so many elements take; 0 for {@link #STRING}} */
    public long bytes(long elements) {
        return bits < 8 ? (elements * bits + 7) / 8 : elements * (bits / 8);
    }

    /** {@return true for the three types of IEEE 754 and {@link #BFLOAT16}, which {@link Weights#toFloats} reads} */
    public boolean isFloat() {
        return this == FLOAT32 || this == FLOAT16 || this == FLOAT64 || this == BFLOAT16;
    }

    /** {@return true for the integers of 8 bits and more, which {@link Weights#toLongs} reads} */
    public boolean isInteger() {
        return switch (this) {
            case INT8, INT16, INT32, INT64, UINT8, UINT16, UINT32, UINT64 -> true;
            default -> false;
        };
    }

    /** {@return the type of our tensors; empty if they have none} */
    public Optional<ElementType> elementType() {
        return code <= UINT64.code ? Optional.of(ElementType.valueOf(name())) : Optional.empty();
    }

    /** {@return the type of a tensor of ours} */
    public static DataType of(ElementType type) {
        return valueOf(type.name());
    }

    /** {@return the type with this number; empty for 0, which stands for unknown, and for numbers of a later ONNX} */
    public static Optional<DataType> of(long code) {
        return code > 0 && code <= values().length ? Optional.of(values()[(int) code - 1]) : Optional.empty();
    }

    /** {@return the name for any number, for messages} */
    static String name(long code) {
        return code == 0 ? "UNDEFINED" : of(code).map(DataType::name).orElse("unknown type " + code);
    }
}
