// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The buckets of latency histograms: fine below a millisecond, up to ten seconds. */
final class Latency {

    private static final long[] BOUNDS = nanos(
            10,
            20,
            35,
            50,
            75,
            100,
            150,
            200,
            250,
            300,
            400,
            500,
            650,
            800,
            1_000,
            1_300,
            1_600,
            2_000,
            2_500,
            3_000,
            4_000,
            5_000,
            6_500,
            8_000,
            10_000,
            13_000,
            16_000,
            20_000,
            25_000,
            30_000,
            40_000,
            50_000,
            65_000,
            80_000,
            100_000,
            150_000,
            200_000,
            300_000,
            500_000,
            750_000,
            1_000_000,
            2_000_000,
            5_000_000,
            10_000_000);

    /** How many buckets: one more than bounds. */
    static final int BUCKETS = BOUNDS.length + 1;

    /** The upper bounds in milliseconds. */
    static final List<Double> BOUNDS_MILLIS =
            Arrays.stream(BOUNDS).mapToObj(n -> n / 1e6).toList();

    private Latency() {}

    /** {@return the bucket of a duration} */
    static int bucket(long nanos) {
        int low = 0;
        int high = BOUNDS.length;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (BOUNDS[middle] < nanos) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    private static long[] nanos(long... micros) {
        return Arrays.stream(micros).map(TimeUnit.MICROSECONDS::toNanos).toArray();
    }
}
