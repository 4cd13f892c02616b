// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Node;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** The gradients that there are. */
final class Gradients {

    private static final Map<String, Gradient> ALL = new HashMap<>();

    static {
        ALL.putAll(Elementwise.GRADIENTS);
        ALL.putAll(Arithmetic.GRADIENTS);
        ALL.putAll(Products.GRADIENTS);
        ALL.putAll(Pooling.GRADIENTS);
        ALL.putAll(Reductions.GRADIENTS);
        ALL.putAll(Layout.GRADIENTS);
    }

    private Gradients() {}

    /** {@return how to differentiate a node; empty if it is not known} */
    static Optional<Gradient> of(Node node) {
        return node.domain().isEmpty() ? Optional.ofNullable(ALL.get(node.opType())) : Optional.empty();
    }
}
