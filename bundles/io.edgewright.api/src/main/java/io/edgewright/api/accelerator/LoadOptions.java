// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.accelerator;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

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

    private static final Pattern PROPERTY = Pattern.compile("([a-z0-9_-]+(?:\\.[A-Za-z0-9_-]+)+)\\s*=\\s*(.*)");

    /** Throughput, the driver's own choice of threads, unknown origin. */
    public static final LoadOptions DEFAULT = new LoadOptions(Goal.THROUGHPUT, 0, false, Map.of());

    /** Checks and copies. */
    public LoadOptions {
        if (threads < 0) {
            throw new IllegalArgumentException("threads is " + threads + ", expected 0 or more");
        }
        properties = Map.copyOf(properties);
    }

    /**
     * {@return properties from how people write them}
     *
     * @param entries {@code driver.key=value} each; blank ones, as forms leave them, count for nothing
     * @throws IllegalArgumentException if one is malformed; the message says what is expected
     */
    public static Map<String, String> parse(List<String> entries) {
        Map<String, String> properties = new HashMap<>();
        for (String entry : entries) {
            if (entry.isBlank()) {
                continue;
            }
            Matcher matcher = PROPERTY.matcher(entry.strip());
            if (!matcher.matches()) {
                throw new IllegalArgumentException(
                        "driver option '" + entry + "', expected driver.key=value, such as cpu.arena=true");
            }
            properties.put(matcher.group(1), matcher.group(2));
        }
        return properties;
    }
}
