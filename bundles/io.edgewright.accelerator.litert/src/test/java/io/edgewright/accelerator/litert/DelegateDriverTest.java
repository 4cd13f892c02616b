// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TfliteModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DelegateDriverTest {

    @TempDir
    Path folder;

    private final SameProcess isolation = new SameProcess();

    @Test
    void letsTheDelegateDoTheWork() throws Exception {
        var driver = driver("add=1000");
        var device = driver.accelerators().get(0);
        assertThat(device.id()).isEqualTo("litert:npu.0");
        assertThat(device.kind()).isEqualTo(AcceleratorKind.FPGA);
        try (ModelSession session = driver.load(model(), device, LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, new float[] {1, 2, 3});
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(1001, 1002, 1003);
            assertThat(session.parallelism()).isEqualTo(1);
        }
        assertThat(isolation.started).hasSize(1);
        assertThat(isolation.vetted).containsExactly("identity");
        driver.deactivate();
    }

    @Test
    void takesADeviceThatFailsForLost() throws Exception {
        var driver = driver("fail=invoke");
        var options = new LoadOptions(LoadOptions.Goal.THROUGHPUT, 0, true, Map.of());
        try (ModelSession session = driver.load(model(), driver.accelerators().get(0), options);
                Slot slot = session.openSlot(Map.of())) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContainingAll("npu.0", "gone away (code 42)")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
        }
        assertThat(isolation.vetted).isEmpty();
        driver.deactivate();
    }

    @Test
    void saysWhyTheDelegateRefusesAModel() throws Exception {
        var driver = driver("fail=prepare");
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver.load(model(), driver.accelerators().get(0), LoadOptions.DEFAULT))
                .withMessageContainingAll("npu.0", "takes no graphs today")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_UNSUPPORTED));
        driver.deactivate();
    }

    @Test
    void saysWhyTheDelegateRefusesToStart() throws Exception {
        String built = TestDelegate.build().toString();
        assertUnavailable(Map.of("library", built, "options", "refuse=no device on usb:0"), "no device on usb:0");
        assertUnavailable(Map.of("library", built, "options", "colour=blue"), "unknown option: colour", "colour=blue");
    }

    @Test
    void saysWhatIsWrongWithTheLibrary() throws Exception {
        assertUnavailable(
                Map.of("library", "/no/such/libx.so"), "/no/such/libx.so is not there", "install the vendor's");
        assertUnavailable(Map.of("preset", "edgetpu"), "libedgetpu.so.1 is not there", "libedgetpu1-std");
        Path text = Files.writeString(folder.resolve("text.so"), "this is no library, whatever its name says");
        assertUnavailable(Map.of("library", text.toString()), "no shared library");
        byte[] arm = new byte[64];
        System.arraycopy(new byte[] {0x7f, 'E', 'L', 'F', 1, 1}, 0, arm, 0, 6);
        arm[18] = 40;
        Path other = Files.write(folder.resolve("arm.so"), arm);
        assertUnavailable(
                Map.of("library", other.toString()), "built for 32-bit arm, expected " + LitertLibrary.processor());
        assertUnavailable(
                Map.of("library", TestDelegate.needing("edgewright-nosuch").toString()),
                "needs libedgewright-nosuch.so, which is not installed");
        assertUnavailable(
                Map.of(
                        "library",
                        TestDelegate.build("libnoentry.so", "-DNO_ENTRY").toString()),
                "no delegate for TensorFlow Lite");
    }

    @Test
    void saysWhatIsWrongWithTheSettings() {
        assertRefused(Map.of("preset", "tpu9"), "tpu9", "edgetpu");
        assertRefused(Map.of("preset", "generic"), "library is empty");
        assertRefused(Map.of("preset", "edgetpu", "options", "device"), "'device'", "key=value");
        assertRefused(Map.of("preset", "edgetpu", "options", "devices=usb"), "'devices'", "Usb.AlwaysDfu", "generic");
        assertRefused(Map.of("preset", "edgetpu", "name", "cpu"), "not cpu");
        assertRefused(Map.of("preset", "edgetpu", "kind", "abacus"), "abacus", "NPU");
    }

    @Test
    void findsADeviceThatIsPluggedInLater() throws Exception {
        Path built = TestDelegate.build();
        Path late = folder.resolve("late.so");
        var driver = TestDrivers.delegate(Map.of("library", late.toString(), "rescan.seconds", 1), isolation);
        TestDrivers.awaitReason(driver, "is not there");
        Files.copy(built, late);
        TestDrivers.awaitDevice(driver);
        assertThat(driver.unavailable()).isEmpty();
        driver.deactivate();
    }

    private DelegateDriver driver(String option) throws Exception {
        var driver = TestDrivers.delegate(
                Map.of(
                        "name",
                        "npu.0",
                        "kind",
                        "fpga",
                        "library",
                        TestDelegate.build().toString(),
                        "options",
                        option),
                isolation);
        TestDrivers.awaitDevice(driver);
        return driver;
    }

    private FileModel model() throws Exception {
        return FileModel.write(
                folder, "identity.tflite", "tflite", TfliteModels.identity(ElementType.FLOAT32, List.of(3L)));
    }

    private void assertUnavailable(Map<String, Object> settings, String... words) throws Exception {
        var driver = TestDrivers.delegate(settings, isolation);
        assertThat(TestDrivers.awaitReason(driver, words[0])).contains(words);
        assertThat(driver.accelerators()).isEmpty();
        driver.deactivate();
    }

    private void assertRefused(Map<String, Object> settings, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TestDrivers.delegate(settings, isolation))
                .withMessageContainingAll(words);
    }
}
