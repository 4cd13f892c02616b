// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.isolation;

import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * An engine to be run in a process of its own, and what that process may take.
 *
 * @param type its class, in a bundle or on the class path; the process gets the classes of that bundle and of the bundles it
 *     is wired to, but none of their native libraries: name those by path in the settings
 * @param fingerprint what a verdict about a model depends on beside the model: version of the engine, digest of a library,
 *     features of the processor; letters, digits, {@code . _ -}
 * @param settings passed to {@link Engine#start}
 * @param environment variables of the process; it gets no others but a plain {@code PATH}
 * @param jvmOptions further options of its Java, such as {@code -Xmx256m}
 * @param limit the longest time for starting, and for trying or loading one model
 * @param memoryBytes the most it may have resident
 */
public record EngineSpec(
        Class<? extends Engine> type,
        String fingerprint,
        Map<String, String> settings,
        Map<String, String> environment,
        List<String> jvmOptions,
        Duration limit,
        long memoryBytes) {

    /** Checks and copies. */
    public EngineSpec {
        if (!fingerprint.matches("[A-Za-z0-9._-]{1,200}")) {
            throw new IllegalArgumentException("fingerprint '" + fingerprint
                    + "' is malformed, expected 1 to 200 of letters, digits, '.', '_', '-'");
        }
        if (limit.isNegative() || limit.isZero() || memoryBytes <= 0) {
            throw new IllegalArgumentException(
                    "limits are " + limit + " and " + memoryBytes + " bytes, expected more than 0");
        }
        settings = Map.copyOf(settings);
        environment = Map.copyOf(environment);
        jvmOptions = List.copyOf(jvmOptions);
    }
}
