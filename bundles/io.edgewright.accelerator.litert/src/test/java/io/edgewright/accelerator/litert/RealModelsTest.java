// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import io.edgewright.vision.ImagePreprocessor;
import io.edgewright.vision.Picture;
import io.edgewright.vision.PictureReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Real models: each runs, and the float and 8-bit forms of one net agree. */
@Timeout(value = 300, unit = TimeUnit.SECONDS)
class RealModelsTest {

    private static final List<String> PICTURES = List.of(
            "classification/burger.jpg",
            "classification/cat.bmp",
            "classification/bird.bmp",
            "classification/kitten_224.png",
            "detection/cats_and_dogs.jpg",
            "detection/grace_hopper.bmp",
            "detection/street-crowd.jpg",
            "detection/faces-2.jpg");

    private final LitertDriver driver = TestDrivers.cpu();

    @Test
    void loadsAndRunsEveryModelThereIs() throws Exception {
        List<Path> models = new ArrayList<>();
        for (String part : List.of("tflite", "detection")) {
            try (Stream<Path> files = Files.list(TestData.require(part))) {
                files.filter(f -> f.toString().endsWith(".tflite"))
                        .filter(f -> !f.toString().matches(".*(_edgetpu|invalid_model.*)\\.tflite"))
                        .forEach(models::add);
            }
        }
        assertThat(models).hasSizeGreaterThan(10);
        for (Path model : models) {
            try (ModelSession session = load(model);
                    Slot slot = session.openSlot(Map.of())) {
                for (int i = 0; i < 3; i++) {
                    slot.run(Deadline.NONE);
                }
                for (TensorSpec output : session.outputs()) {
                    Tensor tensor = slot.output(output.name());
                    assertThat(tensor.elements()).as("%s %s", model, output).isPositive();
                    assertThat(output.accepts(tensor.shape()))
                            .as("%s: %s", output, tensor)
                            .isTrue();
                }
            }
        }
    }

    @Test
    void tellsACheeseburgerInFloatsAndInBytes() throws Exception {
        Path floats = TestData.require("tflite/mobilenet_v1_0.25_224_float.tflite");
        Path bytes = TestData.require("tflite/mobilenet_v1_0.25_224_quant.tflite");
        List<String> labels = new TfliteInspector()
                .inspect(bytes)
                .properties()
                .getOrDefault("labels", "")
                .lines()
                .toList();
        Map<String, String> usual = Map.of("image.scale", "1", "image.mean", "127.5", "image.std", "127.5");
        int agree = 0;
        for (String picture : PICTURES) {
            float[] a = look(floats, usual, picture);
            float[] b = look(bytes, Map.of(), picture);
            agree += best(a) == best(b) ? 1 : 0;
            assertThat(Math.abs(a[best(a)] - b[best(a)])).as(picture).isLessThan(0.35f);
            if (picture.contains("burger")) {
                assertThat(labels.get(best(a))).isEqualTo("cheeseburger");
                assertThat(labels.get(best(b))).isEqualTo("cheeseburger");
            }
        }
        assertThat(agree).isGreaterThanOrEqualTo(PICTURES.size() - 2);
        float[] small = look(TestData.require("tflite/mobilenet_v1_0.25_128_quant.tflite"), Map.of(), PICTURES.get(0));
        assertThat(labels.get(best(small))).isEqualTo("cheeseburger");
    }

    @Test
    void findsACatAndADog() throws Exception {
        Path file = TestData.require("detection/coco_ssd_mobilenet_v1_quant.tflite");
        List<String> labels = new TfliteInspector()
                .inspect(file)
                .properties()
                .getOrDefault("labels", "")
                .lines()
                .toList();
        try (ModelSession session = load(file);
                Slot slot = session.openSlot(Map.of())) {
            assertThat(session.outputs().get(0).shape()).containsExactly(1L, 10L, 4L);
            write(file, Map.of(), session, "detection/cats_and_dogs.jpg", slot);
            slot.run(Deadline.NONE);
            float[] classes = slot.output(session.outputs().get(1).name()).toFloats();
            float[] scores = slot.output(session.outputs().get(2).name()).toFloats();
            List<String> seen = new ArrayList<>();
            for (int i = 0; i < scores.length; i++) {
                if (scores[i] > 0.4f) {
                    seen.add(labels.get((int) classes[i]));
                }
            }
            assertThat(seen).contains("cat", "dog");
        }
    }

    @Test
    void smallNetsAgreeInFloatsAndInBytes() throws Exception {
        // keywords: MFCC-like noise, the same for both
        assertPair("kws_ref_model_float32", "kws_ref_model", input -> noise(input, 8, 12, 7), 0.2f, 0.9);
        // anomalies: log-mel-like noise; the answer is the input again, in decibels
        assertPair("ad01_fp32", "ad01_int8", input -> noise(input, -20, 6, 8), 4.0f, 0);
    }

