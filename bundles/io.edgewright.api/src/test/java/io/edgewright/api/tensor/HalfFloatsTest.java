// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class HalfFloatsTest {

    @Test
    void everyHalfComesBack() {
        for (int bits = 0; bits <= 0xffff; bits++) {
            float value = HalfFloats.toFloat((short) bits);
            if (!Float.isNaN(value)) {
                assertThat(HalfFloats.toHalf(value)).isEqualTo((short) bits);
            }
        }
    }

    @Test
    void roundsToTheNearestAndTiesToEven() {
        assertThat(roundTrip(1 + 0x1p-11f)).isEqualTo(1f);
        assertThat(roundTrip(1 + 3 * 0x1p-11f)).isEqualTo(1 + 2 * 0x1p-10f);
        assertThat(roundTrip(1.0004f + 0x1p-11f)).isEqualTo(1 + 0x1p-10f);
        assertThat(roundTrip(65_519f)).isEqualTo(65_504f);
        assertThat(roundTrip(65_520f)).isInfinite();
        assertThat(roundTrip(-0f)).isEqualTo(-0f);
        assertThat(roundTrip(Float.NaN)).isNaN();
        assertThat(roundTrip(0x1p-25f)).isEqualTo(0f);
        assertThat(roundTrip(0x1.8p-25f)).isEqualTo(0x1p-24f);
    }

    private static float roundTrip(float value) {
        return HalfFloats.toFloat(HalfFloats.toHalf(value));
    }
}
