// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import io.edgewright.api.tensor.ElementType;
import java.util.Optional;

/** The numbers of TensorProto.DataType in onnx.proto of ONNX 1.19. */
final class OnnxTypes {

    private OnnxTypes() {}

    static Optional<ElementType> type(long code) {
        for (ElementType type : ElementType.values()) {
            if (code(type) == code) {
                return Optional.of(type);
            }
        }
        return Optional.empty();
    }

    static int code(ElementType type) {
        return switch (type) {
            case FLOAT32 -> 1;
            case UINT8 -> 2;
            case INT8 -> 3;
            case UINT16 -> 4;
            case INT16 -> 5;
            case INT32 -> 6;
            case INT64 -> 7;
            case STRING -> 8;
            case BOOL -> 9;
            case FLOAT16 -> 10;
            case FLOAT64 -> 11;
            case UINT32 -> 12;
            case UINT64 -> 13;
        };
    }

    /** {@return the name of any type, also of those that no {@link ElementType} stands for} */
    static String name(long code) {
        return switch ((int) Math.max(-1, Math.min(code, 99))) {
            case 0 -> "UNDEFINED";
            case 14 -> "COMPLEX64";
            case 15 -> "COMPLEX128";
            case 16 -> "BFLOAT16";
            case 17 -> "FLOAT8E4M3FN";
            case 18 -> "FLOAT8E4M3FNUZ";
            case 19 -> "FLOAT8E5M2";
            case 20 -> "FLOAT8E5M2FNUZ";
            case 21 -> "UINT4";
            case 22 -> "INT4";
            case 23 -> "FLOAT4E2M1";
            case 24 -> "FLOAT8E8M0";
            default -> type(code).map(ElementType::name).orElse("unknown type " + code);
        };
    }
}
