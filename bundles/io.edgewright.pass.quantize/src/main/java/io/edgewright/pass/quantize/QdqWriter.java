// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.quantize;

import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.Weights;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * Puts QuantizeLinear and DequantizeLinear around the nodes of a plan, in the form that ONNX Runtime makes int8 nodes of: one
 * QuantizeLinear after each value, a DequantizeLinear of its own before each reader, none between a product and its Relu, the bias in
 * 32 bits with exactly the step of input times weights.
 */
final class QdqWriter {

    private static final double BIAS_ROOM = 1.0001 * 2 / ((1L << 32) - 2);

    private final Graph graph;
    private final Plan plan;
    private final Settings settings;
    private final Function<String, Scale> scales;
    private final Observation seen;
    private final Map<String, String> quantized = new HashMap<>(); // value -> its 8-bit form
    private final Map<WeightForm, List<String>> weightForms = new HashMap<>();

    /** Weights that several products share are there once in 8 bits too, if their steps are equal. */
    private record WeightForm(String weights, int axis, ByteBuffer steps) {}

    /**
     * @param scales of each value of the plan
     * @param seen for the correction of biases
     */
    QdqWriter(Graph graph, Plan plan, Settings settings, Function<String, Scale> scales, Observation seen) {
        this.graph = graph;
        this.plan = plan;
        this.settings = settings;
        this.scales = scales;
        this.seen = seen;
    }

    /** Changes the graph. */
    void write() {
        Map<Node, List<String>> reads = new HashMap<>();
        plan.int8().forEach((node, role) -> reads.put(node, Int8Rules.dataInputs(graph, node, role)));
        plan.products().forEach(this::quantizeWeights);
        plan.values().forEach(value -> quantized.put(value, quantize(value)));
        plan.int8().forEach((node, role) -> {
            List<String> data = reads.getOrDefault(node, List.of());
            for (int i = 0; i < data.size(); i++) {
                node.setInput(i, dequantized(data.get(i)));
            }
        });
        graph.removeUnused();
    }

    /** {@return the 8-bit form of a value; all who read the value read it back from 8 bits, if it is made in int8} */
    private String quantize(String value) {
        Scale scale = scales.apply(value);
        String source = value;
        if (plan.isMadeInInt8(value)) {
            if (graph.isOutput(value)) {
                source = renamedProducerOutput(value);
            } else {
                String read = graph.freshName(value + "_dq");
                graph.replaceUses(value, read);
                String eightBits = addQuantize(value, source, scale);
                if (!graph.consumers(read).isEmpty()) {
                    addDequantize(eightBits, read, scale);
                }
                return eightBits;
            }
        }
        String eightBits = addQuantize(value, source, scale);
        if (!source.equals(value)) {
            addDequantize(eightBits, value, scale);
        }
        return eightBits;
    }

    /** An output of the graph keeps its name: what makes it gets another. */
    private String renamedProducerOutput(String value) {
        Node producer = graph.producer(value)
                .orElseThrow(() -> new IllegalStateException("'" + value + "' is made by nobody, expected a node"));
        String renamed = graph.freshName(value + "_float");
        producer.setOutputs(producer.outputs().stream()
                .map(o -> o.equals(value) ? renamed : o)
                .toList());
        return renamed;
    }

    private String addQuantize(String value, String source, Scale scale) {
        String eightBits = graph.freshName(value + "_q");
        graph.add(new Node(
                        "QuantizeLinear",
                        List.of(
                                source,
                                graph.addInitializer(value + "_step", scale.stepWeights()),
                                graph.addInitializer(value + "_zero", scale.zeroPointWeights())),
                        List.of(eightBits))
                .named(eightBits));
        return eightBits;
    }

    private void addDequantize(String eightBits, String to, Scale scale) {
        graph.add(new Node(
                        "DequantizeLinear",
                        List.of(
                                eightBits,
                                graph.addInitializer(to + "_step", scale.stepWeights()),
                                graph.addInitializer(to + "_zero", scale.zeroPointWeights())),
                        List.of(to))
                .named(graph.freshName(to + "_node")));
    }

    /** {@return a value read back from 8 bits, for one reader} */
    private String dequantized(String value) {
        String eightBits = quantized.get(value);
        Scale scale;
        if (eightBits == null) { // a constant
            Weights constant = graph.constant(value)
                    .orElseThrow(() -> new IllegalStateException("'" + value + "' is neither planned nor constant"));
            Histogram all = new Histogram();
            all.add(FloatBuffer.wrap(constant.toFloats()));
            scale = Scale.of(all.range(), settings.activations());
            eightBits = graph.addInitializer(value + "_q", scale.quantize(constant));
        } else {
            scale = scales.apply(value);
        }
        String read = graph.freshName(value + "_dq");
        addDequantize(eightBits, read, scale);
        return read;
    }

