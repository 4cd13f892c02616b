// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.api.optimize.PassResult;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.Weights;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights of matrix products in 4 bits, a step for each block of inputs of an output: ONNX Runtime's MatMulNBits (ContribOperators.md),
 * which its processors and many of its providers run. Activations stay float.
 */
final class BlockInt4 {

    private static final String DOMAIN = "com.microsoft";

    private final Graph graph;
    private final int block;
    private final Map<String, List<String>> packed = new HashMap<>(); // weights -> their 4 bits and their steps

    private BlockInt4(Graph graph, int block) {
        this.graph = graph;
        this.block = block;
    }

    static PassResult apply(OnnxModel model, Settings settings, Path target) throws IOException {
        var products = new Products(model.graph(), settings.keep());
        if (products.matrixProducts().isEmpty()) {
            return PassResult.unchanged(
                    "it has no matrix product with constant float weights, which 4-bit weights are for");
        }
        var int4 = new BlockInt4(model.graph(), settings.block());
        for (Node product : products.matrixProducts()) {
            int4.replace(products, product);
        }
        model.opsets().putIfAbsent(DOMAIN, 1L);
        model.graph().removeUnused();
        model.write(target);
        int count = products.matrixProducts().size();
        return PassResult.changed(
                count + " matrix products to 4-bit weights",
                Map.of("products_int4", (double) count),
                products.remarks());
    }

    private void replace(Products products, Node product) {
        Weights weights = products.weightsOf(product);
        long inputs = weights.shape().get(0);
        long outputs = weights.shape().get(1);
        String key = product.input(1) + " " + Int8Rules.channelAxis(product);
        List<String> parts = packed.computeIfAbsent(key, k -> pack(product.input(1), weights));
        products.replace(
                product,
                new Node(DOMAIN, "MatMulNBits", List.of(product.input(0), parts.get(0), parts.get(1)), List.of(""))
                        .set("K", Attribute.of(inputs))
                        .set("N", Attribute.of(outputs))
                        .set("bits", Attribute.of(4L))
                        .set("block_size", Attribute.of((long) block)));
    }

    /** For each output, blocks of inputs; two inputs in a byte, the first in the lower half; 8 stands for 0. */
    private List<String> pack(String name, Weights weights) {
        int inputs = Math.toIntExact(weights.shape().get(0));
        int outputs = Math.toIntExact(weights.shape().get(1));
        float[] values = weights.toFloats();
        int blocks = (inputs + block - 1) / block;
        byte[] bytes = new byte[outputs * blocks * block / 2];
        float[] steps = new float[outputs * blocks];
        for (int o = 0; o < outputs; o++) {
            for (int b = 0; b < blocks; b++) {
                float step = step(values, outputs, o, b * block, Math.min(inputs, (b + 1) * block));
                steps[o * blocks + b] = step;
                for (int i = b * block; i < (b + 1) * block; i++) {
                    float value = i < inputs ? values[i * outputs + o] : 0;
                    int nibble = (int) Math.max(0, Math.min(15, Math.rint(step == 0 ? 0 : value / step) + 8));
                    bytes[(o * blocks * block + i) / 2] |= (byte) (nibble << 4 * (i & 1));
                }
            }
        }
        return List.of(
                graph.addInitializer(
                        name + "_int4",
                        Weights.of(
                                DataType.UINT8,
                                List.of((long) outputs, (long) blocks, block / 2L),
                                ByteBuffer.wrap(bytes))),
                graph.addInitializer(name + "_step", Weights.ofFloats(List.of((long) steps.length), steps)));
    }

    /** {@return the step with which the greatest magnitude is -8, which is one more than 7: so its sign may be negative} */
    private static float step(float[] values, int outputs, int output, int from, int to) {
        float greatest = 0;
        for (int i = from; i < to; i++) {
            float value = values[i * outputs + output];
            greatest = Math.abs(value) > Math.abs(greatest) ? value : greatest;
        }
        return greatest / -8;
    }
}
