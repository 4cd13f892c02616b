// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Keeps one of several initializers with the same content. */
final class MergeInitializers implements Rewrite {

    /** Larger ones are not compared: reading all weights would cost more than it gains. */
    private static final long LARGEST_BYTES = 1 << 20;

    /** Equal if type, shape and bytes are. */
    private record Content(DataType type, List<Long> shape, ByteBuffer bytes) {}

    @Override
    public String figure() {
        return "initializers_merged";
    }

    @Override
    public boolean isGain() {
        return false; // some bytes
    }

    @Override
    public int apply(Graph graph) {
        Map<Content, String> first = new HashMap<>();
        int merged = 0;
        for (Map.Entry<String, Weights> entry : List.copyOf(graph.initializers().entrySet())) {
            String value = entry.getKey();
            Weights weights = entry.getValue();
            if (weights.type() == DataType.STRING
                    || weights.byteSize() > LARGEST_BYTES
                    || graph.isInput(value)
                    || graph.isOutput(value)) {
                continue;
            }
            String same = first.putIfAbsent(new Content(weights.type(), weights.shape(), weights.bytes()), value);
            if (same != null) {
                graph.replaceUses(value, same);
                graph.removeInitializer(value);
                merged++;
            }
        }
        return merged;
    }
}