    private void quantizeWeights(Node product) {
        Weights weights = graph.constant(product.input(1))
                .orElseThrow(() -> new IllegalStateException(product + " has no constant weights, expected by plan"));
        int axis = Int8Rules.channelAxis(product);
        var steps = new WeightScales(weights, axis, settings.perChannel(), settings.weightLimit());
        float[] bias = product.is("MatMul") ? new float[0] : biasOf(product, steps.channels());
        float inputStep = scales.apply(product.input(0)).step();
        for (int c = 0; c < bias.length; c++) {
            steps.atLeast(c, BIAS_ROOM * Math.abs(bias[c]) / inputStep);
        }
        String prefix = product.input(1);
        List<String> parts = weightForms.computeIfAbsent(
                new WeightForm(prefix, axis, steps.stepWeights().bytes()),
                form -> List.of(
                        graph.addInitializer(prefix + "_q", steps.quantized()),
                        graph.addInitializer(prefix + "_step", steps.stepWeights()),
                        graph.addInitializer(prefix + "_zero", steps.zeroPointWeights())));
        String read = graph.freshName(prefix + "_dq");
        graph.add(new Node("DequantizeLinear", parts, List.of(read))
                .named(graph.freshName(read + "_node"))
                .set("axis", Attribute.of((long) axis)));
        if (bias.length > 0 && (settings.biasCorrection() || !product.input(2).isEmpty())) {
            correct(product, bias, steps, weights);
            product.setInput(2, quantizedBias(product, bias, steps, inputStep));
        }
        product.setInput(1, read);
    }

    private float[] biasOf(Node product, int channels) {
        return Int8Rules.biasOf(graph, product).map(Weights::toFloats).orElseGet(() -> new float[channels]);
    }

    /**
     * Takes out the mean error that rounding the weights makes: the error of each weight times the mean of what it is multiplied with
     * (Nagel and others, "Data-Free Quantization Through Weight Equalization and Bias Correction", 2019, section 4.2).
     */
    private void correct(Node product, float[] bias, WeightScales steps, Weights weights) {
        double[] means = seen.channelMeans(product.input(0)).orElse(new double[0]);
        if (!settings.biasCorrection() || means.length == 0) {
            return;
        }
        List<Long> shape = weights.shape();
        boolean channelFirst = Int8Rules.channelAxis(product) == 0;
        long kernel = shape.subList(2, shape.size()).stream().reduce(1L, (a, b) -> a * b);
        long inputs = channelFirst ? shape.get(1) : shape.get(0);
        long outputsInGroup = bias.length / Math.max(1, product.is("Conv") ? product.intOr("group", 1) : 1);
        double[] errors = new double[bias.length];
        for (int i = 0; i < steps.elements(); i++) {
            int channel = steps.channelOf(i);
            long input = channelFirst ? i / kernel % inputs : i / bias.length;
            long mean = channel / outputsInGroup * inputs + input;
            if (mean < means.length) {
                errors[channel] += steps.error(i) * means[(int) mean];
            }
        }
        for (int c = 0; c < bias.length; c++) {
            bias[c] -= (float) errors[c];
        }
    }

    private String quantizedBias(Node product, float[] bias, WeightScales steps, float inputStep) {
        float[] biasSteps = new float[bias.length];
        ByteBuffer integers = ByteBuffer.allocate(bias.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        for (int c = 0; c < bias.length; c++) {
            biasSteps[c] = inputStep * steps.step(c);
            double rounded = Math.rint(bias[c] / (double) biasSteps[c]);
            integers.putInt((int) Math.max(-Integer.MAX_VALUE, Math.min(Integer.MAX_VALUE, rounded)));
        }
        String prefix = (product.name().isEmpty() ? product.output(0) : product.name()) + "_bias";
        List<Long> shape = List.of((long) bias.length);
        String read = graph.freshName(prefix + "_dq");
        graph.add(new Node(
                        "DequantizeLinear",
                        List.of(
                                graph.addInitializer(prefix + "_q", Weights.of(DataType.INT32, shape, integers.flip())),
                                graph.addInitializer(prefix + "_step", Weights.ofFloats(shape, biasSteps)),
                                graph.addInitializer(
                                        prefix + "_zero",
                                        Weights.of(DataType.INT32, shape, ByteBuffer.allocate(4 * bias.length)))),
                        List.of(read))
                .named(graph.freshName(read + "_node"))
                .set("axis", Attribute.of(0L)));
        return read;
    }
}
