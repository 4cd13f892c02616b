// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import java.util.HashSet;
import java.util.Set;

/** Brings a model into a form that the rules of int8 can be applied to; its answers stay the same. */
final class Preparation {

    /** What belongs to opset 13. */
    private static final long LEAST_IR_VERSION = 7;

    private Preparation() {}

    static void apply(OnnxModel model) throws OptimizationException {
        Graph graph = model.graph();
        model.raiseIrVersion(LEAST_IR_VERSION);
        OpsetRaise.apply(model);
        ClipHoist.apply(graph);
        nameNodes(graph);
        graph.sort();
    }

    /** Gives each node a name of its own, by which it is found again in what the engine builds. */
    private static void nameNodes(Graph graph) {
        Set<String> taken = new HashSet<>();
        for (Node node : graph.nodes()) {
            String name = node.name().isEmpty() ? node.output(0) : node.name();
            String fresh = name;
            for (int i = 1; !taken.add(fresh); i++) {
                fresh = name + "_" + i;
            }
            node.named(fresh);
        }
    }
}
