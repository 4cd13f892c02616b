// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small ONNX models for tests. All are made on the spot: none lies in a file. */
public final class TestModels {

    private TestModels() {}

    /**
     * {@return a model that adds a constant: {@code x: FLOAT32 shape -> y = x + constant}; two versions of it tell by
     * their answers which one served}
     *
     * @param constant what is added
     * @param shape of x and y, dynamic dimensions allowed
     */
    public static byte[] add(float constant, List<Long> shape) {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, shape))
                .output(new TensorSpec("y", ElementType.FLOAT32, shape))
                .initializer("c", Tensor.ofFloats(List.of(), constant))
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();
    }

    /**
     * {@return a model that answers its input: {@code x -> y = x}}
     *
     * @param type any element type
     * @param shape of x and y, dynamic dimensions allowed
     */
    public static byte[] identity(ElementType type, List<Long> shape) {
        return new OnnxWriter(17)
                .input(new TensorSpec("x", type, shape))
                .output(new TensorSpec("y", type, shape))
                .node("Identity", List.of("x"), List.of("y"), Map.of())
                .toBytes();
    }

    /**
     * {@return a perceptron {@code input: FLOAT32 [batch, widths[0]] -> output: FLOAT32 [batch, widths[last]]} with
     * random weights and Relu between layers; {@code 16-32-8-32-16} takes about 2 us, two layers of 3000 make 37 MB}
     *
     * @param seed of the weights
     * @param batch the first dimension, or {@link TensorSpec#DYNAMIC}
     * @param widths of the layers, two or more
     */
    public static byte[] perceptron(long seed, long batch, int... widths) {
        var random = new Random(seed);
        var writer = new OnnxWriter(17)
                .input(new TensorSpec("input", ElementType.FLOAT32, List.of(batch, (long) widths[0])))
                .output(new TensorSpec(
                        "output", ElementType.FLOAT32, List.of(batch, (long) widths[widths.length - 1])));
        String value = "input";
        for (int i = 1; i < widths.length; i++) {
            boolean last = i == widths.length - 1;
            String sum = last ? "output" : "sum" + i;
            writer.initializer("w" + i, weights(random, widths[i - 1], List.of((long) widths[i - 1], (long) widths[i])))
                    .initializer("b" + i, weights(random, widths[i - 1], List.of((long) widths[i])))
                    .node("Gemm", List.of(value, "w" + i, "b" + i), List.of(sum), Map.of());
            if (!last) {
                value = "relu" + i;
                writer.node("Relu", List.of(sum), List.of(value), Map.of());
            }
        }
        return writer.toBytes();
    }

    /**
     * {@return a one-dimensional convolution net {@code input: FLOAT32 [1, 1, length] -> output: FLOAT32 [1, 5]} with
     * random weights: three convolutions and a dense layer; length 256 takes about 20 us}
     *
     * @param seed of the weights
     * @param length of the signal, a multiple of 8
     */
    public static byte[] signalNet(long seed, long length) {
        var random = new Random(seed);
        var writer = new OnnxWriter(17)
                .input(new TensorSpec("input", ElementType.FLOAT32, List.of(1L, 1L, length)))
                .output(new TensorSpec("output", ElementType.FLOAT32, List.of(1L, 5L)));
        List<Long> channels = new ArrayList<>(List.of(1L, 8L, 16L, 16L));
        String value = "input";
        for (int i = 1; i < channels.size(); i++) {
            long in = channels.get(i - 1);
            long out = channels.get(i);
            writer.initializer("w" + i, weights(random, (int) in * 5, List.of(out, in, 5L)))
                    .node(
                            "Conv",
                            List.of(value, "w" + i),
                            List.of("conv" + i),
                            Map.of("kernel_shape", List.of(5L), "strides", List.of(2L), "pads", List.of(2L, 2L)))
                    .node("Relu", List.of("conv" + i), List.of("relu" + i), Map.of());
            value = "relu" + i;
        }
        long features = channels.get(channels.size() - 1) * (length / 8);
        return writer.node("Flatten", List.of(value), List.of("flat"), Map.of("axis", 1L))
                .initializer("wd", weights(random, (int) features, List.of(features, 5L)))
                .node("MatMul", List.of("flat", "wd"), List.of("output"), Map.of())
                .toBytes();
    }

    /**
     * {@return a model without weights that multiplies a matrix by itself again and again, {@code x: FLOAT32 [size, size]
     * -> y}; 400 products of size 1024 take about 10 s on one core; an engine can stop between any two}
     *
     * @param products how many products
     * @param size rows and columns
     */
    public static byte[] longRunning(int products, long size) {
        var writer = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(size, size)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(size, size)));
        String value = "x";
        for (int i = 1; i <= products; i++) {
            String product = i == products ? "y" : "p" + i;
            writer.node("MatMul", List.of(value, "x"), List.of(product), Map.of());
            value = product;
        }
        return writer.toBytes();
    }

    private static Tensor weights(Random random, int fanIn, List<Long> shape) {
        float[] values = new float[(int) Tensor.elements(shape)];
        double scale = Math.sqrt(2.0 / fanIn);
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (random.nextGaussian() * scale);
        }
        return Tensor.ofFloats(shape, values);
    }
}
