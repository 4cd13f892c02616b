// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.accelerator.litert.TfliteInspector;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;

/**
 * One model, in one or several files, and what they are asked.
 *
 * @param name what the table calls it
 * @param forms the files; the first one on the first device is what the others are held against
 * @param inputs real numbers, in the shape of the model's only input
 * @param tolerance how far two answers may be apart, in the unit of the answer
 * @param sameBest for how many inputs the greatest answer must be the same one
 */
record AgreeCase(String name, List<Form> forms, List<Tensor> inputs, double tolerance, int sameBest) {

    private static final List<String> PICTURES = List.of(
            "classification/cat.bmp",
            "classification/bird.bmp",
            "classification/burger.jpg",
            "detection/cats_and_dogs.jpg",
            "detection/grace_hopper.bmp",
            "detection/street-crowd.jpg");

    /**
     * A file of the model.
     *
     * @param file where it lies
     * @param format such as {@code onnx}
     * @param input how real numbers become those of its input
     * @param output how those of its output become real numbers
     */
    record Form(Path file, String format, Steps input, Steps output) {

        Tensor quantize(Tensor real) {
            Tensor tensor = Tensor.zeros(input.type, real.shape());
            float[] values = real.toFloats();
            for (int i = 0; i < values.length; i++) {
                if (input.type == ElementType.FLOAT32) {
                    tensor.floatBuffer().put(i, values[i]);
                } else {
                    boolean unsigned = input.type == ElementType.UINT8;
                    long step = Math.round(values[i] / input.scale) + input.zero;
                    tensor.data().put(i, (byte) Math.max(unsigned ? 0 : -128, Math.min(unsigned ? 255 : 127, step)));
                }
            }
            return tensor;
        }

        float[] real(Tensor tensor) {
            if (tensor.type() == ElementType.FLOAT32) {
                return tensor.toFloats();
            }
            float[] values = new float[(int) tensor.elements()];
            for (int i = 0; i < values.length; i++) {
                int step = tensor.data().get(i);
                values[i] = (float)
                        (output.scale * ((output.type == ElementType.UINT8 ? step & 0xff : step) - output.zero));
            }
            return values;
        }
    }

    /**
     * How whole numbers stand for real ones: real = scale * (whole - zero).
     *
     * @param type FLOAT32, INT8 or UINT8
     * @param scale the step
     * @param zero the whole number for 0
     */
    record Steps(ElementType type, double scale, int zero) {}

    /** {@return what is compared} */
    static List<AgreeCase> all(Path data) throws IOException, ModelException {
        Path tflite = data.resolve("tflite");
        return List.of(
                new AgreeCase("MNIST", List.of(onnx(data, "classification/mnist-8.onnx")), digits(data, 20), 0.01, 20),
                new AgreeCase(
                        "keywords, floats and int8",
                        pair(tflite, "kws_ref_model_float32", "kws_ref_model"),
                        noise(List.of(1L, 49L, 10L, 1L), 0, 8),
                        0.3,
                        4),
                new AgreeCase(
                        "anomalies (dB), floats and int8",
                        pair(tflite, "ad01_fp32", "ad01_int8"),
                        noise(List.of(1L, 640L), -20, 6),
                        5,
                        0),
                new AgreeCase(
                        "person, floats and int8",
                        pair(tflite, "vww_96_float", "vww_96_int8"),
                        pictures(data, 96, 1 / 255f, 0),
                        0.15,
                        PICTURES.size() - 1),
                new AgreeCase(
                        "CIFAR-10, floats and int8",
                        pair(tflite, "pretrainedResnet", "pretrainedResnet_quant"),
                        pictures(data, 32, 1, 0),
                        0.35,
                        PICTURES.size() - 1),
                new AgreeCase(
                        "MobileNet, floats and uint8",
                        pair(tflite, "mobilenet_v1_0.25_224_float", "mobilenet_v1_0.25_224_quant"),
                        pictures(data, 224, 1 / 127.5f, -1),
                        0.5,
                        PICTURES.size() - 2));
    }

    private static Form onnx(Path data, String file) {
        var floats = new Steps(ElementType.FLOAT32, 1, 0);
        return new Form(data.resolve(file), "onnx", floats, floats);
    }

    private static List<Form> pair(Path folder, String floats, String bytes) throws ModelException {
        return List.of(lite(folder.resolve(floats + ".tflite")), lite(folder.resolve(bytes + ".tflite")));
    }

    private static Form lite(Path file) throws ModelException {
        Inspection found = new TfliteInspector().inspect(file);
        return new Form(
                file,
                "tflite",
                steps(found, found.inputs().get(0)),
                steps(found, found.outputs().get(0)));
    }

    private static Steps steps(Inspection found, TensorSpec spec) {
        String[] words = found.properties()
                .getOrDefault("quantization." + spec.name(), "1/0")
                .split("/", -1);
        return new Steps(spec.type(), Double.parseDouble(words[0]), Integer.parseInt(words[1]));
    }

    /** The first digits of MNIST's test set; format: IDX, 16 bytes of header, then a byte a pixel. */
    private static List<Tensor> digits(Path data, int count) throws IOException {
        List<Tensor> digits = new ArrayList<>();
        try (InputStream file = Files.newInputStream(data.resolve("digits/t10k-images-idx3-ubyte.gz"));
                var in = new DataInputStream(new GZIPInputStream(file))) {
            in.readFully(new byte[16]);
            for (int i = 0; i < count; i++) {
                float[] pixels = new float[28 * 28];
                for (int p = 0; p < pixels.length; p++) {
                    pixels[p] = in.readUnsignedByte();
                }
                digits.add(Tensor.ofFloats(List.of(1L, 1L, 28L, 28L), pixels));
            }
        }
        return digits;
    }

    /** Within what the integer form can hold: beyond that it would answer to something else. */
    private static List<Tensor> noise(List<Long> shape, float mean, float deviation) {
        var random = new Random(7);
        List<Tensor> inputs = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            float[] values = new float[(int) Tensor.elements(shape)];
            for (int j = 0; j < values.length; j++) {
                values[j] = (float) (mean + deviation * random.nextGaussian());
            }
            inputs.add(Tensor.ofFloats(shape, values));
        }
        return inputs;
    }

    /** Pictures as {@code [1, size, size, 3]}, RGB, pixel * scale + offset. */
    private static List<Tensor> pictures(Path data, int size, float scale, float offset) throws IOException {
        List<Tensor> inputs = new ArrayList<>();
        for (String name : PICTURES) {
            BufferedImage small = new BufferedImage(size, size, BufferedImage.TYPE_INT_RGB);
            Graphics2D graphics = small.createGraphics();
            graphics.setRenderingHint(RenderingHints.KEY_INTERPOLATION, RenderingHints.VALUE_INTERPOLATION_BILINEAR);
            graphics.drawImage(ImageIO.read(data.resolve(name).toFile()), 0, 0, size, size, null);
            graphics.dispose();
            float[] values = new float[size * size * 3];
            for (int i = 0; i < size * size; i++) {
                int rgb = small.getRGB(i % size, i / size);
                for (int c = 0; c < 3; c++) {
                    values[i * 3 + c] = (rgb >> 16 - 8 * c & 0xff) * scale + offset;
                }
            }
            inputs.add(Tensor.ofFloats(List.of(1L, (long) size, (long) size, 3L), values));
        }
        return inputs;
    }
}
