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
}
