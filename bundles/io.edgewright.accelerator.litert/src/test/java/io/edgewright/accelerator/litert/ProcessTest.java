// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TfliteModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What happens in real processes of their own. */
@Timeout(value = 240, unit = TimeUnit.SECONDS)
class ProcessTest {

    @TempDir
    Path folder;

    private final Path home = TestDrivers.newHome();
    private final ProcessIsolation isolation = new ProcessIsolation(home);

    @AfterEach
    void stop() {
        isolation.close();
    }

    @Test
    void outlivesADelegateThatCrashesWhenItIsLoaded() throws Exception {
        Path crashing = TestDelegate.build("libcrashing.so", "-DCRASH_ON_LOAD");
        var driver = TestDrivers.delegate(Map.of("library", crashing.toString(), "rescan.seconds", 0), isolation);
        assertThat(TestDrivers.awaitReason(driver, "process of its own"))
                .contains("libcrashing.so does not start", "signal 6");
        assertThat(driver.accelerators()).isEmpty();
        driver.deactivate();
    }

    @Test
    void runsADelegateInAProcessOfItsOwn() throws Exception {
        var driver = TestDrivers.delegate(
                Map.of("library", TestDelegate.build().toString(), "options", "add=1000", "isolate", true), isolation);
        TestDrivers.awaitDevice(driver);
        assertAnswers(driver, 1001);
        driver.deactivate();
    }

    @Test
    void runsOnTheProcessorInAProcessOfItsOwn() throws Exception {
        assertAnswers(TestDrivers.cpu(Map.of("isolate", true), isolation), 1);
    }

    @Test
    void saysWhatIsMissingWhereThereIsNoIsolation() throws Exception {
        var driver = TestDrivers.cpu(Map.of("isolate", true));
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver.load(model(), driver.accelerators().get(0), LoadOptions.DEFAULT))
                .withMessageContainingAll("litert:cpu", "io.edgewright.isolation")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
    }

    @Test
    void triesAModelOfUnknownOriginFirst() throws Exception {
        assertAnswers(TestDrivers.cpu(Map.of(), isolation), 1);
        assertThat(home.resolve("variants").resolve("vetted")).isNotEmptyDirectory();
    }

    @Test
    void keepsAwayAModelThatAbortsTheLibrary() throws Exception {
        byte[] content = Files.readAllBytes(TestData.require("tflite/micro_speech_quantized.tflite"));
        content[17_220] =
                3; // one index of a tensor: within bounds, but the operator's check of its shape ends the process
        FileModel model = FileModel.write(folder, "aborting.tflite", "tflite", content);
        var driver = TestDrivers.cpu(Map.of(), isolation);
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver.load(model, driver.accelerators().get(0), LoadOptions.DEFAULT))
                .withMessageContainingAll("aborting", "process of its own", "signal 6")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_INVALID));
    }

    private void assertAnswers(AcceleratorDriver driver, float expected) throws Exception {
        try (ModelSession session = driver.load(model(), driver.accelerators().get(0), LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, new float[] {1, 1, 1});
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(expected, expected, expected);
        }
    }

    private FileModel model() throws Exception {
        return FileModel.write(
                folder, "identity.tflite", "tflite", TfliteModels.identity(ElementType.FLOAT32, List.of(3L)));
    }
}
