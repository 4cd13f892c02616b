// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import java.util.Locale;

/** Chooses which range of a value 8 bits are spread over: a narrower one is finer, but cuts off what lies outside. */
enum Calibration {
    /** All that was seen. */
    MINMAX {
        @Override
        Range choose(Histogram seen, double percentile) {
            return seen.range();
        }
    },
    /** All but the same share of the least and of the greatest values. */
    PERCENTILE {
        @Override
        Range choose(Histogram seen, double percentile) {
            long cut = (long) (seen.total() * (100 - percentile) / 200);
            Range all = seen.range();
            int first = 0;
            for (long below = seen.count(0);
                    below <= cut && first < 2 * Histogram.SIDE - 1;
                    below += seen.count(first)) {
                first++;
            }
            int last = 2 * Histogram.SIDE - 1;
            for (long above = seen.count(last); above <= cut && last > 0; above += seen.count(last)) {
                last--;
            }
            double width = seen.width();
            return Range.around(
                    Math.max(all.least(), (first - Histogram.SIDE) * width),
                    Math.min(all.most(), (last + 1 - Histogram.SIDE) * width));
        }
    },
    /** What loses least information: see {@link Entropy}. */
    ENTROPY {
        @Override
        Range choose(Histogram seen, double percentile) {
            return new Entropy(seen).choose();
        }
    };

    /**
     * {@return a range that has zero in it}
     *
     * @param seen one value or more
     * @param percentile the share of values within the range, in percent; for {@link #PERCENTILE} alone
     */
    abstract Range choose(Histogram seen, double percentile);

    /** {@return as parameters write it} */
    String text() {
        return name().toLowerCase(Locale.ROOT);
    }

    static Calibration of(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }
}
