// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.SessionOptions;
import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.optimize.NodeRemark;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.pass.quantize.Int8Rules.Role;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Which nodes stayed float, and which rule made them: from the plan, and from the graph that ONNX Runtime really builds of the
 * quantized model on this processor.
 */
record Islands(List<NodeRemark> remarks, int productsInInt8) {

    /** What ONNX Runtime makes of a product in int8. */
    private static final Set<String> INT8_PRODUCTS = Set.of(
            "QLinearConv",
            "ConvInteger",
            "QGemm",
            "QLinearMatMul",
            "MatMulIntegerToFloat",
            "MatMulInteger",
            "DynamicQuantizeMatMul");

    Islands {
        remarks = List.copyOf(remarks);
    }

    /**
     * {@return the islands of a model}
     *
     * @param original what was planned for
     * @param quantized the file
     */
    static Islands find(Graph original, Plan plan, Path quantized, PassContext context)
            throws OptimizationException, IOException {
        List<NodeRemark> remarks = new ArrayList<>();
        plan.floats().forEach((node, rule) -> {
            if (isWorthTelling(original, node)) {
                remarks.add(rule.on(node));
            }
        });
        if (context.device().kind() != AcceleratorKind.CPU) {
            return new Islands(remarks, plan.products().size()); // another engine's graph is not to be seen
        }
        Map<String, String> built = built(quantized, context.workFolder().resolve("built.onnx"));
        int int8 = 0;
        for (Node product : plan.products()) {
            String operator = built.getOrDefault(product.name(), "");
            if (INT8_PRODUCTS.contains(operator)) {
                int8++;
            } else {
                remarks.add(new NodeRemark(
                        product.name(),
                        product.opType(),
                        "engine",
                        "stays float: ONNX Runtime built %s of it, expected an int8 operator"
                                .formatted(operator.isEmpty() ? "something without its name" : operator)));
            }
        }
        return new Islands(remarks, int8);
    }

    /** What only moves values, or works on shapes and constants, costs little in float. */
    private static boolean isWorthTelling(Graph graph, Node node) {
        Role role = Int8Rules.role(graph, node);
        return role != Role.MOVE && !Int8Rules.readsConstantsOnly(graph, node) && !Int8Rules.isAboutShapes(node);
    }

    /** {@return the operators of the graph that ONNX Runtime builds, by name of node} */
    static Map<String, String> built(Path quantized, Path file) throws OptimizationException, IOException {
        try (SessionOptions options = OrtModel.options()) {
            options.setOptimizationLevel(OptLevel.EXTENDED_OPT);
            options.setOptimizedModelFilePath(file.toString());
            OrtRuntime.environment()
                    .createSession(quantized.toString(), options)
                    .close();
        } catch (OrtException e) {
            throw OrtModel.refused(e);
        }
        Map<String, String> operators = new HashMap<>();
        try (OnnxModel model = OnnxModel.read(file)) {
            for (Node node : model.graph().nodes()) {
                operators.put(node.name(), node.opType());
            }
        }
        Files.delete(file);
        return operators;
    }
}
