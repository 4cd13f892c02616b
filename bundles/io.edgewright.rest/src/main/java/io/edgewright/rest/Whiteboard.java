// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.http.HttpHandler;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The handlers of other bundles by their path prefixes. Immutable. */
final class Whiteboard {

    static final Whiteboard EMPTY = new Whiteboard(List.of());

    private static final Logger LOG = LoggerFactory.getLogger(Whiteboard.class);

    /** A handler below one prefix, and who may read and write there. */
    record Entry(String prefix, Role read, Role write, HttpHandler handler) {}

    private final List<Entry> entries;

    private Whiteboard(List<Entry> entries) {
        this.entries = List.copyOf(entries);
    }

    /** {@return the table of these services with their properties; one with malformed properties is left out} */
    static Whiteboard of(List<Map.Entry<Map<String, Object>, HttpHandler>> services) {
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<Map<String, Object>, HttpHandler> service : services) {
            Map<String, Object> properties = service.getKey();
            try {
                Role read = Role.parse(String.valueOf(properties.getOrDefault(HttpHandler.READ_ROLE, "viewer")));
                Role write = Role.parse(String.valueOf(properties.getOrDefault(HttpHandler.WRITE_ROLE, "operator")));
                for (String prefix : prefixes(properties.get(HttpHandler.PATH))) {
                    entries.add(new Entry(prefix, read, write, service.getValue()));
                }
            } catch (IllegalArgumentException e) {
                LOG.warn(
                        "handler {} is left out: {}",
                        service.getValue().getClass().getName(),
                        e.getMessage());
            }
        }
        return new Whiteboard(entries);
    }

    /** {@return the entry with the longest prefix of the path} */
    Optional<Entry> find(String path) {
        Entry best = null;
        for (Entry entry : entries) {
            String prefix = entry.prefix();
            boolean below = path.startsWith(prefix)
                    && (path.length() == prefix.length() || path.charAt(prefix.length()) == '/');
            if (below && (best == null || prefix.length() > best.prefix().length())) {
                best = entry;
            }
        }
        return Optional.ofNullable(best);
    }

    private static List<String> prefixes(@Nullable Object property) {
        List<String> prefixes = property instanceof String[] several
                ? List.of(several)
                : property instanceof String one ? List.of(one) : List.of();
        for (String prefix : prefixes) {
            if (!prefix.matches("/[^/].*[^/]|/[^/]")) {
                throw new IllegalArgumentException(
                        HttpHandler.PATH + " is '" + prefix + "', expected a path such as /metrics");
            }
        }
        if (prefixes.isEmpty()) {
            throw new IllegalArgumentException(HttpHandler.PATH + " is missing, expected a path such as /metrics");
        }
        return prefixes;
    }
}
