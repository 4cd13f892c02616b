// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import java.util.Map;

/**
 * How a model will be used, so that a driver can choose threads and memory.
 *
 * @param goal what matters more
 * @param threads threads inside one run; 0 lets the driver choose
 * @param trusted false: of unknown origin; a driver whose engine can crash first tries it in a child process
 * @param properties settings of one driver, prefixed with its name, such as {@code cpu.arena}; unknown ones are ignored
 */
public record LoadOptions(Goal goal, int threads, boolean trusted, Map<String, String> properties) {

    /** What matters more. */
    public enum Goal {
        /** Many requests at once: one thread a run, as many runs as cores. */
        THROUGHPUT,
        /** One request at a time, as fast as can be: a large model may use all cores for one run. */
        LATENCY
    }

    /** Throughput, the driver's own choice of threads, unknown origin. */
    public static final LoadOptions DEFAULT = new LoadOptions(Goal.THROUGHPUT, 0, false, Map.of());

    /** Checks and copies. */
    public LoadOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ", expected 0 or more");
        }
        properties = Map.copyOf(properties);
    }
}
