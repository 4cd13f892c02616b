// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** ReduceMean over height and width: GlobalAveragePool, which has a kernel in int8; flattened where the mean drops them. */
final class MeanToGlobalPool implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "means_to_pools";
    }

    @Override
    public boolean apply(Graph graph, Node mean) {
        String input = mean.input(0);
        int rank = Patterns.rank(graph, input).orElse(0);
        Optional<List<Long>> axes = Patterns.ints(graph, mean, "axes", 1);
        boolean fits = mean.is("ReduceMean")
                && rank >= 3
                && axes.isPresent()
                && Patterns.type(graph, input).filter(DataType.FLOAT32::equals).isPresent();
        if (!fits) {
            return false;
        }
        Set<Long> found = axes.get().stream().map(a -> a < 0 ? a + rank : a).collect(Collectors.toSet());
        Set<Long> spatial = IntStream.range(2, rank).mapToObj(i -> (long) i).collect(Collectors.toSet());
        if (!found.equals(spatial)) {
            return false;
        }
        String output = mean.output(0);
        graph.remove(mean);
        if (mean.intOr("keepdims", 1) == 1) {
            graph.add(new Node("GlobalAveragePool", List.of(input), List.of(output)).named(mean.name()));
            return true;
        }
        String pooled = graph.freshName(output + "_pooled");
        graph.add(new Node("GlobalAveragePool", List.of(input), List.of(pooled)).named(mean.name()));
        graph.add(new Node("Flatten", List.of(pooled), List.of(output)).set("axis", Attribute.of(1)));
        return true;
    }
}
