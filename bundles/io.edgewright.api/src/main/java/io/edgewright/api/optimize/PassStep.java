// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.optimize;

import java.util.Collections;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * One pass with its parameters, as it is written in a pipeline: {@code quantize(calibration=entropy,weights=int8)}, or
 * {@code graph} where all have their defaults.
 *
 * @param pass the name of the pass
 * @param parameters by name, in alphabetical order; those left out have their defaults
 */
public record PassStep(String pass, Map<String, String> parameters) {

    /** Checks and copies. */
    public PassStep {
        if (!pass.matches("[a-z][a-z0-9-]{0,59}")) {
            throw new IllegalArgumentException("pass name '" + pass
                    + "' is malformed, expected lower-case letters, digits, '-', such as graph;quantize(weights=int8)");
        }
        parameters.forEach((name, value) -> {
            if (!name.matches("[a-z][a-z0-9.-]{0,59}") || value.matches("(?s).*[;,=()].*")) {
                throw new IllegalArgumentException(
                        "parameter '%s=%s' of pass %s is malformed, expected NAME=VALUE".formatted(name, value, pass));
            }
        });
        parameters = Collections.unmodifiableMap(new TreeMap<>(parameters));
    }

    /**
     * {@return the step}
     *
     * @param text as {@link #toString}; blanks around words are left out
     * @throws IllegalArgumentException if it is malformed; the message says what is expected
     */
    public static PassStep parse(String text) {
        String step = text.strip();
        int open = step.indexOf('(');
        if (open < 0) {
            return new PassStep(step, Map.of());
        }
        if (!step.endsWith(")")) {
            throw new IllegalArgumentException(
                    "pass '" + step + "' has no closing parenthesis, expected such as quantize(weights=int8)");
        }
        Map<String, String> parameters = new TreeMap<>();
        String inner = step.substring(open + 1, step.length() - 1);
        for (String part : inner.isBlank() ? new String[0] : inner.split(",", -1)) {
            int equals = part.indexOf('=');
            if (equals < 0) {
                throw new IllegalArgumentException(
                        "parameter '%s' in '%s' has no value, expected NAME=VALUE".formatted(part.strip(), step));
            }
            String name = part.substring(0, equals).strip();
            if (parameters.put(name, part.substring(equals + 1).strip()) != null) {
                throw new IllegalArgumentException("parameter '%s' is there twice in '%s'".formatted(name, step));
            }
        }
        return new PassStep(step.substring(0, open).strip(), parameters);
    }

    /** {@return the canonical notation} */
    @Override
    public String toString() {
        return parameters.isEmpty()
                ? pass
                : parameters.entrySet().stream()
                        .map(e -> e.getKey() + "=" + e.getValue())
                        .collect(Collectors.joining(",", pass + "(", ")"));
    }
}
