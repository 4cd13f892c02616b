// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.emit.Emitter;
import java.util.HashMap;
import java.util.Map;

/** Functions of one number: the slope of the output times their derivative. */
final class Elementwise {

    /** A derivative, written as nodes. */
    @FunctionalInterface
    private interface Derivative {

        String of(Emitter to, Node node, String x, String y);
    }

    static final Map<String, Gradient> GRADIENTS = new HashMap<>();

    static {
        put("Relu", (to, node, x, y) -> above(to, y, 0));
        put("LeakyRelu", (to, node, x, y) -> steps(to, x, node.realOr("alpha", 0.01f)));
        put("Clip", (to, node, x, y) -> number(to, to.equal(x, y)));
        put("Sigmoid", (to, node, x, y) -> to.emit("Mul", y, to.emit("Sub", to.scalar(1), y)));
        put("Tanh", (to, node, x, y) -> to.emit("Sub", to.scalar(1), to.emit("Mul", y, y)));
        put("Exp", (to, node, x, y) -> y);
        put("Log", (to, node, x, y) -> to.emit("Reciprocal", x));
        put("Sqrt", (to, node, x, y) -> to.emit("Div", to.scalar(0.5f), y));
        put("Abs", (to, node, x, y) -> to.emit("Sign", x));
        put("Neg", (to, node, x, y) -> to.scalar(-1));
        put("Reciprocal", (to, node, x, y) -> to.emit("Neg", to.emit("Mul", y, y)));
        put("Softplus", (to, node, x, y) -> to.emit("Sigmoid", x));
        put("HardSigmoid", (to, node, x, y) -> inner(to, y, node.realOr("alpha", 0.2f)));
        put("HardSwish", Elementwise::hardSwish);
        put("Erf", Elementwise::erf);
        put("Elu", Elementwise::elu);
        GRADIENTS.put("Identity", (node, slope, back) -> back.add(node.input(0), slope));
        GRADIENTS.put("Dropout", (node, slope, back) -> back.add(node.input(0), slope));
        GRADIENTS.put("Cast", Elementwise::cast);
        GRADIENTS.put("PRelu", Elementwise::prelu);
    }

    private Elementwise() {}

    private static void put(String operator, Derivative derivative) {
        GRADIENTS.put(operator, (node, slope, back) -> {
            String factor = derivative.of(back.to(), node, node.input(0), node.output(0));
            back.add(node.input(0), back.to().emit("Mul", slope, factor));
        });
    }

    /** 1 where a value is above a limit, else 0. */
    private static String above(Emitter to, String value, float limit) {
        return number(to, to.emit("Greater", value, to.scalar(limit)));
    }

    private static String number(Emitter to, String truth) {
        return to.emit("Cast", Map.of("to", Attribute.of((long) DataType.FLOAT32.code())), truth);
    }

    /** 1 above zero, else alpha. */
    private static String steps(Emitter to, String x, float alpha) {
        return to.emit("Where", to.emit("Greater", x, to.scalar(0)), to.scalar(1), to.scalar(alpha));
    }

    /** The slope of a line that is cut off at 0 and 1. */
    private static String inner(Emitter to, String y, float slope) {
        String inside = to.emit("And", to.emit("Greater", y, to.scalar(0)), to.emit("Less", y, to.scalar(1)));
        return to.emit("Where", inside, to.scalar(slope), to.scalar(0));
    }

    /** x * h(x) with h = HardSigmoid(1/6, 1/2): h + x * h'. */
    private static String hardSwish(Emitter to, Node node, String x, String y) {
        var sixth = Map.of("alpha", Attribute.of(1f / 6), "beta", Attribute.of(0.5f));
        String h = to.emit("HardSigmoid", sixth, x);
        return to.emit("Add", h, to.emit("Mul", x, inner(to, h, 1f / 6)));
    }

    /** 2 / sqrt(pi) * exp(-x^2) */
    private static String erf(Emitter to, Node node, String x, String y) {
        String bell = to.emit("Exp", to.emit("Neg", to.emit("Mul", x, x)));
        return to.emit("Mul", to.scalar((float) (2 / Math.sqrt(Math.PI))), bell);
    }

    /** 1 above zero, else y + alpha. */
    private static String elu(Emitter to, Node node, String x, String y) {
        String below = to.emit("Add", y, to.scalar(node.realOr("alpha", 1)));
        return to.emit("Where", to.emit("Greater", x, to.scalar(0)), to.scalar(1), below);
    }

    private static void cast(Node node, String slope, Backward back) throws NoGradientException {
        if (node.intOr("to", 0) != DataType.FLOAT32.code()) {
            throw new NoGradientException(node, "it makes another type than FLOAT32");
        }
        back.add(node.input(0), slope);
    }

    private static void prelu(Node node, String slope, Backward back) {
        Emitter to = back.to();
        String x = node.input(0);
        String positive = to.emit("Greater", x, to.scalar(0));
        back.add(x, to.emit("Mul", slope, to.emit("Where", positive, to.scalar(1), node.input(1))));
        String negative = to.emit("Mul", slope, to.emit("Min", x, to.scalar(0)));
        back.addReduced(node.input(1), negative, back.shape(x));
    }
}
