// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.edgewright.onnx.DataType;
import java.nio.FloatBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HistogramTest {

    @Test
    void doesNotDependOnTheOrderInWhichValuesCome() {
        float[] values = normal(1, 10_000);
        values[9_999] = 1e6f;
        var forwards = new Histogram();
        var backwards = new Histogram();
        for (int i = 0; i < values.length; i++) {
            forwards.add(FloatBuffer.wrap(values, i, 1));
            backwards.add(FloatBuffer.wrap(values, values.length - 1 - i, 1));
        }
        assertThat(forwards.width()).isEqualTo(backwards.width());
        for (int bin = 0; bin < 2 * Histogram.SIDE; bin++) {
            assertThat(forwards.count(bin)).as("bin %s", bin).isEqualTo(backwards.count(bin));
        }
    }

    @Test
    void countsEachFiniteValueOnce() {
        float[] values = {0, -0f, 1, -1, Float.MAX_VALUE, -Float.MAX_VALUE, Float.MIN_VALUE, Float.NaN, 1f / 0, -1f / 0
        };
        var seen = new Histogram();
        seen.add(FloatBuffer.wrap(values));
        long sum = 0;
        for (int bin = 0; bin < 2 * Histogram.SIDE; bin++) {
            sum += seen.count(bin);
        }
        assertThat(sum).isEqualTo(7).isEqualTo(seen.total());
        assertThat(seen.notFinite()).isEqualTo(3);
        assertThat(seen.range()).isEqualTo(new Range(-Float.MAX_VALUE, Float.MAX_VALUE));
    }

    @Test
    void zeroIsInEveryRange() {
        var seen = new Histogram();
        seen.add(FloatBuffer.wrap(new float[] {3, 4}));
        for (Calibration calibration : Calibration.values()) {
            assertThat(calibration.choose(seen, 99.99)).as(calibration.text()).isEqualTo(new Range(0, 4));
        }
    }

    @Test
    void aPercentileCutsOffTheSameShareOnBothSides() {
        var seen = new Histogram();
        float[] values = new float[100_001];
        for (int i = 0; i < values.length; i++) {
            values[i] = i / 50_000f - 1;
        }
        seen.add(FloatBuffer.wrap(values));
        Range range = Calibration.PERCENTILE.choose(seen, 90);
        assertThat(range.least()).isCloseTo(-0.9, within(0.002));
        assertThat(range.most()).isCloseTo(0.9, within(0.002));
        assertThat(Calibration.PERCENTILE.choose(seen, 100)).isEqualTo(new Range(-1, 1));
    }

    @Test
    void entropyCutsOffRareValuesFarAwayButNotTheRest() {
        float[] values = normal(2, 200_000);
        values[0] = 60;
        var seen = new Histogram();
        seen.add(FloatBuffer.wrap(values));
        Range range = Calibration.ENTROPY.choose(seen, 0);
        assertThat(range.most()).isBetween(2.5, 10.0);
        assertThat(range.least()).isBetween(-6.0, -2.5);
    }

    @Test
    void entropyIsNotMisledByAValueThatOccursVeryOften() {
        float[] values = normal(3, 200_000);
        for (int i = 0; i < values.length; i++) {
            values[i] = i % 3 == 0 ? 0.123f : Math.max(0, values[i]); // a background, and a Relu
        }
        var seen = new Histogram();
        seen.add(FloatBuffer.wrap(values));
        assertThat(Calibration.ENTROPY.choose(seen, 0).most()).isGreaterThan(2);
    }

    @Test
    void aValueThatIsAlwaysZeroStillHasAStep() {
        var seen = new Histogram();
        seen.add(FloatBuffer.allocate(10));
        for (Calibration calibration : Calibration.values()) {
            Scale scale = Scale.of(calibration.choose(seen, 99.99), DataType.UINT8);
            assertThat(scale.step()).isPositive();
            assertThat(scale.zeroPoint()).isZero();
        }
    }

    private static float[] normal(long seed, int count) {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }
}
