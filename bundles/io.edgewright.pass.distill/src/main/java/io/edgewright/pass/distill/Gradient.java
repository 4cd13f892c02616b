// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Node;

/** How the gradient of an operator is written as nodes. */
@FunctionalInterface
interface Gradient {

    /**
     * Adds the gradients of the inputs that {@link Backward#wants}.
     *
     * @param node whose first output has the gradient
     * @param slope the gradient of its first output
     * @param back where to add
     * @throws NoGradientException if the node is of a kind that is not handled
     */
    void add(Node node, String slope, Backward back) throws NoGradientException;
}
