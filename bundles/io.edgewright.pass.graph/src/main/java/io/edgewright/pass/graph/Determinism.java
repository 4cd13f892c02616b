// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Node;
import java.util.Set;

/** Which operators always answer the same to the same inputs, and nothing but that. */
final class Determinism {

    private static final Set<String> RANDOM = Set.of(
            "RandomNormal",
            "RandomNormalLike",
            "RandomUniform",
            "RandomUniformLike",
            "Multinomial",
            "Bernoulli",
            "Dropout");

    private Determinism() {}

    /** {@return true for operators of ONNX itself that are not random and have no subgraphs; of others nothing is known} */
    static boolean holds(Node node) {
        boolean own = node.domain().isEmpty() || node.domain().equals("ai.onnx.ml");
        return own && !RANDOM.contains(node.opType()) && node.subgraphs().isEmpty() && node.isOfTensors();
    }
}
