// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class HalfTest {

    @Test
    void convertsEveryHalfThereAndBack() {
        for (int bits = 0; bits < 0x10000; bits++) {
            float value = Half.toFloat((short) bits);
            if (Float.isNaN(value)) {
                assertThat(Half.toFloat(Half.of(value))).isNaN();
            } else {
                assertThat(Half.of(value) & 0xffff).isEqualTo(bits);
            }
        }
    }

    @Test
    void roundsToTheNearestAndTiesToEven() {
        assertThat(Half.toFloat(Half.of(1 + 0x1p-11f))).isEqualTo(1f);
        assertThat(Half.toFloat(Half.of(1 + 3 * 0x1p-11f))).isEqualTo(1 + 0x1p-9f);
        assertThat(Half.toFloat(Half.of(65519.99f))).isEqualTo(65504f);
        assertThat(Half.toFloat(Half.of(65520f))).isInfinite();
        assertThat(Half.toFloat(Half.of(0x1p-25f))).isZero();
        assertThat(Half.toFloat(Half.of(0x1.8p-25f))).isEqualTo(0x1p-24f);
    }
}
