// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.event;

import java.time.Instant;
import java.util.Map;

/**
 * Something that happened, for people and other systems.
 *
 * @param topic parts separated by {@code /}, such as {@code retail/entrance/visit} or {@code deployment/shelf/swapped}
 * @param time when
 * @param values String, Boolean, Long, Double, or a List or Map of them; becomes the JSON object of the event
 */
public record Event(String topic, Instant time, Map<String, Object> values) {

    /** Checks and copies. */
    public Event {
        if (!topic.matches("[A-Za-z0-9._-]+(/[A-Za-z0-9._-]+)*")) {
            throw new IllegalArgumentException("topic '" + topic
                    + "' is malformed, expected parts of letters, digits, '.', '_', '-' separated by /");
        }
        values = Map.copyOf(values);
    }
}
