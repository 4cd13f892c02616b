// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.update;

import java.net.URI;
import java.util.Map;

/**
 * One update that a source offers.
 *
 * @param id unique within its source
 * @param kind {@code model}, {@code bundle} or {@code settings}
 * @param location where its content is
 * @param sha256 the digest of the content, 64 lower-case hexadecimal digits
 * @param sizeBytes of the content; {@link #UNKNOWN_SIZE} if nobody has said
 * @param properties further facts; for a model its {@code name}, {@code version} and {@code file}, where they are known
 */
public record Update(
        String id, String kind, URI location, String sha256, long sizeBytes, Map<String, String> properties) {

    /** Stands for a size that is found out when the content arrives. */
    public static final long UNKNOWN_SIZE = -1;

    /** Checks and copies. */
    public Update {
        if (id.isBlank()) {
            throw new IllegalArgumentException("the id of the update at " + location + " is blank");
        }
        if (!sha256.matches("[0-9a-f]{64}")) {
            throw new IllegalArgumentException(
                    "sha256 of update '" + id + "' is '" + sha256 + "', expected 64 lower-case hexadecimal digits");
        }
        if (sizeBytes < UNKNOWN_SIZE) {
            throw new IllegalArgumentException(
                    "sizeBytes of update '" + id + "' is " + sizeBytes + ", expected 0 or more, or UNKNOWN_SIZE");
        }
        properties = Map.copyOf(properties);
    }
}