    @Test
    void pictureNetsAgreeInFloatsAndInBytes() throws Exception {
        int agree = 0;
        for (String picture : PICTURES) {
            Map<String, String> pixels = Map.of("image.scale", "1", "image.mean", "0");
            float[] a = look(TestData.require("tflite/pretrainedResnet.tflite"), pixels, picture);
            float[] b = look(TestData.require("tflite/pretrainedResnet_quant.tflite"), Map.of(), picture);
            agree += best(a) == best(b) ? 1 : 0;
            float[] c = look(TestData.require("tflite/vww_96_float.tflite"), Map.of(), picture);
            float[] d = look(TestData.require("tflite/vww_96_int8.tflite"), Map.of(), picture);
            assertThat(Math.abs(c[1] - d[1])).as("person in " + picture).isLessThan(0.15f);
            if (picture.contains("grace_hopper") || picture.contains("faces")) {
                assertThat(d[1]).as("person in " + picture).isGreaterThan(0.5f);
            }
        }
        assertThat(agree).isGreaterThanOrEqualTo(PICTURES.size() - 1);
    }

    private interface Filler {
        float[] values(int count);
    }

    private static float[] noise(int count, float mean, float deviation, long seed) {
        var random = new Random(seed);
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = (float) (mean + deviation * random.nextGaussian());
        }
        return values;
    }

    /** The same real numbers into both forms; the real numbers that come out differ by no more than the tolerance. */
    private void assertPair(String floats, String bytes, Filler filler, float tolerance, double agreement)
            throws Exception {
        Path first = TestData.require("tflite/" + floats + ".tflite");
        Path second = TestData.require("tflite/" + bytes + ".tflite");
        try (ModelSession a = load(first);
                ModelSession b = load(second);
                Slot slotA = a.openSlot(Map.of());
                Slot slotB = b.openSlot(Map.of())) {
            String in = a.inputs().get(0).name();
            float[] values = filler.values((int) slotA.input(in).elements());
            put(slotA.input(in), values, Map.of(), in);
            String inB = b.inputs().get(0).name();
            put(slotB.input(inB), values, properties(second), inB);
            slotA.run(Deadline.NONE);
            slotB.run(Deadline.NONE);
            float[] x = slotA.output(a.outputs().get(0).name()).toFloats();
            String out = b.outputs().get(0).name();
            float[] y = real(slotB.output(out), properties(second), out);
            double apart = 0;
            for (int i = 0; i < x.length; i++) {
                apart = Math.max(apart, Math.abs(x[i] - y[i]));
            }
            assertThat(apart).as("%s and %s", floats, bytes).isLessThan(tolerance);
            if (agreement > 0) {
                assertThat(best(y)).isEqualTo(best(x));
            }
        }
    }

    /** {@return the real numbers of the only output for a picture} */
    private float[] look(Path file, Map<String, String> settings, String picture) throws Exception {
        try (ModelSession session = load(file);
                Slot slot = session.openSlot(Map.of())) {
            write(file, settings, session, picture, slot);
            slot.run(Deadline.NONE);
            String out = session.outputs().get(0).name();
            return real(slot.output(out), properties(file), out);
        }
    }

    private static void write(Path file, Map<String, String> settings, ModelSession session, String picture, Slot slot)
            throws Exception {
        Map<String, String> all = new HashMap<>(properties(file));
        all.putAll(settings);
        Inspection found = new TfliteInspector().inspect(file);
        var manifest = new ModelManifest(
                ModelId.of("m", "1.0.0"),
                "tflite",
                "m.tflite",
                "0".repeat(64),
                1,
                found.inputs(),
                found.outputs(),
                Map.of(),
                all);
        Picture pixels = PictureReader.DEFAULT.read(TestData.require(picture));
        List<TensorSpec> concrete = session.inputs().stream()
                .map(i -> new TensorSpec(i.name(), i.type(), i.concreteShape(1)))
                .toList();
        var preprocessor = ImagePreprocessor.of(manifest, concrete);
        preprocessor.write(pixels, slot.input(preprocessor.input()));
    }

    private static void put(Tensor tensor, float[] values, Map<String, String> properties, String name) {
        for (int i = 0; i < values.length; i++) {
            if (tensor.type() == ElementType.FLOAT32) {
                tensor.data().putFloat(4 * i, values[i]);
            } else {
                String[] units =
                        properties.getOrDefault("quantization." + name, "").split("/");
                long whole = Math.round(values[i] / Float.parseFloat(units[0])) + Long.parseLong(units[1]);
                tensor.data().put(i, (byte) Math.max(-128, Math.min(127, whole)));
            }
        }
    }

    private static float[] real(Tensor tensor, Map<String, String> properties, String name) {
        if (tensor.type() == ElementType.FLOAT32) {
            return tensor.toFloats();
        }
        String[] units = properties.getOrDefault("quantization." + name, "").split("/");
        float[] values = new float[(int) tensor.elements()];
        for (int i = 0; i < values.length; i++) {
            int whole = tensor.data().get(i);
            int number = tensor.type() == ElementType.UINT8 ? whole & 0xff : whole;
            values[i] = Float.parseFloat(units[0]) * (number - Long.parseLong(units[1]));
        }
        return values;
    }

    private static int best(float[] values) {
        int best = 0;
        for (int i = 1; i < values.length; i++) {
            best = values[i] > values[best] ? i : best;
        }
        return best;
    }

    private static Map<String, String> properties(Path file) throws Exception {
        return new TfliteInspector().inspect(file).properties();
    }

    private ModelSession load(Path file) throws Exception {
        return driver.load(FileModel.of(file, "tflite"), driver.accelerators().get(0), LoadOptions.DEFAULT);
    }
}
