// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import java.time.Duration;
import java.util.Map;

/**
 * How one model uses threads and memory.
 *
 * @param threads threads inside one run, 1 or more
 * @param spinning those threads wait for work by burning their core: fastest for one session, ruinous for two
 * @param arena memory is kept between runs; costs a tiny model more than it brings
 * @param parallelism runs side by side that make sense
 */
record Tuning(int threads, boolean spinning, boolean arena, int parallelism) {

    /** The setting of one deployment: {@code true} or {@code false} instead of the driver's own choice. */
    static final String ARENA = "cpu.arena";

    /** A run shorter than this is overhead rather than arithmetic. */
    private static final Duration TINY = Duration.ofMillis(1);

    /** A model file this small is a tiny model where no run could be timed. */
    private static final long TINY_BYTES = 128 * 1024;

    /** What to time a model with, and to open it with where nothing is known. */
    static final Tuning PLAIN = new Tuning(1, false, true, 1);

    /**
     * Chooses.
     *
     * @param runTime the measured time of one run; negative if it could not be measured
     * @param open true if a dimension other than the first is open, so that a measured run says little
     * @param sizeBytes the size of the model
     * @param spinFree true if no other session spins
     */
    static Tuning choose(
            LoadOptions options, CpuInfo cpu, Duration runTime, boolean open, long sizeBytes, boolean spinFree) {
        boolean small = sizeBytes < TINY_BYTES;
        boolean tiny = runTime.isNegative() ? small : runTime.compareTo(TINY) < 0 && (small || !open);
        boolean arena = Boolean.parseBoolean(options.properties().getOrDefault(ARENA, String.valueOf(!tiny)));
        if (options.threads() > 0) {
            int parallelism = tiny ? many(cpu) : some(Math.max(1, cpu.cores() / options.threads()));
            return new Tuning(options.threads(), false, arena, parallelism);
        }
        if (tiny) {
            return new Tuning(1, false, arena, many(cpu));
        }
        if (options.goal() == Goal.LATENCY && cpu.physicalCores() > 1) {
            return new Tuning(cpu.physicalCores(), spinFree, arena, 1);
        }
        return new Tuning(1, false, arena, some(cpu.cores()));
    }

    /** Half as many again, so that no core idles while a slot changes hands. */
    private static int some(int runs) {
        return runs + Math.max(1, runs / 2);
    }

    /** {@return this for people} */
    Map<String, String> facts() {
        return Map.of(
                "threads", Integer.toString(threads),
                "spinning", Boolean.toString(spinning),
                "arena", Boolean.toString(arena));
    }

    private static int many(CpuInfo cpu) {
        return Math.max(16, 4 * cpu.cores());
    }
}
