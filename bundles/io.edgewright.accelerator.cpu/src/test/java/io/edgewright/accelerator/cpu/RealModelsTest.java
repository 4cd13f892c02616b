// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.TestData;
import java.awt.image.BufferedImage;
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import java.util.zip.GZIPInputStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RealModelsTest {

    @TempDir
    Path folder;

    private CpuDriver driver;

    @BeforeEach
    void start() {
        driver = Drivers.cpu(folder, Map.of());
    }

    @Test
    void readsTenThousandDigits() throws Exception {
        byte[] images = gunzip(TestData.require("digits/t10k-images-idx3-ubyte.gz"), 16, 10_000 * 784);
        byte[] labels = gunzip(TestData.require("digits/t10k-labels-idx1-ubyte.gz"), 8, 10_000);
        int right = 0;
        try (ModelSession session = Drivers.load(driver, TestData.require("classification/mnist-8.onnx"));
                Slot slot = session.openSlot(Map.of())) {
            FloatBuffer input = slot.input("Input3").floatBuffer();
            FloatBuffer output = slot.output("Plus214_Output_0").floatBuffer();
            for (int image = 0; image < labels.length; image++) {
                for (int i = 0; i < 784; i++) {
                    input.put(i, images[image * 784 + i] & 0xFF);
                }
                slot.run(Deadline.NONE);
                right += best(output, 10) == labels[image] ? 1 : 0;
            }
        }
        assertThat(right / 100.0).isBetween(98.85, 98.97); // the model's reference figure: 98.91 %
    }

    @Test
    void loadsAndRunsEveryModelThereIs() throws Exception {
        List<Path> models;
        try (Stream<Path> files = Files.walk(TestData.require("README.md").resolveSibling("."))) {
            models = files.filter(f -> f.toString().endsWith(".onnx")).sorted().toList();
        }
        assertThat(models).isNotEmpty();
        for (Path model : models) {
            try (ModelSession session = Drivers.load(driver, model);
                    Slot slot = session.openSlot(firstShapes(session))) {
                if (session.inputs().stream().anyMatch(i -> i.name().equals("sr"))) {
                    slot.input("sr").data().putLong(0, 16_000);
                }
                for (int i = 0; i < 3; i++) {
                    slot.run(Deadline.NONE);
                }
                for (TensorSpec output : session.outputs()) {
                    assertThat(slot.output(output.name()).elements())
                            .as(model.toString())
                            .isPositive();
                }
            }
        }
    }

    @Test
    void seesAKittenInHalfPrecision() throws Exception {
        BufferedImage picture =
                ImageIO.read(TestData.require("classification/kitten_224.png").toFile());
        try (ModelSession session = Drivers.load(driver, TestData.require("classification/squeezenet-fp16.onnx"));
                Slot slot = session.openSlot(Map.of())) {
            float[] mean = {103.94f, 116.78f, 123.68f};
            ByteBuffer input = slot.input("data_0").data();
            for (int y = 0; y < 224; y++) {
                for (int x = 0; x < 224; x++) {
                    int rgb = picture.getRGB(x, y);
                    for (int channel = 0; channel < 3; channel++) { // blue first
                        float value = (rgb >> 8 * channel & 0xFF) - mean[channel];
                        input.putShort(2 * (channel * 224 * 224 + y * 224 + x), half(value));
                    }
                }
            }
            slot.run(Deadline.NONE);
            ByteBuffer output = slot.output("softmaxout_1").data();
            int best = 0;
            for (int i = 1; i < 1000; i++) {
                if (HalfFloats.toFloat(output.getShort(2 * i)) > HalfFloats.toFloat(output.getShort(2 * best))) {
                    best = i;
                }
            }
            assertThat(best).as("class 281 is 'tabby cat'").isEqualTo(281);
        }
    }

    @Test
    void hearsSpeechThroughAStatefulModel() throws Exception {
        float[] word = samples(TestData.require("tflite/yes_1000ms.wav"));
        Path model = TestData.require("audio/silero_vad.onnx");
        assertThat(speech(model, word)).anyMatch(p -> p > 0.5f);
        assertThat(speech(model, new float[16_000])).allMatch(p -> p < 0.5f);
        // the state matters: the same second again, after itself, is not judged frame by frame
        assertThat(speech(model, word)).isEqualTo(speech(model, word));
    }

    /** Frames of 512 samples behind 64 of the frame before, the state handed on from run to run. */
    private List<Float> speech(Path model, float[] samples) throws Exception {
        List<Float> probabilities = new ArrayList<>();
        try (ModelSession session = Drivers.load(driver, model);
                Slot slot = session.openSlot(Map.of("input", List.of(1L, 576L), "state", List.of(2L, 1L, 128L)))) {
            slot.input("sr").data().putLong(0, 16_000);
            FloatBuffer input = slot.input("input").floatBuffer();
            for (int at = 0; at + 512 <= samples.length; at += 512) {
                for (int i = 0; i < 576; i++) {
                    int from = at - 64 + i;
                    input.put(i, from < 0 ? 0 : samples[from]);
                }
                slot.run(Deadline.NONE);
                probabilities.add(slot.output("output").floatBuffer().get(0));
                slot.write("state", slot.output("stateN"));
            }
        }
        return probabilities;
    }

    private static Map<String, List<Long>> firstShapes(ModelSession session) {
        // the voice model takes frames of one length only
        return session.inputs().stream().anyMatch(i -> i.name().equals("sr"))
                ? Map.of("input", List.of(1L, 576L), "state", List.of(2L, 1L, 128L))
                : Map.of();
    }

    private static int best(FloatBuffer values, int count) {
        int best = 0;
        for (int i = 1; i < count; i++) {
            best = values.get(i) > values.get(best) ? i : best;
        }
        return best;
    }

    private static float[] samples(Path wav) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(wav)).order(ByteOrder.LITTLE_ENDIAN);
        float[] samples = new float[(in.limit() - 44) / 2];
        for (int i = 0; i < samples.length; i++) {
            samples[i] = in.getShort(44 + 2 * i) / 32768f;
        }
        return samples;
    }

    private static byte[] gunzip(Path file, int header, int length) throws IOException {
        try (var in = new DataInputStream(new GZIPInputStream(Files.newInputStream(file)))) {
            in.skipBytes(header);
            byte[] content = new byte[length];
            in.readFully(content);
            return content;
        }
    }

    /** Float to IEEE 754 binary16, rounded to nearest, for values of normal size. */
    private static short half(float value) {
        int bits = Float.floatToIntBits(value);
        int sign = bits >>> 16 & 0x8000;
        int exponent = (bits >>> 23 & 0xFF) - 127 + 15;
        int fraction = (bits & 0x7FFFFF) + 0x1000;
        return exponent <= 0 ? (short) sign : (short) (sign | (exponent << 10) + (fraction >>> 13));
    }

    @Test
    void keepsTheScalarOfARate() throws Exception {
        try (ModelSession session = Drivers.load(driver, TestData.require("audio/silero_vad.onnx"))) {
            assertThat(session.inputs())
                    .filteredOn(i -> i.name().equals("sr"))
                    .singleElement()
                    .satisfies(sr -> {
                        assertThat(sr.shape()).isEmpty();
                        assertThat(Tensor.elements(sr.shape())).isEqualTo(1);
                    });
        }
    }
}
