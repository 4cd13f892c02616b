// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfTest {

    @Test
    void everyHalfComesBack() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float value = Half.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(Half.ofFloat(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToTheNearestAndTiesToEven() {
        assertThat(Half.toFloat(Half.ofFloat(1 + 0x1p-11f))).isEqualTo(1f);
        assertThat(Half.toFloat(Half.ofFloat(1 + 3 * 0x1p-11f))).isEqualTo(1 + 2 * 0x1p-10f);
        assertThat(Half.toFloat(Half.ofFloat(1.0004f + 0x1p-11f))).isEqualTo(1 + 0x1p-10f);
        assertThat(Half.toFloat(Half.ofFloat(65_519f))).isEqualTo(65_504f);
        assertThat(Half.toFloat(Half.ofFloat(65_520f))).isInfinite();
        assertThat(Half.toFloat(Half.ofFloat(-0f))).isEqualTo(-0f);
        assertThat(Half.toFloat(Half.ofFloat(Float.NaN))).isNaN();
        assertThat(Half.toFloat(Half.ofFloat(0x1p-25f))).isEqualTo(0f);
        assertThat(Half.toFloat(Half.ofFloat(0x1.8p-25f))).isEqualTo(0x1p-24f);
    }
}
