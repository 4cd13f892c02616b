// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import java.nio.ByteBuffer;
import java.util.function.IntToDoubleFunction;

/** The ONNX test suite's comparison: relative tolerance 1e-3, absolute 1e-7, integers and text exactly. */
public final class Closeness {

    private static final double RELATIVE = 1e-3;
    private static final double ABSOLUTE = 1e-7;

    private Closeness() {}

    /**
     * {@return empty if they agree, else what differs first}
     *
     * @param expected the reference
     * @param found what was computed
     */
    public static String difference(Tensor expected, Tensor found) {
        if (expected.type() != found.type() || !expected.shape().equals(found.shape())) {
            return "expected " + expected + ", found " + found;
        }
        ByteBuffer a = expected.data();
        ByteBuffer b = found.data();
        return switch (expected.type()) {
            case FLOAT32 -> compare(expected, i -> a.getFloat(4 * i), i -> b.getFloat(4 * i));
            case FLOAT64 -> compare(expected, i -> a.getDouble(8 * i), i -> b.getDouble(8 * i));
            case FLOAT16 ->
                compare(
                        expected,
                        i -> HalfFloats.toFloat(a.getShort(2 * i)),
                        i -> HalfFloats.toFloat(b.getShort(2 * i)));
            default -> expected.equals(found) ? "" : "differs" + detail(expected, found);
        };
    }

    private static String detail(Tensor expected, Tensor found) {
        if (expected.type() == ElementType.STRING) {
            return ": expected " + expected.toStrings() + ", found " + found.toStrings();
        }
        int byteIndex = expected.data()
                .duplicate()
                .rewind()
                .mismatch(found.data().duplicate().rewind());
        return " at element " + byteIndex / expected.type().bytes();
    }

    private static String compare(Tensor shape, IntToDoubleFunction expected, IntToDoubleFunction found) {
        for (int i = 0; i < shape.elements(); i++) {
            double e = expected.applyAsDouble(i);
            double f = found.applyAsDouble(i);
            boolean same = e == f || (Double.isNaN(e) && Double.isNaN(f));
            if (!same && !(Math.abs(e - f) <= ABSOLUTE + RELATIVE * Math.abs(e))) {
                return "element " + i + ": expected " + e + ", found " + f;
            }
        }
        return "";
    }
}
