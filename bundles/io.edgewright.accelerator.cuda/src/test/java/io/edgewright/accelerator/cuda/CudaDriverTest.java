// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Detection and routing, on a system of files and with an isolation that answers as told. */
@Timeout(60)
class CudaDriverTest {

    private static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    @TempDir
    Path folder;

    private final FakeIsolation isolation = new FakeIsolation();
    private FakeSystem system;
    private Path natives;
    private final Deque<CudaDriver> drivers = new ArrayDeque<>();

    @BeforeEach
    void installLibraries() throws Exception {
        system = new FakeSystem(Files.createDirectories(folder.resolve("root")));
        natives = system.natives(folder.resolve("natives"));
    }

    @AfterEach
    void stop() {
        drivers.forEach(CudaDriver::deactivate);
    }

    @Test
    void startsNothingWhereThereIsNoDevice() {
        start(Map.of());
        assertThat(driver().accelerators()).isEmpty();
        assertThat(driver().unavailable())
                .hasValueSatisfying(why -> assertThat(why).contains("no NVIDIA device"));
        assertThat(isolation.started).isEmpty();
    }

    @Test
    void saysHowToGetTheLibrariesForADeviceThatIsThere() throws Exception {
        twoDevices();
        start(Map.of("natives", folder.resolve("nowhere").toString()));
        assertThat(driver().unavailable())
                .hasValueSatisfying(why -> assertThat(why).contains("Tesla T4 is here", "nowhere is no folder"));
        assertThat(isolation.started).isEmpty();
    }

