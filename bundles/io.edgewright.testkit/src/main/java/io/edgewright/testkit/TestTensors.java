// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** Values for tests. */
public final class TestTensors {

    private TestTensors() {}

    /**
     * {@return a value of any type that differs from seed to seed; floats are finite, as JSON has no NaN}
     *
     * @param type any type
     * @param shape the dimensions, each 0 or more
     * @param seed any number
     */
    public static Tensor pattern(ElementType type, List<Long> shape, int seed) {
        int count = (int) Tensor.elements(shape);
        if (type == ElementType.STRING) {
            List<String> texts = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                texts.add(i == 0 ? "" : "grün €" + seed + "/" + i);
            }
            return Tensor.ofStrings(shape, texts);
        }
        Tensor tensor = Tensor.zeros(type, shape);
        for (int i = 0; i < tensor.data().limit(); i++) {
            byte value = (byte) (seed * 31 + i * 17 + 130);
            boolean exponent = type.isFloatingPoint() && i % type.bytes() == type.bytes() - 1;
            tensor.data().put(i, type == ElementType.BOOL ? (byte) (value & 1) : exponent ? finite(value) : value);
        }
        return tensor;
    }

    /** Without the highest bit of the exponent, which every NaN has. */
    private static byte finite(byte highest) {
        return (byte) (highest & 0xbf);
    }
}
