// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Which places of all axes of all values live or die together: the dependency graph of structured pruning (Fang et al., DepGraph,
 * 2023), here as a union-find over (value, axis, index). What is tied to place 0 stays.
 */
final class Units {

    /** So many places cost 160 MB. */
    private static final long MOST_PLACES = 20_000_000;

    /** The place that everything locked is tied to. */
    private static final int LOCKED = 0;

    private final Map<String, List<Long>> shapes;
    private final Map<String, int[]> starts = new LinkedHashMap<>();
    private final int[] parents;

    /**
     * @param shapes of every value and constant; a dimension below 0 is open and has no places
     * @throws IllegalArgumentException if there are too many places
     */
    Units(Map<String, List<Long>> shapes) {
        this.shapes = shapes;
        long next = 1;
        for (Map.Entry<String, List<Long>> value : shapes.entrySet()) {
            int[] start = new int[value.getValue().size()];
            for (int axis = 0; axis < start.length; axis++) {
                start[axis] = (int) next;
                next += Math.max(0, value.getValue().get(axis));
                if (next > MOST_PLACES) {
                    throw new IllegalArgumentException(
                            "its values have more than %d places along their axes, such as %s %s"
                                    .formatted(MOST_PLACES, value.getKey(), value.getValue()));
                }
            }
            starts.put(value.getKey(), start);
        }
        parents = new int[(int) next];
        Arrays.setAll(parents, i -> i);
    }

    /** {@return the dimensions of all values whose rank is known} */
    Map<String, List<Long>> shapes() {
        return shapes;
    }

    /** {@return true if the rank of a value is known} */
    boolean knows(String value) {
        return starts.containsKey(value);
    }

    /** {@return the dimensions of a value whose rank is known; below 0 where they are open} */
    List<Long> shape(String value) {
        List<Long> shape = shapes.get(value);
        if (shape == null) {
            throw new IllegalArgumentException("the rank of '" + value + "' is not known");
        }
        return shape;
    }

    int rank(String value) {
        return shape(value).size();
    }

    /** {@return the size of an axis; 0 if it is open} */
    int size(String value, int axis) {
        return (int) Math.max(0, shape(value).get(axis));
    }

    /** Two places live or die together. */
    void tie(String a, int axisA, int indexA, String b, int axisB, int indexB) {
        union(place(a, axisA, indexA), place(b, axisB, indexB));
    }

    /** Two axes live or die together, place by place; they stay whole if they are not equally long. */
    void tie(String a, int axisA, String b, int axisB) {
        int size = size(a, axisA);
        if (size != size(b, axisB)) {
            lock(a, axisA);
            lock(b, axisB);
            return;
        }
        for (int i = 0; i < size; i++) {
            tie(a, axisA, i, b, axisB, i);
        }
    }

    /** An axis stays whole. */
    void lock(String value, int axis) {
        for (int i = 0; i < size(value, axis); i++) {
            union(place(value, axis, i), LOCKED);
        }
    }

    /** All axes of a value stay whole; nothing if its rank is not known. */
    void lock(String value) {
        for (int axis = 0; knows(value) && axis < rank(value); axis++) {
            lock(value, axis);
        }
    }

    /** {@return what a place belongs to: equal numbers live or die together, and {@link #isLocked} ones stay} */
    int unit(String value, int axis, int index) {
        return root(place(value, axis, index));
    }

    boolean isLocked(int unit) {
        return unit == root(LOCKED);
    }

    private int place(String value, int axis, int index) {
        int[] start = starts.get(value);
        if (start == null || index >= size(value, axis)) {
            throw new IllegalArgumentException("'%s' has no place %d along axis %d".formatted(value, index, axis));
        }
        return start[axis] + index;
    }

    private void union(int a, int b) {
        parents[root(a)] = root(b);
    }

    private int root(int place) {
        int at = place;
        while (parents[at] != at) {
            parents[at] = parents[parents[at]];
            at = parents[at];
        }
        return at;
    }
}
