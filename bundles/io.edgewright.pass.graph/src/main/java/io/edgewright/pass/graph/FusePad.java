// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;

/** Pad with zeros, Conv: the Conv alone, which pads by itself. */
final class FusePad implements Rewrite.OfNode {

    @Override
    public String figure() {
        return "pads_fused";
    }

    @Override
    public boolean apply(Graph graph, Node conv) {
        Optional<Node> pad = Patterns.onlyFor(graph, conv, conv.input(0), "Pad");
        if (!conv.is("Conv") || pad.isEmpty() || !isZero(graph, pad.get())) {
            return false;
        }
        Optional<List<Long>> pads = Patterns.ints(graph, pad.get(), "pads", 1);
        String auto = conv.textOr("auto_pad", "NOTSET");
        if (pads.isEmpty() || !auto.equals("NOTSET") && !auto.equals("VALID")) {
            return false;
        }
        int rank = pads.get().size() / 2;
        List<Long> begin = pads.get().subList(0, rank);
        List<Long> end = pads.get().subList(rank, 2 * rank);
        boolean fits = rank > 2
                && pads.get().stream().allMatch(p -> p >= 0)
                && begin.get(0) + begin.get(1) + end.get(0) + end.get(1) == 0;
        if (!fits) {
            return false;
        }
        List<Long> own = conv.intsOr("pads", Collections.nCopies(2 * rank - 4, 0L));
        List<Long> both = new ArrayList<>(begin.subList(2, rank));
        both.addAll(end.subList(2, rank));
        for (int i = 0; i < both.size(); i++) {
            both.set(i, both.get(i) + (auto.equals("VALID") ? 0 : own.get(i)));
        }
        conv.setInput(0, pad.get().input(0));
        conv.remove("auto_pad").set("pads", Attribute.ofInts(both));
        graph.remove(pad.get());
        return true;
    }

    /** Up to opset 10 the value is an attribute; from 18 on axes may be given, which is rare. */
    private static boolean isZero(Graph graph, Node pad) {
        boolean zero = pad.input(2).isEmpty()
                ? pad.realOr("value", 0) == 0
                : Patterns.floats(graph, pad.input(2))
                        .filter(value -> value.elements() == 1 && value.toFloats()[0] == 0)
                        .isPresent();
        return zero
                && pad.textOr("mode", "constant").equals("constant")
                && pad.input(3).isEmpty();
    }
}
