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
 * @param sizeBytes of the content
 * @param properties further facts, such as {@code deployment} and {@code version}
 */
public record Update(
        String id, String kind, URI location, String sha256, long sizeBytes, Map<String, String> properties) {

    /** Copies. */
    public Update {
        properties = Map.copyOf(properties);
    }
}
