// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.List;

/**
 * One kind of simplification. It looks at one graph, without its subgraphs, and changes it where its precondition holds: the
 * outputs of the graph stay the same for all inputs.
 */
interface Rewrite {

    /** {@return what is counted, as a figure of the result} */
    String figure();

    /** {@return false if it only prepares for others: a model is not worth writing for that alone} */
    default boolean isGain() {
        return true;
    }

    /** Rewrites where it can. {@return how often it did} */
    int apply(Graph graph);

    /** A rewrite that starts from single nodes. */
    interface OfNode extends Rewrite {

        /** {@return true if this node was the start of a rewrite} */
        boolean apply(Graph graph, Node node);

        @Override
        default int apply(Graph graph) {
            int count = 0;
            for (Node node : List.copyOf(graph.nodes())) {
                if (node.graph().isPresent() && apply(graph, node)) {
                    count++;
                }
            }
            return count;
        }
    }
}
