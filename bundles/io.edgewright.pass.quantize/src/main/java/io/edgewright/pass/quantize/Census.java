// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import java.util.Optional;
import java.util.Set;

/**
 * What there is to quantize in a model.
 *
 * @param products convolutions and matrix products with constant float weights, outside of control flow
 * @param productsInBodies those in the bodies of If, Loop and Scan, which stay as they are
 * @param quantized operators of a quantized model
 * @param unfolded batch normalizations, which the pass graph folds into convolutions
 */
record Census(int products, int productsInBodies, int quantized, int unfolded) {

    private static final Set<String> QUANTIZED = Set.of(
            "QuantizeLinear",
            "DequantizeLinear",
            "DynamicQuantizeLinear",
            "QLinearConv",
            "QLinearMatMul",
            "MatMulInteger",
            "ConvInteger",
            "MatMulNBits");

    static Census of(OnnxModel model) {
        int products = 0;
        int inBodies = 0;
        int quantized = 0;
        int unfolded = 0;
        for (Graph graph : model.graph().withSubgraphs()) {
            for (Node node : graph.nodes()) {
                boolean product = Int8Rules.isProduct(node.opType())
                        && graph.constant(node.input(1))
                                .filter(w -> w.type() == DataType.FLOAT32 || w.type() == DataType.FLOAT16)
                                .isPresent();
                boolean outside = graph.parent().isEmpty();
                products += product && outside ? 1 : 0;
                inBodies += product && !outside ? 1 : 0;
                quantized += QUANTIZED.contains(node.opType()) ? 1 : 0;
                unfolded += node.is("BatchNormalization") ? 1 : 0;
            }
        }
        return new Census(products, inBodies, quantized, unfolded);
    }

    /** {@return why there is nothing to do; empty if there is} */
    Optional<String> refusal() {
        if (quantized > 0) {
            return Optional.of("it is quantized already: " + quantized + " quantized operators");
        }
        if (products > 0) {
            return Optional.empty();
        }
        return Optional.of(
                productsInBodies > 0
                        ? "all " + productsInBodies
                                + " convolutions and matrix products lie in control flow, which stays as it is"
                        : "it has no convolution or matrix product with constant float weights");
    }

    /** {@return what there is, one line for people} */
    String summary() {
        String hint = unfolded == 0 ? "" : "; run the pass graph first, it has " + unfolded + " BatchNormalization";
        return products + " convolutions and matrix products in float" + hint;
    }
}
