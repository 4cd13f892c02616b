// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TfliteModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class TfliteInspectorTest {

    private static final int MUTATIONS = 20_000;

    @TempDir
    Path folder;

    private final TfliteInspector inspector = new TfliteInspector();

    @Test
    void readsNamesTypesAndOpenSizes() throws Exception {
        byte[] content = TfliteModels.identity(ElementType.INT64, List.of(-1L, 3L));
        Inspection found = inspector.inspect(Files.write(folder.resolve("m.tflite"), content));
        assertThat(found.inputs()).containsExactly(new TensorSpec("x", ElementType.INT64, List.of(-1L, 3L)));
        assertThat(found.outputs()).containsExactly(new TensorSpec("y", ElementType.INT64, List.of(-1L, 3L)));
        assertThat(found.externalFiles()).isEmpty();
        assertThat(found.properties()).containsEntry("tflite.schema", "3").doesNotContainKey("image.layout");
    }

    @Test
    void namesOperatorsThatAreNotTensorFlowLites() throws Exception {
        Path file = Files.write(folder.resolve("m.tflite"), TfliteModels.custom("edgetpu-custom-op"));
        assertThat(inspector.inspect(file).properties()).containsEntry("tflite.custom", "edgetpu-custom-op");
    }

    @Test
    void readsMetadataLabelsAndQuantization() throws Exception {
        Inspection found = inspector.inspect(TestData.require("tflite/mobilenet_v1_0.25_224_quant.tflite"));
        assertThat(found.inputs())
                .containsExactly(new TensorSpec("input", ElementType.UINT8, List.of(1L, 224L, 224L, 3L)));
        assertThat(found.properties())
                .containsEntry("image.color", "RGB")
                .containsEntry("image.layout", "NHWC")
                .containsEntry("quantization.input", "0.0078125/128")
                .containsEntry("quantization.MobilenetV1/Predictions/Reshape_1", "0.00390625/0")
                .doesNotContainKey("image.mean"); // to half a unit, the input takes the pixels as they are
        assertThat(found.properties().getOrDefault("labels", "").lines())
                .hasSize(1001)
                .contains("cheeseburger");
        assertThat(found.properties().get("licence")).startsWith("Apache License");
    }

    @Test
    void leavesTheRankOpenThatOnlyAnOperatorKnows() throws Exception {
        Inspection found = inspector.inspect(TestData.require("detection/coco_ssd_mobilenet_v1_quant.tflite"));
        assertThat(found.outputs()).hasSize(4).allSatisfy(o -> assertThat(o.shape())
                .isEqualTo(TensorSpec.ANY_SHAPE));
        assertThat(found.properties().getOrDefault("labels", "")).startsWith("person\nbicycle");
    }

    @Test
    void saysWhatIsWrongWithAFile() throws Exception {
        byte[] whole = TfliteModels.identity(ElementType.FLOAT32, List.of(2L));
        assertInvalid(new byte[0], "0 bytes");
        assertInvalid("PK is no model, of course".getBytes(java.nio.charset.StandardCharsets.UTF_8), "expected 'TFL3'");
        assertInvalid(Arrays.copyOf(whole, whole.length - 20), "the file has " + (whole.length - 20) + " bytes");
        assertInvalid(
                Files.readAllBytes(TestData.require("tflite/invalid_model_invoking_error.tflite")),
                "the buffer of tensor");
    }

    @Test
    void refusesTablesThatReferToEachOtherWithoutEnd() throws Exception {
        byte[] content = TfliteModels.manyToOne(5000); // 40 KB, 25 million tensors
        long start = System.nanoTime();
        assertInvalid(content, "more often than any real model");
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - start)).isLessThan(60);
    }

    @Test
    void withstandsDamagedFiles() throws Exception {
        List<byte[]> seeds = new ArrayList<>(List.of(
                TfliteModels.identity(ElementType.FLOAT32, List.of(-1L, 3L)),
                TfliteModels.custom("edgetpu-custom-op"),
                TfliteModels.layers(3, 4)));
        Path data = Path.of(System.getProperty("edgewright.test.data", "")).resolve("tflite");
        for (String name : List.of("hello_world_int8", "micro_speech_quantized", "kws_ref_model")) {
            Path file = data.resolve(name + ".tflite");
            if (Files.exists(file)) {
                seeds.add(Files.readAllBytes(file));
            }
        }
        var random = new Random(20_260_101);
        int refused = 0;
        for (int i = 0; i < MUTATIONS; i++) {
            byte[] damaged = damage(seeds.get(i % seeds.size()), random);
            try {
                TfliteParser.parse(ByteBuffer.wrap(damaged));
            } catch (MalformedException e) {
                refused++;
            }
        }
        assertThat(refused).isBetween(MUTATIONS / 10, MUTATIONS - 1);
    }

    /** Overwrites a few bytes near the start or the end, where the tables are, or cuts the file. */
    private static byte[] damage(byte[] whole, Random random) {
        byte[] copy = random.nextInt(10) == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
        for (int n = random.nextInt(8); n >= 0 && copy.length > 0; n--) {
            int reach = Math.min(copy.length, 2000);
            int at = random.nextBoolean() ? random.nextInt(reach) : copy.length - 1 - random.nextInt(reach);
            copy[at] = (byte)
                    switch (random.nextInt(4)) {
                        case 0 -> 0;
                        case 1 -> 0xff;
                        case 2 -> copy[at] ^ 1 << random.nextInt(8);
                        default -> random.nextInt(256);
                    };
        }
        return copy;
    }

    private void assertInvalid(byte[] content, String words) throws IOException {
        Path file = Files.write(folder.resolve("bad.tflite"), content);
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> inspector.inspect(file))
                .withMessageContainingAll("bad.tflite", words)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_MODEL));
    }
}
