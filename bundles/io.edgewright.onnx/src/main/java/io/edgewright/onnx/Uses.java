// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Which nodes of a graph make and read which values. */
final class Uses {

    /** What is noted of a node. */
    private record Known(Set<String> reads, List<String> makes) {}

    private final Map<String, Node> producers = new HashMap<>();
    private final Map<String, Set<Node>> consumers = new HashMap<>();
    private final Map<Node, Known> known = new IdentityHashMap<>();

    @Nullable
    Node producer(String value) {
        return producers.get(value);
    }

    Set<Node> consumers(String value) {
        return consumers.getOrDefault(value, Set.of());
    }

    Set<String> consumed() {
        return consumers.keySet();
    }

    /** Notes a node, anew if it is known already. */
    void put(Node node) {
        remove(node);
        Known now = new Known(node.reads(), List.copyOf(node.outputs()));
        known.put(node, now);
        for (String value : now.reads()) {
            consumers.computeIfAbsent(value, v -> new LinkedHashSet<>()).add(node);
        }
        for (String value : now.makes()) {
            if (!value.isEmpty()) {
                producers.putIfAbsent(value, node);
            }
        }
    }

    void remove(Node node) {
        Known before = known.remove(node);
        if (before == null) {
            return;
        }
        for (String value : before.reads()) {
            consumers.computeIfPresent(value, (v, readers) -> {
                readers.remove(node);
                return readers.isEmpty() ? null : readers;
            });
        }
        for (String value : before.makes()) {
            producers.remove(value, node);
        }
    }
}
