// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import java.time.Duration;

/**
 * How one model uses the processor.
 *
 * @param threads threads inside one run, 1 or more
 * @param parallelism runs side by side that make sense
 */
record Tuning(int threads, int parallelism) {

    /** A run shorter than this is overhead rather than arithmetic: more threads make it slower. */
    private static final Duration TINY = Duration.ofMillis(1);

    /**
     * Chooses.
     *
     * @param runTime the measured time of one run with one thread
     * @param cores that this process may use
     * @param external true if a delegate for another device does the work
     */
    static Tuning choose(LoadOptions options, Duration runTime, int cores, boolean external) {
        if (external) {
            return new Tuning(Math.max(1, options.threads()), 1);
        }
        if (options.threads() > 0) {
            return new Tuning(options.threads(), Math.max(1, cores / options.threads()));
        }
        if (options.goal() == Goal.LATENCY && cores > 1 && runTime.compareTo(TINY) > 0) {
            return new Tuning(cores, 1);
        }
        return new Tuning(1, cores);
    }
}
