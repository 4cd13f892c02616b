// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.accelerator.cuda.Scan.Found;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.onnxruntime.OrtFlavour;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The real build with the CUDA provider, where {@code EDGEWRIGHT_ONNXRUNTIME_NATIVES} names its folder; without a device, and
 * for most of it with a driver library of ours that refuses. CUDA's own libraries must lie in that folder for the latter.
 */
@Timeout(value = 3, unit = TimeUnit.MINUTES)
class GpuBuildTest {

    @TempDir
    Path folder;

    private Path natives;

    @BeforeEach
    void findBuild() {
        natives = Path.of(OrtRuntime.namedNatives());
        Assumptions.assumeTrue(
                !OrtRuntime.namedNatives().isEmpty()
                        && OrtRuntime.flavour().name().equals(OrtFlavour.GPU),
                "skipped: EDGEWRIGHT_ONNXRUNTIME_NATIVES names no folder with the GPU build");
    }

    /** JUnit would warn of every link. */
    @AfterEach
    void deleteLinks() throws Exception {
        Path build = folder.resolve("build");
        if (Files.isDirectory(build)) {
            try (Stream<Path> links = Files.list(build)) {
                for (Path link : links.toList()) {
                    Files.delete(link);
                }
            }
        }
    }

    @Test
    void saysWhatIsMissingBeforeAnyDeviceCanCompute() throws Exception {
        Assumptions.assumeTrue(
                NvidiaHost.read(Path.of("/")).candidates() == 0, "skipped: there is an NVIDIA device here");
        Found found = look(natives, Map.of());
        assertThat(found.devices()).isEmpty();
        assertThat(found.unavailable()).containsPattern("lib(cuda|cublasLt)\\.so\\.\\d+ is missing: install ");
    }

    @ParameterizedTest
    @CsvSource({
        "100, 12090, offers no device to this process",
        "803, 12090, restart the machine",
        "999, 12090, modprobe nvidia_uvm",
        "0, 11080, install driver 525 or newer"
    })
    void saysWhatTheDriverSays(int init, int version, String expected) throws Exception {
        Found found = look(withDriver(init, version), Map.of());
        assertThat(found.devices()).isEmpty();
        assertThat(found.unavailable()).contains(expected, "(CUDA error");
    }

    /** The provider reads all options before it asks for the device, and refuses a name or value that it does not know. */
    @Test
    void setsNoOptionThatTheProviderDoesNotKnow() throws Exception {
        Found found = look(
                withDriver(100, 12_090),
                Map.of("memory.mib", 256, "arena", "doubling", "cudnn.search", "exhaustive", "tf32", true));
        assertThat(found.unavailable()).contains("(CUDA error 100)");
    }

    @Test
    void blamesTheDeviceAndNotTheModel() throws Exception {
        Path libraries = withDriver(100, 12_090);
        Map<String, Object> settings = Map.of("home", folder.toString(), "natives", libraries.toString());
        FileModel model = FileModel.write(folder, "m.onnx", "onnx", TestModels.add(1, List.of(1L)));
        try (var isolation = new ProcessIsolation(folder.resolve("home"))) {
            EngineSpec spec = new Scan(SettingsTest.of(settings), isolation, folder)
                    .spec(Map.of("natives", libraries.toString()), Duration.ofMinutes(1), "550.54.15");
            for (String tensorRt : List.of("false", "true")) {
                var options = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of("cuda.tensorrt", tensorRt));
                assertThatExceptionOfType(InferenceException.class)
                        .isThrownBy(() -> isolation.open(spec, model, "0", options))
                        .withMessageContaining("(CUDA error 100)")
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
            }
        }
    }

    private Found look(Path libraries, Map<String, Object> settings) throws Exception {
        var system = new FakeSystem(Files.createDirectories(folder.resolve("root")))
                .driver("550.54.15")
                .gpu("0000:17:00.0", "Tesla T4", "GPU-1111");
        Map<String, Object> all = new HashMap<>(settings);
        all.put("home", folder.toString());
        all.put("natives", libraries.toString());
        try (var isolation = new ProcessIsolation(folder.resolve("home"))) {
            return new Scan(SettingsTest.of(all), isolation, system.root()).look(NvidiaHost.read(system.root()));
        }
    }

    /** {@return a folder with that build, and a driver library beside it that answers so} */
    private Path withDriver(int init, int version) throws Exception {
        Assumptions.assumeTrue(
                Files.exists(natives.resolve("libcublasLt.so.12")), "skipped: CUDA's libraries are not in " + natives);
        Path build = Files.createDirectories(folder.resolve("build"));
        try (Stream<Path> files = Files.list(natives)) {
            for (Path file : files.toList()) {
                Files.createSymbolicLink(build.resolve(file.getFileName()), file);
            }
        }
        Path source = Files.writeString(
                folder.resolve("driver.c"),
                "int cuInit(unsigned flags) { return %d; }\nint cuDriverGetVersion(int *v) { *v = %d; return 0; }\n"
                        .formatted(init, version));
        List<String> command = List.of(
                "cc",
                "-shared",
                "-fPIC",
                "-Wl,-soname,libcuda.so.1",
                "-o",
                build.resolve("libcuda.so.1").toString(),
                source.toString());
        Process compiler;
        try {
            compiler = new ProcessBuilder(command).inheritIO().start();
        } catch (java.io.IOException e) {
            return Assumptions.abort("skipped: no C compiler: " + e.getMessage());
        }
        assertThat(compiler.waitFor()).isZero();
        return build;
    }
}
