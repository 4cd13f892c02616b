// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/** Lets normalizations take the statistics of the batch instead of those they have learnt. */
final class BatchStatistics {

    private BatchStatistics() {}

    /**
     * Changes the BatchNormalization nodes of a graph.
     *
     * @param prefix of the nodes to change
     * @param shapes of the values
     * @return the learnt statistics, by the values that have those of the batch
     */
    static Map<String, String> take(Graph graph, Emitter to, String prefix, Shapes shapes) {
        Map<String, String> learnt = new HashMap<>();
        for (Node node : List.copyOf(graph.nodes())) {
            if (!node.is("BatchNormalization") || !node.output(0).startsWith(prefix)) {
                continue;
            }
            List<Long> shape = shapes.of(node.input(0));
            List<Long> axes =
                    new ArrayList<>(LongStream.range(0, shape.size()).boxed().toList());
            axes.remove(1);
            String mean = to.mean(node.input(0), axes);
            String centred = to.emit("Sub", node.input(0), mean);
            String variance = to.mean(to.emit("Mul", centred, centred), axes);
            List<String> batch =
                    List.of(to.reshape(mean, List.of(shape.get(1))), to.reshape(variance, List.of(shape.get(1))));
            learnt.put(batch.get(0), node.input(3));
            learnt.put(batch.get(1), node.input(4));
            node.setInput(3, batch.get(0));
            node.setInput(4, batch.get(1));
        }
        return learnt;
    }
}
