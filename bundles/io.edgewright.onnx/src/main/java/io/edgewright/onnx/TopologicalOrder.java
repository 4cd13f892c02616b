// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnx;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;

/** Kahn's algorithm; of the nodes that could come next it takes the one that came first before. */
final class TopologicalOrder {

    private TopologicalOrder() {}

    static List<Node> of(Graph graph) {
        List<Node> before = graph.nodes();
        Map<Node, Integer> place = new IdentityHashMap<>();
        Map<Node, Integer> waitsFor = new IdentityHashMap<>();
        for (Node node : before) {
            place.put(node, place.size());
            waitsFor.put(node, (int) node.reads().stream()
                    .filter(value -> graph.producer(value).isPresent())
                    .count());
        }
        var ready = new PriorityQueue<Node>(Comparator.comparing(place::get));
        before.stream().filter(node -> waitsFor.getOrDefault(node, 0) == 0).forEach(ready::add);
        List<Node> sorted = new ArrayList<>();
        for (Node node = ready.poll(); node != null; node = ready.poll()) {
            sorted.add(node);
            for (String value : node.outputs()) {
                for (Node reader : graph.consumers(value)) {
                    if (waitsFor.merge(reader, -1, Integer::sum) == 0) {
                        ready.add(reader);
                    }
                }
            }
        }
        if (sorted.size() < before.size()) {
            Node stuck = before.stream()
                    .filter(node -> waitsFor.getOrDefault(node, 0) > 0)
                    .findFirst()
                    .orElseThrow();
            throw new IllegalStateException(
                    "graph '%s' has a cycle at %s, expected none".formatted(graph.name(), stuck));
        }
        return sorted;
    }
}
