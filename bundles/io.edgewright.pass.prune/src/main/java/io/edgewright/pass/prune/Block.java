// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Graph;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Channels that are alike: each can go without any other, and all of them are in the same axes of the same weights.
 *
 * @param first a layer that makes them
 * @param units one for each channel
 * @param made where each of them is made: layer by layer, place by place
 * @param width how many outputs of one layer each of them is, such as 2 before a channel shuffle
 */
record Block(Layer first, List<Integer> units, Map<Integer, List<Place>> made, int width) {

    /**
     * A place in which a layer makes a channel.
     *
     * @param layer which layer
     * @param index which of its outputs
     */
    record Place(Layer layer, int index) {}

    Block {
        units = List.copyOf(units);
        made = Map.copyOf(made);
    }

    /**
     * {@return the blocks of a graph, in the order of their layers}
     *
     * @param graph the graph
     * @param units what is tied in it
     * @param layers those whose channels may go
     */
    static List<Block> of(Graph graph, Units units, List<Layer> layers) {
        Map<Integer, List<Place>> made = new LinkedHashMap<>();
        for (Layer layer : layers) {
            int axis = layer.outputAxis();
            for (int i = 0; i < units.size(layer.weights(), axis); i++) {
                int unit = units.unit(layer.weights(), axis, i);
                if (!units.isLocked(unit)) {
                    made.computeIfAbsent(unit, u -> new ArrayList<>()).add(new Place(layer, i));
                }
            }
        }
        Map<Integer, TreeMap<String, Integer>> axes = new HashMap<>();
        for (String name : graph.initializers().keySet()) {
            for (int axis = 0; axis < units.rank(name); axis++) {
                for (int i = 0; i < units.size(name, axis); i++) {
                    int unit = units.unit(name, axis, i);
                    if (made.containsKey(unit)) {
                        axes.computeIfAbsent(unit, u -> new TreeMap<>()).merge(name + "#" + axis, 1, Integer::sum);
                    }
                }
            }
        }
        Map<Map<String, Integer>, List<Integer>> alike = new LinkedHashMap<>();
        made.keySet().forEach(unit -> alike.computeIfAbsent(axes.get(unit), a -> new ArrayList<>())
                .add(unit));
        List<Block> blocks = new ArrayList<>();
        alike.values().forEach(members -> blocks.add(block(members, made)));
        return blocks;
    }

    private static Block block(List<Integer> members, Map<Integer, List<Place>> made) {
        Map<Integer, List<Place>> places = new LinkedHashMap<>();
        members.forEach(unit -> places.put(unit, List.copyOf(made.getOrDefault(unit, List.of()))));
        Map<Layer, Long> perLayer = made.getOrDefault(members.get(0), List.of()).stream()
                .collect(Collectors.groupingBy(Place::layer, Collectors.counting()));
        int width = perLayer.values().stream().mapToInt(Long::intValue).max().orElse(1);
        Layer first = places.values().iterator().next().get(0).layer();
        return new Block(first, members, places, width);
    }

    /** {@return where a unit is made} */
    List<Place> places(int unit) {
        return made.getOrDefault(unit, List.of());
    }

    /** {@return how many channels it has} */
    int channels() {
        return units.size() * width;
    }

    /**
     * {@return how many units to keep}
     *
     * @param share of the channels
     * @param round channels come in multiples of this
     */
    int kept(double share, int round) {
        int step = Math.max(1, round / width);
        long steps = Math.max(1, Math.round(share * units.size() / step));
        return (int) Math.min(units.size(), steps * step);
    }
}
