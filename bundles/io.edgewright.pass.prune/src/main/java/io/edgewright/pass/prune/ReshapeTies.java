// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import java.util.ArrayList;
import java.util.List;

/**
 * What a change of shape ties. Axes are matched from the left as soon as they hold as many elements. Where several become one
 * (Flatten), the outermost of them can lose channels, each with all that lies under it; where one becomes several (the first half of
 * a channel shuffle, or heads), the innermost can, each in all repetitions.
 */
final class ReshapeTies {

    private ReshapeTies() {}

    /** {@return false if it cannot be seen which axes became which} */
    static boolean apply(Units units, String input, String output) {
        List<Long> from = units.shape(input);
        List<Long> to = units.shape(output);
        int i = 0;
        int o = 0;
        if (isOpen(from, 0) && isOpen(to, 0)) {
            i = 1;
            o = 1;
        }
        while (i < from.size() || o < to.size()) {
            List<Integer> left = new ArrayList<>();
            List<Integer> right = new ArrayList<>();
            long sizeLeft = 1;
            long sizeRight = 1;
            do {
                if (sizeLeft <= sizeRight && i < from.size()) {
                    sizeLeft *= from.get(i);
                    left.add(i++);
                } else if (o < to.size()) {
                    sizeRight *= to.get(o);
                    right.add(o++);
                } else {
                    return i == from.size();
                }
                if (sizeLeft <= 0 || sizeRight <= 0) {
                    return false;
                }
            } while (sizeLeft != sizeRight || sizeLeft == 1 && (i < from.size() || o < to.size()));
            segment(units, input, wide(units, input, left), output, wide(units, output, right));
        }
        return true;
    }

    private static boolean isOpen(List<Long> shape, int axis) {
        return !shape.isEmpty() && shape.get(axis) < 0;
    }

    /** Without axes of size 1, which stay. */
    private static List<Integer> wide(Units units, String value, List<Integer> axes) {
        axes.stream().filter(axis -> units.size(value, axis) == 1).forEach(axis -> units.lock(value, axis));
        return axes.stream().filter(axis -> units.size(value, axis) != 1).toList();
    }

    private static void segment(Units units, String input, List<Integer> left, String output, List<Integer> right) {
        if (left.size() == 1 && right.size() == 1) {
            units.tie(input, left.get(0), output, right.get(0));
        } else if (left.size() > 1 && right.size() == 1) {
            int outermost = left.get(0);
            int under = units.size(output, right.get(0)) / units.size(input, outermost);
            for (int i = 0; i < units.size(output, right.get(0)); i++) {
                units.tie(input, outermost, i / under, output, right.get(0), i);
            }
            left.stream().skip(1).forEach(axis -> units.lock(input, axis));
        } else if (left.size() == 1) {
            int innermost = right.get(right.size() - 1);
            for (int i = 0; i < units.size(input, left.get(0)); i++) {
                units.tie(output, innermost, i % units.size(output, innermost), input, left.get(0), i);
            }
            right.stream().limit(right.size() - 1L).forEach(axis -> units.lock(output, axis));
        } else {
            left.forEach(axis -> units.lock(input, axis));
            right.forEach(axis -> units.lock(output, axis));
        }
    }
}
