// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TfliteModels;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LitertDriverTest {

    @TempDir
    Path folder;

    private final LitertDriver driver = TestDrivers.cpu();

    @Test
    void refusesAnEdgeTpuModelAndSaysWhatToInstall() throws Exception {
        var model = FileModel.of(TestData.require("tflite/mobilenet_v1_0.25_128_quant_edgetpu.tflite"), "tflite");
        assertRefused(model, Reason.MODEL_UNSUPPORTED, "Edge TPU", "libedgetpu1-std", "preset edgetpu");
    }

    @Test
    void refusesOperatorsThatAreNotHere() throws Exception {
        assertRefused(write(TfliteModels.custom("edgetpu-custom-op")), Reason.MODEL_UNSUPPORTED, "Edge TPU");
        assertRefused(write(TfliteModels.custom("FlexStft")), Reason.MODEL_UNSUPPORTED, "FlexStft", "Select TF ops");
        assertRefused(write(TfliteModels.custom("AcmeFft")), Reason.MODEL_UNSUPPORTED, "AcmeFft", "litert.delegate");
    }

    @Test
    void refusesWhatItCannotExchange() throws Exception {
        assertRefused(
                write(TfliteModels.identity(ElementType.STRING, List.of(1L))),
                Reason.MODEL_UNSUPPORTED,
                "'x' is STRING");
        assertRefused(write(TfliteModels.ofSchema(4)), Reason.MODEL_UNSUPPORTED, "version 4", "expected 3");
        var invalid = FileModel.of(TestData.require("tflite/invalid_model_invoking_error.tflite"), "tflite");
        assertRefused(invalid, Reason.MODEL_INVALID, "buffer of tensor");
    }

    @Test
    void refusesEveryCutOfAModel() throws Exception {
        byte[] whole = TfliteModels.layers(2, 4);
        for (int length = 0; length < whole.length - 16; length += 7) {
            FileModel cut = write(java.util.Arrays.copyOf(whole, length));
            assertThatExceptionOfType(InferenceException.class)
                    .as("cut to %d bytes", length)
                    .isThrownBy(() -> driver.load(cut, driver.accelerators().get(0), LoadOptions.DEFAULT))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_INVALID));
        }
    }

    @Test
    void givesTheSameAnswersWithManyThreadsAndSlots() throws Exception {
        FileModel model = write(TfliteModels.layers(8, 64));
        for (int threads : new int[] {1, 2}) {
            var options = new LoadOptions(Goal.LATENCY, threads, true, Map.of());
            try (ModelSession session = driver.load(model, driver.accelerators().get(0), options)) {
                List<Slot> slots = new ArrayList<>();
                for (int i = 0; i < 4; i++) {
                    slots.add(session.openSlot(Map.of()));
                }
                for (int i = 0; i < 4; i++) {
                    fill(slots.get(i).input("x"), i + 1);
                    slots.get(i).run(Deadline.NONE);
                }
                for (int i = 0; i < 4; i++) {
                    FloatBuffer out = slots.get(i).output("y").floatBuffer();
                    assertThat(out.get(0)).isCloseTo(i + 1, within(1e-4f));
                    assertThat(out.get(63)).isCloseTo(i + 1, within(1e-4f));
                    slots.get(i).close();
                }
            }
        }
    }

    @Test
    void readsOldValuesOnlyFromASlotThatIsClosed() throws Exception {
        Tensor kept;
        try (ModelSession session = driver.load(
                        write(TfliteModels.add(1, List.of(4L))),
                        driver.accelerators().get(0),
                        LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of())) {
            fill(slot.input("x"), 2);
            slot.run(Deadline.NONE);
            kept = slot.output("y");
        }
        assertThat(kept.toFloats()).containsExactly(3, 3, 3, 3);
    }

    @Test
    void agreesWithItselfWithoutXnnpack() throws Exception {
        var plain = TestDrivers.cpu(Map.of("xnnpack", false));
        assertThat(plain.accelerators().get(0).description()).contains("without XNNPACK");
        Path file = TestData.require("tflite/mobilenet_v1_0.25_224_float.tflite");
        List<float[]> answers = new ArrayList<>();
        for (LitertDriver one : List.of(driver, plain)) {
            try (ModelSession session = one.load(
                            FileModel.of(file, "tflite"), one.accelerators().get(0), LoadOptions.DEFAULT);
                    Slot slot = session.openSlot(Map.of())) {
                fill(slot.input("input"), 0.25f);
                slot.run(Deadline.NONE);
                answers.add(slot.output("MobilenetV1/Predictions/Reshape_1").toFloats());
            }
        }
        for (int i = 0; i < 1001; i++) {
            assertThat(answers.get(0)[i]).isCloseTo(answers.get(1)[i], within(1e-4f));
        }
    }

    private static org.assertj.core.data.Offset<Float> within(float offset) {
        return org.assertj.core.data.Offset.offset(offset);
    }

    private static void fill(Tensor tensor, float value) {
        FloatBuffer floats = tensor.floatBuffer();
        for (int i = 0; i < floats.limit(); i++) {
            floats.put(i, value);
        }
    }

    private FileModel write(byte[] content) throws Exception {
        Path file = Files.createTempFile(folder, "model", ".tflite");
        return FileModel.of(Files.write(file, content), "tflite");
    }

    private void assertRefused(FileModel model, Reason reason, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT))
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(reason));
    }
}
