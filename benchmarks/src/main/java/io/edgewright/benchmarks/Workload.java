// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A model that is measured with, named for the time that one run takes on a core of a server processor. */
enum Workload {
    /** A perceptron as found behind a few sensors. */
    MICRO("mlp-2us", new long[] {1, 16}, new long[] {1, 16}),
    /** A net over a window of a signal, as found in vibration monitoring. */
    SIGNAL("signal-20us", new long[] {1, 1, 256}, new long[] {1, 5}),
    /** A picture classifier with the layers of MobileNetV2, 224 by 224. */
    VISION("mobilenetv2-9ms", new long[] {1, 3, 224, 224}, new long[] {1, 1000});

    private final String label;
    private final long[] inputShape;
    private final long[] outputShape;

    Workload(String label, long[] inputShape, long[] outputShape) {
        this.label = label;
        this.inputShape = inputShape;
        this.outputShape = outputShape;
    }

    String label() {
        return label;
    }

    long[] inputShape() {
        return inputShape.clone();
    }

    long[] outputShape() {
        return outputShape.clone();
    }

    /** {@return a request, the same at every call} */
    float[] request() {
        var random = new Random(7);
        float[] values = new float[elements(inputShape)];
        for (int i = 0; i < values.length; i++) {
            values[i] = random.nextFloat() - 0.5f;
        }
        return values;
    }

    int outputElements() {
        return elements(outputShape);
    }

    /**
     * {@return the model's file, written if it is not there}
     *
     * @param folder where to
     */
    Path file(Path folder) {
        Path file = folder.resolve(label + ".onnx");
        try {
            if (!Files.exists(file)) {
                Files.createDirectories(folder);
                Files.write(file, model());
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private byte[] model() {
        return switch (this) {
            case MICRO -> TestModels.perceptron(1, 1, 16, 32, 8, 32, 16);
            case SIGNAL -> TestModels.signalNet(1, 256);
            case VISION -> new MobileNet().toBytes();
        };
    }

    private static int elements(long[] shape) {
        long product = 1;
        for (long dimension : shape) {
            product *= dimension;
        }
        return Math.toIntExact(product);
    }

    /** MobileNetV2 (Sandler et al. 2018, table 2) with random weights; the batch norms are folded in, as exporters do. */
    private static final class MobileNet {

        /** Expansion, channels, repeats and first stride of each row of the table. */
        private static final int[][] ROWS = {
            {1, 16, 1, 1}, {6, 24, 2, 2}, {6, 32, 3, 2}, {6, 64, 4, 2}, {6, 96, 3, 1}, {6, 160, 3, 2}, {6, 320, 1, 1}
        };

        private final Random random = new Random(3);
        private final OnnxWriter writer = new OnnxWriter(17)
                .input(new TensorSpec("input", ElementType.FLOAT32, List.of(1L, 3L, 224L, 224L)))
                .output(new TensorSpec("output", ElementType.FLOAT32, List.of(1L, 1000L)));
        private int layers;

        byte[] toBytes() {
            String value = convolve("input", 3, 32, 3, 2, 1, true);
            int channels = 32;
            for (int[] row : ROWS) {
                for (int i = 0; i < row[2]; i++) {
                    value = block(value, channels, row[1], row[0], i == 0 ? row[3] : 1);
                    channels = row[1];
                }
            }
            value = convolve(value, channels, 1280, 1, 1, 1, true);
            writer.node("GlobalAveragePool", List.of(value), List.of("pooled"), Map.of())
                    .node("Flatten", List.of("pooled"), List.of("flat"), Map.of("axis", 1L))
                    .initializer("wd", weights(1280, List.of(1280L, 1000L)))
                    .initializer("bd", weights(1280, List.of(1000L)))
                    .node("Gemm", List.of("flat", "wd", "bd"), List.of("output"), Map.of());
            return writer.toBytes();
        }

        private String block(String input, int from, int to, int expansion, int stride) {
            int wide = from * expansion;
            String value = expansion == 1 ? input : convolve(input, from, wide, 1, 1, 1, true);
            value = convolve(value, wide, wide, 3, stride, wide, true);
            value = convolve(value, wide, to, 1, 1, 1, false);
            if (stride != 1 || from != to) {
                return value;
            }
            String sum = "sum" + layers;
            writer.node("Add", List.of(input, value), List.of(sum), Map.of());
            return sum;
        }

        private String convolve(String input, int from, int to, int kernel, int stride, int groups, boolean relu) {
            int layer = layers++;
            long pad = kernel / 2;
            List<String> inputs = new ArrayList<>(List.of(input, "w" + layer, "b" + layer));
            int fanIn = from / groups * kernel * kernel;
            writer.initializer(
                            "w" + layer,
                            weights(fanIn, List.of((long) to, (long) from / groups, (long) kernel, (long) kernel)))
                    .initializer("b" + layer, weights(fanIn, List.of((long) to)))
                    .node(
                            "Conv",
                            inputs,
                            List.of("conv" + layer),
                            Map.of(
                                    "kernel_shape", List.of((long) kernel, (long) kernel),
                                    "strides", List.of((long) stride, (long) stride),
                                    "pads", List.of(pad, pad, pad, pad),
                                    "group", (long) groups));
            if (!relu) {
                return "conv" + layer;
            }
            writer.node("Relu", List.of("conv" + layer), List.of("relu" + layer), Map.of());
            return "relu" + layer;
        }

        private Tensor weights(int fanIn, List<Long> shape) {
            float[] values = new float[(int) Tensor.elements(shape)];
            double scale = Math.sqrt(1.0 / fanIn);
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (random.nextGaussian() * scale);
            }
            return Tensor.ofFloats(shape, values);
        }
    }
}
