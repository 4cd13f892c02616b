// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Node;

/** A node through which no gradient can be led. */
final class NoGradientException extends Exception {

    private static final long serialVersionUID = 1L;

    /** @param why one phrase, such as {@code steps of 2} */
    NoGradientException(Node node, String why) {
        super("there is no gradient for " + node + ": " + why);
    }

    /** {@return for a value whose shape is not fixed though the inputs' are} */
    static NoGradientException shapeless(Node node, String value) {
        return new NoGradientException(
                node, "the shape of '" + value + "' is only known when it runs; the pass graph before may fix it");
    }
}
