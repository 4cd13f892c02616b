// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.tensor.ElementType;
import java.util.Optional;

/** Element types by the numbers of TensorType in TensorFlow Lite's schema. */
final class TfliteTypes {

    private TfliteTypes() {}

    /** {@return the type; empty for those that nothing here takes (complex numbers, resources, half bytes)} */
    static Optional<ElementType> of(int number) {
        return Optional.ofNullable(
                switch (number) {
                    case 0 -> ElementType.FLOAT32;
                    case 1 -> ElementType.FLOAT16;
                    case 2 -> ElementType.INT32;
                    case 3 -> ElementType.UINT8;
                    case 4 -> ElementType.INT64;
                    case 5 -> ElementType.STRING;
                    case 6 -> ElementType.BOOL;
                    case 7 -> ElementType.INT16;
                    case 9 -> ElementType.INT8;
                    case 10 -> ElementType.FLOAT64;
                    case 12 -> ElementType.UINT64;
                    case 15 -> ElementType.UINT32;
                    case 16 -> ElementType.UINT16;
                    default -> null;
                });
    }

    /** {@return the number of the same type in TfLiteType of the C API} */
    static int nativeNumber(int number) {
        return switch (number) {
            case 0 -> 1; // 0 is no type at all there
            case 1 -> 10; // half floats came later
            default -> number < 10 ? number : number + 1;
        };
    }

    /** {@return the name for people} */
    static String name(int number) {
        return of(number)
                .map(ElementType::name)
                .orElse(
                        switch (number) {
                            case 8 -> "COMPLEX64";
                            case 11 -> "COMPLEX128";
                            case 13 -> "RESOURCE";
                            case 14 -> "VARIANT";
                            case 17 -> "INT4";
                            case 18 -> "BFLOAT16";
                            default -> "type " + number;
                        });
    }
}
