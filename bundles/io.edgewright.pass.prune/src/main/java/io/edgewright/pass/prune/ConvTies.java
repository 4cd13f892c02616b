// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import io.edgewright.onnx.Node;

/** What convolutions tie. */
final class ConvTies {

    private final Units units;

    ConvTies(Units units) {
        this.units = units;
    }

    /** Kernels {@code [O, I / group, ...]}. */
    boolean conv(Node node) {
        String input = node.input(0);
        String kernel = node.input(1);
        String output = node.output(0);
        int group = Math.toIntExact(node.intOr("group", 1));
        int outputs = units.size(kernel, 0);
        int each = units.size(kernel, 1);
        if (units.size(input, 1) != each * group || units.size(output, 1) != outputs || outputs % group != 0) {
            return false;
        }
        units.tie(output, 1, kernel, 0);
        if (group == 1) {
            units.tie(input, 1, kernel, 1);
        } else if (each == 1) {
            int times = outputs / group;
            for (int o = 0; o < outputs; o++) {
                units.tie(input, 1, o / times, kernel, 0, o);
            }
        } else {
            grouped(input, kernel, group);
        }
        bias(node, output);
        spatial(input, output);
        return true;
    }

    /** Each group loses the same channels, so that groups stay equal. */
    private void grouped(String input, String kernel, int group) {
        int inputs = units.size(kernel, 1);
        int outputs = units.size(kernel, 0) / group;
        for (int i = 0; i < inputs * group; i++) {
            units.tie(input, 1, i, kernel, 1, i % inputs);
        }
        for (int o = 0; o < outputs * group; o++) {
            units.tie(kernel, 0, o, kernel, 0, o % outputs);
        }
    }

    /** Kernels {@code [I, O / group, ...]}. */
    boolean transposed(Node node) {
        if (node.intOr("group", 1) != 1) {
            return false;
        }
        units.tie(node.input(0), 1, node.input(1), 0);
        units.tie(node.output(0), 1, node.input(1), 1);
        bias(node, node.output(0));
        spatial(node.input(0), node.output(0));
        return true;
    }

    private void bias(Node node, String output) {
        if (!node.input(2).isEmpty()) {
            units.tie(node.input(2), 0, output, 1);
        }
    }

    private void spatial(String input, String output) {
        for (int axis = 2; axis < units.rank(input); axis++) {
            units.lock(input, axis);
            units.lock(output, axis);
        }
    }
}
