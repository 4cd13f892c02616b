// SPDX-License-Identifier: Apache-2.0
package io.edgewright.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

final class NumbersTest {

    @Test
    void readsEveryTypeOfElement() {
        for (ElementType type : ElementType.values()) {
            if (type != ElementType.STRING) {
                assertThat(Elements.number(Tensor.zeros(type, List.of(2L)), 1))
                        .as(type.name())
                        .isZero();
            }
        }
        Tensor bytes = Tensor.zeros(ElementType.UINT8, List.of(1L));
        bytes.data().put(0, (byte) 200);
        assertThat(Elements.number(bytes, 0)).isEqualTo(200);
        Tensor longs = Tensor.zeros(ElementType.UINT64, List.of(1L));
        longs.data().putLong(0, -1);
        assertThat(Elements.number(longs, 0)).isEqualTo(0x1p64);
    }

    @Test
    void readsHalfFloats() {
        assertThat(Elements.half((short) 0x3c00)).isEqualTo(1);
        assertThat(Elements.half((short) 0xc000)).isEqualTo(-2);
        assertThat(Elements.half((short) 0x7bff)).isEqualTo(65504);
        assertThat(Elements.half((short) 0x0001)).isEqualTo(0x1p-24);
        assertThat(Elements.half((short) 0x7c00)).isInfinite();
        assertThat(Elements.half((short) 0x7e00)).isNaN();
    }

    @Test
    void countsLatenciesWithinOnePercent() {
        var counts = new LatencyCounts();
        for (int i = 1; i <= 1000; i++) {
            counts.add(i * 1000L);
        }

        assertThat(counts.count()).isEqualTo(1000);
        assertThat(counts.quantileMillis(0.5)).isCloseTo(0.5, within(0.006));
        assertThat(counts.quantileMillis(0.99)).isCloseTo(0.99, within(0.011));
        assertThat(counts.quantileMillis(1)).isEqualTo(1);
        assertThat(counts.meanMillis()).isCloseTo(0.5005, within(1e-6));
        assertThat(new LatencyCounts().quantileMillis(0.5)).isZero();
    }

    @Test
    void refusesNumbersOutOfRange() {
        var request = new Request(Map.of("top", List.of("0"), "seconds", List.of("soon")));

        assertThatIllegalArgumentException()
                .isThrownBy(() -> request.number("top", 5, 1, 100))
                .withMessage("--top is '0', expected a number from 1 to 100");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> request.real("seconds", 1, 0.1, 10))
                .withMessageContaining("from 0.1 to 10");
    }
}
