// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.Map;

/** Functions of two numbers, repeated along axes where they must be. */
final class Arithmetic {

    static final Map<String, Gradient> GRADIENTS = Map.of(
            "Add", Arithmetic::add,
            "Sum", Arithmetic::add,
            "Sub", Arithmetic::subtract,
            "Mul", Arithmetic::multiply,
            "Div", Arithmetic::divide,
            "Pow", Arithmetic::power);

    private Arithmetic() {}

    private static void add(Node node, String slope, Backward back) {
        for (String input : node.inputs()) {
            back.addReduced(input, slope, back.shape(node.output(0)));
        }
    }

    private static void subtract(Node node, String slope, Backward back) {
        back.addReduced(node.input(0), slope, back.shape(node.output(0)));
        if (back.wants(node.input(1))) {
            back.addReduced(node.input(1), back.to().emit("Neg", slope), back.shape(node.output(0)));
        }
    }

    private static void multiply(Node node, String slope, Backward back) {
        for (int i = 0; i < 2; i++) {
            if (back.wants(node.input(i))) {
                String part = back.to().emit("Mul", slope, node.input(1 - i));
                back.addReduced(node.input(i), part, back.shape(node.output(0)));
            }
        }
    }

    private static void divide(Node node, String slope, Backward back) {
        Emitter to = back.to();
        String share = to.emit("Div", slope, node.input(1));
        back.addReduced(node.input(0), share, back.shape(node.output(0)));
        if (back.wants(node.input(1))) {
            String part = to.emit("Neg", to.emit("Mul", share, node.output(0)));
            back.addReduced(node.input(1), part, back.shape(node.output(0)));
        }
    }

    /** Of the base alone: p * x^(p - 1). */
    private static void power(Node node, String slope, Backward back) throws NoGradientException {
        if (back.wants(node.input(1))) {
            throw new NoGradientException(node, "its exponent is learnt");
        }
        Emitter to = back.to();
        String less = to.emit("Pow", node.input(0), to.emit("Sub", node.input(1), to.scalar(1)));
        String part = to.emit("Mul", slope, to.emit("Mul", node.input(1), less));
        back.addReduced(node.input(0), part, back.shape(node.output(0)));
    }
}
