// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How much a variant, and the search for it, may cost. What a limit does not ask for is 0.
 *
 * @param latency the most that the median run may take
 * @param sizeBytes the most that its files may have together
 * @param memoryBytes the most memory that its session may take
 * @param time how long a search may take; what is measured by then counts
 */
public record Budget(Duration latency, long sizeBytes, long memoryBytes, Duration time) {

    /** Whatever is fastest, within 10 minutes. */
    public static final Budget DEFAULT = new Budget(Duration.ZERO, 0, 0, Duration.ofMinutes(10));

    private static final String EXPECTED =
            "expected some of latency=MILLISECONDS, size=MIB, memory=MIB, minutes=MINUTES, separated by commas";

    /** Checks. */
    public Budget {
        if (latency.isNegative() || sizeBytes < 0 || memoryBytes < 0 || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException(
                    "budget: latency %s, size %d bytes, memory %d bytes, time %s; expected none below 0, and a time above 0"
                            .formatted(latency, sizeBytes, memoryBytes, time));
        }
    }

    /**
     * {@return the budget}
     *
     * @param text as {@link #toString}; blank is {@link #DEFAULT}
     * @throws IllegalArgumentException if it is malformed; the message says what is expected
     */
    public static Budget parse(String text) {
        Duration latency = DEFAULT.latency;
        long size = DEFAULT.sizeBytes;
        long memory = DEFAULT.memoryBytes;
        Duration time = DEFAULT.time;
        for (String part : text.isBlank() ? new String[0] : text.split(",", -1)) {
            int equals = part.indexOf('=');
            String name = part.substring(0, Math.max(0, equals)).strip();
            double value = number(part, part.substring(equals + 1).strip());
            switch (name) {
                case "latency" -> latency = Duration.ofNanos((long) (value * 1e6));
                case "size" -> size = (long) (value * (1 << 20));
                case "memory" -> memory = (long) (value * (1 << 20));
                case "minutes" -> time = Duration.ofNanos((long) (value * 60e9));
                default -> throw new IllegalArgumentException("budget '" + part.strip() + "' is unknown, " + EXPECTED);
            }
        }
        return new Budget(latency, size, memory, time);
    }

    private static double number(String part, String value) {
        if (!value.matches("[0-9]{1,9}(\\.[0-9]{1,9})?")) {
            throw new IllegalArgumentException("budget '" + part.strip() + "' has no number, " + EXPECTED);
        }
        return Double.parseDouble(value);
    }

    /** {@return such as {@code latency=5,minutes=10}} */
    @Override
    public String toString() {
        List<String> parts = new ArrayList<>();
        add(parts, "latency", latency.toNanos() / 1e6);
        add(parts, "size", sizeBytes / (double) (1 << 20));
        add(parts, "memory", memoryBytes / (double) (1 << 20));
        add(parts, "minutes", time.toNanos() / 60e9);
        return String.join(",", parts);
    }

    private static void add(List<String> parts, String name, double value) {
        if (value > 0) {
            String digits = String.format(Locale.ROOT, "%.6f", value);
            parts.add(name + "=" + digits.replaceAll("\\.?0+$", ""));
        }
    }
}
