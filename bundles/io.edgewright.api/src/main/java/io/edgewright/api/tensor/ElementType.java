// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

/** Type of one tensor element. The names are those of the Open Inference Protocol but for {@link #STRING} (BYTES there). */
public enum ElementType {
    /** 32-bit IEEE 754 float. */
    FLOAT32(4, "FP32"),
    /** 16-bit IEEE 754 half float. */
    FLOAT16(2, "FP16"),
    /** 64-bit IEEE 754 float. */
    FLOAT64(8, "FP64"),
    /** Signed 8-bit integer. */
    INT8(1, "INT8"),
    /** Signed 16-bit integer. */
    INT16(2, "INT16"),
    /** Signed 32-bit integer. */
    INT32(4, "INT32"),
    /** Signed 64-bit integer. */
    INT64(8, "INT64"),
    /** Unsigned 8-bit integer. */
    UINT8(1, "UINT8"),
    /** Unsigned 16-bit integer. */
    UINT16(2, "UINT16"),
    /** Unsigned 32-bit integer. */
    UINT32(4, "UINT32"),
    /** Unsigned 64-bit integer. */
    UINT64(8, "UINT64"),
    /** One byte, 0 or 1. */
    BOOL(1, "BOOL"),
    /** A byte string; each element is a 4-byte little-endian length and that many bytes (UTF-8 where it is text). */
    STRING(0, "BYTES");

    private final int bytes;
    private final String protocolName;

    ElementType(int bytes, String protocolName) {
        this.bytes = bytes;
        this.protocolName = protocolName;
    }

    /** {@return the size of one element in bytes; 0 for {@link #STRING}, whose elements vary} */
    public int bytes() {
        return bytes;
    }

    /** {@return the datatype name in the Open Inference Protocol, such as {@code FP32} or {@code BYTES}} */
    public String protocolName() {
        return protocolName;
    }

    /** {@return true for the three floating-point types} */
    public boolean isFloatingPoint() {
        return this == FLOAT32 || this == FLOAT16 || this == FLOAT64;
    }

    /**
     * Finds a type by its Open Inference Protocol name.
     *
     * @param name such as {@code FP32}
     * @return the type
     * @throws IllegalArgumentException if there is none; the message lists those there are
     */
    public static ElementType ofProtocolName(String name) {
        for (ElementType type : values()) {
            if (type.protocolName.equals(name)) {
                return type;
            }
        }
        throw new IllegalArgumentException("datatype '" + name + "' is unknown, expected one of BOOL, UINT8, UINT16, "
                + "UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BYTES");
    }
}
