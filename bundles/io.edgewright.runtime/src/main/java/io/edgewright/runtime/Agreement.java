// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.Map;
import java.util.Optional;

/** Compares answers: floats within a tolerance, everything else exactly. */
final class Agreement {

    private Agreement() {}

    /** {@return the first difference for people; empty if the answers agree} */
    static Optional<String> difference(Map<String, Tensor> expected, Map<String, Tensor> found, double tolerance) {
        for (Map.Entry<String, Tensor> entry : expected.entrySet()) {
            Tensor other = found.get(entry.getKey());
            if (other == null) {
                return Optional.of("output '" + entry.getKey() + "' is missing, found " + found.keySet());
            }
            Optional<String> difference = difference(entry.getKey(), entry.getValue(), other, tolerance);
            if (difference.isPresent()) {
                return difference;
            }
        }
        return Optional.empty();
    }

    private static Optional<String> difference(String name, Tensor expected, Tensor found, double tolerance) {
        if (expected.type() != found.type() || !expected.shape().equals(found.shape())) {
            return Optional.of("output '%s' is %s, expected %s".formatted(name, found, expected));
        }
        if (!isFloat(expected.type())) {
            return expected.equals(found)
                    ? Optional.empty()
                    : Optional.of("output '%s' differs, expected equal %s values".formatted(name, expected.type()));
        }
        for (int i = 0; i < expected.elements(); i++) {
            double a = value(expected, i);
            double b = value(found, i);
            boolean same = a == b || (Double.isNaN(a) && Double.isNaN(b));
            // written so that a NaN on one side is a difference
            if (!same && !(Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a)))) {
                return Optional.of(
                        "output '%s'[%d] is %s, expected %s (tolerance %s)".formatted(name, i, b, a, tolerance));
            }
        }
        return Optional.empty();
    }

    /** {@return the first element that is not finite, for people; empty if all are} */
    static Optional<String> notFinite(String name, Tensor tensor) {
        if (isFloat(tensor.type())) {
            for (int i = 0; i < tensor.elements(); i++) {
                if (!Double.isFinite(value(tensor, i))) {
                    return Optional.of("output '%s'[%d] is %s".formatted(name, i, value(tensor, i)));
                }
            }
        }
        return Optional.empty();
    }

    private static boolean isFloat(ElementType type) {
        return type.isFloatingPoint();
    }

    private static double value(Tensor tensor, int index) {
        ByteBuffer data = tensor.data();
        return switch (tensor.type()) {
            case FLOAT64 -> data.getDouble(index * Double.BYTES);
            case FLOAT16 -> half(data.getShort(index * Short.BYTES));
            default -> data.getFloat(index * Float.BYTES);
        };
    }

    /** IEEE 754 binary16; the JDK converts it from Java 20 on. */
    private static double half(short bits) {
        int exponent = bits >>> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double sign = bits < 0 ? -1 : 1;
        if (exponent == 0x1F) {
            return fraction == 0 ? sign * Double.POSITIVE_INFINITY : Double.NaN;
        }
        return exponent == 0
                ? sign * fraction * 0x1p-24
                : sign * (1 + fraction * 0x1p-10) * Math.scalb(1.0, exponent - 15);
    }
}
