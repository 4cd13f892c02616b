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
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Matrix products in int8 whose input is quantized in each run by its own range: no calibration. In the form of standard operators
 * that ONNX Runtime makes DynamicQuantizeMatMul of.
 */
final class DynamicInt8 {

    private final Graph graph;
    private final Settings settings;
    private final Map<String, List<String>> quantized = new HashMap<>(); // value -> integers, step, zero point

    private DynamicInt8(Graph graph, Settings settings) {
        this.graph = graph;
        this.settings = settings;
    }

    static PassResult apply(OnnxModel model, Settings settings, Path target) throws IOException {
        var products = new Products(model.graph(), settings.keep());
        if (products.matrixProducts().isEmpty()) {
            return PassResult.unchanged(
                    "it has no matrix product with constant float weights, which dynamic int8 is for");
        }
        var dynamic = new DynamicInt8(model.graph(), settings);
        for (Node product : products.matrixProducts()) {
            dynamic.replace(products, product);
        }
        model.graph().removeUnused();
        model.write(target);
        int count = products.matrixProducts().size();
        return PassResult.changed(
                count + " matrix products to dynamic int8",
                Map.of("products_int8", (double) count),
                products.remarks());
    }

    private void replace(Products products, Node product) {
        Weights weights = products.weightsOf(product);
        var steps = new WeightScales(weights, 1, settings.perChannel(), settings.weightLimit());
        String name = product.input(1);
        List<String> input = quantized.computeIfAbsent(product.input(0), this::quantize);
        String sum = graph.freshName(product.output(0) + "_sum");
        graph.add(new Node(
                        "MatMulInteger",
                        List.of(
                                input.get(0),
                                graph.addInitializer(name + "_q", steps.quantized()),
                                input.get(2),
                                graph.addInitializer(name + "_zero", steps.zeroPointWeights())),
                        List.of(sum))
                .named(sum));
        String real = graph.freshName(sum + "_float");
        graph.add(new Node("Cast", List.of(sum), List.of(real)).named(real).set("to", Attribute.of((long)
                DataType.FLOAT32.code())));
        String step = graph.freshName(product.output(0) + "_step");
        graph.add(new Node(
                        "Mul",
                        List.of(input.get(1), graph.addInitializer(name + "_step", steps.stepWeights())),
                        List.of(step))
                .named(step));
        products.replace(product, new Node("Mul", List.of(real, step), List.of("")));
    }

    private List<String> quantize(String value) {
        List<String> outputs = List.of(
                graph.freshName(value + "_q"), graph.freshName(value + "_step"), graph.freshName(value + "_zero"));
        graph.add(new Node("DynamicQuantizeLinear", List.of(value), outputs).named(outputs.get(0)));
        return outputs;
    }
}