    @Test
    void offersTheDevicesThatCompute() throws Exception {
        twoDevices();
        isolation.answer = Map.of("version", "1.29.0", "device.0", "no kernel", "device.1", "", "tensorrt.problem", "");
        start(Map.of());
        await(() -> !driver().accelerators().isEmpty());
        Accelerator device = driver().accelerators().get(0);
        assertThat(driver().accelerators()).hasSize(1);
        assertThat(device.id()).isEqualTo("cuda:1");
        assertThat(device.kind()).isEqualTo(AcceleratorKind.GPU);
        assertThat(device.description()).contains("NVIDIA RTX A2000", "driver 550.54.15");
        assertThat(device.cancellable()).isTrue();
        assertThat(device.properties())
                .containsEntry("pci.bus", "0000:b3:00.0")
                .containsEntry("onnxruntime.version", "1.29.0")
                .doesNotContainKey("tensorrt.problem");
        assertThat(driver().unavailable()).isEmpty();

        EngineSpec spec = isolation.started.get(0);
        assertThat(spec.settings()).containsEntry("devices", "0,1").containsEntry("natives", natives.toString());
        assertThat(spec.environment())
                .containsEntry("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
                .containsEntry("ORT_DISABLE_TELEMETRY", "1")
                .hasEntrySatisfying("LD_LIBRARY_PATH", path -> assertThat(path).startsWith(natives.toString()));
        assertThat(spec.jvmOptions()).contains("-Dedgewright.onnxruntime.natives=" + natives);
        assertThat(spec.fingerprint()).contains("550.54.15");
    }

    @Test
    void saysWhatTheTrialSaid() throws Exception {
        twoDevices();
        isolation.answer = Map.of("device.0", "libcuda.so.1 is missing", "device.1", "libcuda.so.1 is missing");
        start(Map.of());
        await(() -> driver().unavailable().orElse("").equals("libcuda.so.1 is missing"));
        assertThat(driver().accelerators()).isEmpty();
    }

    @Test
    void saysThatTheTrialCrashed() throws Exception {
        twoDevices();
        isolation.failure = "engine failed in a process of its own: signal SIGSEGV";
        start(Map.of());
        await(() -> driver().unavailable().orElse("").contains("SIGSEGV"));
    }

    @Test
    void usesOnlyTheDevicesThatTheOperatorWants() throws Exception {
        twoDevices();
        isolation.answer = Map.of("device.1", "");
        start(Map.of("devices", new String[] {"0000:b3:00.0"}));
        await(() -> !driver().accelerators().isEmpty());
        assertThat(isolation.started.get(0).settings()).containsEntry("devices", "1");

        driver().deactivate();
        start(Map.of("devices", new String[] {"7"}));
        assertThat(driver().unavailable())
                .hasValueSatisfying(why -> assertThat(why).contains("none of the devices [7] is here", "0 to 1"));
    }

    @Test
    void noticesDevicesThatComeAndGo() throws Exception {
        start(Map.of());
        driver().rescan();
        assertThat(driver().accelerators()).isEmpty();

        twoDevices();
        isolation.answer = Map.of("device.0", "", "device.1", "");
        driver().rescan();
        await(() -> driver().accelerators().size() == 2);
        driver().rescan(); // nothing has changed: nothing is tried

        Files.delete(system.root().resolve("proc/driver/nvidia/gpus/0000:b3:00.0/information"));
        Files.delete(system.root().resolve("proc/driver/nvidia/gpus/0000:b3:00.0"));
        driver().rescan();
        await(() -> driver().accelerators().size() == 1);
        assertThat(isolation.started).hasSize(2);
    }

    @Test
    void triesAnewWhenLibrariesWereInstalled() throws Exception {
        twoDevices();
        isolation.answer = Map.of("device.0", "libcudnn.so.9 is missing", "device.1", "libcudnn.so.9 is missing");
        start(Map.of());
        await(() -> driver().unavailable().orElse("").contains("libcudnn"));
        isolation.answer = Map.of("device.0", "", "device.1", "");
        system.file("etc/ld.so.cache", "written by ldconfig");
        driver().rescan();
        await(() -> driver().accelerators().size() == 2);
    }

    @Test
    void triesModelsOfUnknownOriginFirst() throws Exception {
        FileModel model = ready(Map.of());
        try (ModelSession session = driver().load(model, driver().accelerators().get(0), LoadOptions.DEFAULT)) {
            assertThat(session.facts()).containsEntry("provider", "cpu");
        }
        driver().load(model, driver().accelerators().get(1), TRUSTED).close();
        assertThat(isolation.calls).containsExactly("vet m on 0", "open m on 0", "open m on 1");
    }

    @Test
    void triesADeviceAgainThatHasFailed() throws Exception {
        FileModel model = ready(Map.of());
        Accelerator device = driver().accelerators().get(0);
        isolation.failure = "the NVIDIA device is lost";
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver().load(model, device, TRUSTED))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
        await(() -> driver().accelerators().isEmpty());
        assertThat(driver().unavailable().orElse("")).contains("the NVIDIA device is lost");
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver().load(model, device, TRUSTED))
                .withMessageContaining("device 'cuda:0' is not there");
    }

    @Test
    void keepsADeviceThatHasNoRoomForOneModel() throws Exception {
        FileModel model = ready(Map.of());
        Accelerator device = driver().accelerators().get(0);
        isolation.failure = "model m cannot run on the NVIDIA device: Failed to allocate memory for requested buffer";
        assertThatExceptionOfType(InferenceException.class).isThrownBy(() -> driver().load(model, device, TRUSTED));
        driver().rescan(); // comes after a trial, if there was one
        assertThat(isolation.started).hasSize(1);
        assertThat(driver().accelerators()).contains(device);
    }

    @Test
    void refusesOtherFormats() throws Exception {
        ready(Map.of());
        FileModel model = FileModel.write(folder, "m.tflite", "tflite", new byte[] {1});
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver().load(model, driver().accelerators().get(0), TRUSTED))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_UNSUPPORTED));
    }

    @Test
    void saysThatThisProcessHasOtherLibraries() throws Exception {
        Assumptions.assumeTrue(OrtRuntime.flavour().name().equals("cpu"), "skipped: this process has the GPU build");
        twoDevices();
        start(Map.of("isolate", false));
        assertThat(driver().unavailable()).hasValueSatisfying(why -> assertThat(why)
                .contains("isolate is false", "EDGEWRIGHT_ONNXRUNTIME_NATIVES=" + natives, "isolate=true"));
    }

    @Test
    void usesNoDeviceInThisProcessThatDoesNotComputeThere() throws Exception {
        Assumptions.assumeTrue(
                OrtRuntime.flavour().name().equals("gpu")
                        && NvidiaHost.read(Path.of("/")).candidates() == 0,
                "skipped: this process has not the GPU build, or there is a device");
        twoDevices();
        isolation.answer = Map.of("device.0", "", "device.1", "");
        start(Map.of("isolate", false));
        await(() -> driver().unavailable().orElse("").contains("not in this one"));
        assertThat(driver().unavailable().orElse("")).contains("is missing", "isolate=true");
    }

    private FileModel ready(Map<String, Object> settings) throws Exception {
        twoDevices();
        isolation.answer = Map.of("device.0", "", "device.1", "");
        start(settings);
        await(() -> driver().accelerators().size() == 2);
        return FileModel.write(folder, "m.onnx", "onnx", TestModels.add(1, List.of(1L)));
    }

    private void twoDevices() throws Exception {
        system.driver("550.54.15")
                .gpu("0000:17:00.0", "Tesla T4", "GPU-1111")
                .gpu("0000:b3:00.0", "NVIDIA RTX A2000", "GPU-2222");
    }

    private void start(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("home", folder.toString(), "natives", natives.toString()));
        all.putAll(settings);
        drivers.push(new CudaDriver(isolation, SettingsTest.of(all), system.root()));
    }

    private CudaDriver driver() {
        return drivers.element();
    }

    private static void await(BooleanSupplier condition) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (!condition.getAsBoolean()) {
            assertThat(System.nanoTime()).as("30 s").isLessThan(end);
            Thread.sleep(5);
        }
    }
}
