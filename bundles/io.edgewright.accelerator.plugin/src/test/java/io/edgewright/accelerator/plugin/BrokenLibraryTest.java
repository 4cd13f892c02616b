// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.health.HealthCheck.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said about libraries that fail without harm; those that kill are in IsolationTest. */
@Timeout(120)
class BrokenLibraryTest {

    private static final Map<String, Object> OPENVINO = Map.of("preset", "openvino");

    @TempDir
    Path folder;

    @Test
    void saysWhereALibraryWasExpectedAndWhereToGetIt() throws Exception {
        assertUnavailable(
                folder.resolve("gone.so"), OPENVINO, "there is no library at", "gone.so", "onnxruntime-ep-openvino");
        assertUnavailable(folder, OPENVINO, folder + "/libonnxruntime_providers_openvino_plugin.so");
        assertUnavailable(folder, Map.of("preset", "qnn"), "libonnxruntime_providers_qnn.so", "onnxruntime-qnn");
    }

    @Test
    void looksInTheHomeFolderWhereNoLibraryIsNamed() throws Exception {
        assertUnavailable(Path.of(""), Map.of("preset", "webgpu", "library", ""), folder + "/providers/webgpu");
    }

    @Test
    void refusesALibraryForAnotherProcessor() throws Exception {
        byte[] foreign = Files.readAllBytes(NativeLibraries.build(folder, "no_device"));
        foreign[18] = 22; // e_machine: s390x
        foreign[19] = 0;
        assertUnavailable(
                Files.write(folder.resolve("foreign.so"), foreign),
                OPENVINO,
                "built for s390x",
                "expected " + System.getProperty("os.arch"));
    }

    @Test
    void saysWhatALibraryNeeds() throws Exception {
        assertUnavailable(NativeLibraries.buildNeedy(folder), OPENVINO, "needs libno_plugin.so", "ldd");
    }

    @Test
    void saysThatALibraryIsNoPlugin() throws Exception {
        assertUnavailable(
                NativeLibraries.build(folder, "no_plugin"), OPENVINO, "no plug-in", "CreateEpFactories", "PyPI");
    }

    @Test
    void saysThatALibraryIsCutOff() throws Exception {
        byte[] whole = Files.readAllBytes(NativeLibraries.build(folder, "no_device"));
        Path half = Files.write(folder.resolve("half.so"), Arrays.copyOf(whole, 2000));
        assertUnavailable(half, OPENVINO, "half.so cannot be loaded: it is cut off: it has 2000 bytes");
    }

    @Test
    void saysThatALibraryOffersNoDevice() throws Exception {
        assertUnavailable(
                NativeLibraries.build(folder, "no_device"), OPENVINO, "offers no device", "CPU", "Intel devices only");
    }

    @Test
    void refusesASecondDriverOfOneName() throws Exception {
        Path library = NativeLibraries.build(folder, "no_device");
        PluginDriver first = Drivers.start(folder, library, Map.of("name", "one"));
        try {
            assertUnavailable(library, Map.of("name", "one"), "another driver named 'one'");
        } finally {
            first.stop();
        }
        assertUnavailable(library, Map.of("name", "one"), "offers no device");
    }

    @Test
    void explainsWhatTheSystemsLoaderSays() {
        Path library = Path.of("/opt/x.so");
        assertThat(
                        LibraryFile.explain(
                                library,
                                Preset.GENERIC,
                                "Failed to load library /opt/x.so with error: /lib/libc.so.6: version `GLIBC_2.99' not found (required by /opt/x.so)"))
                .contains("needs GLIBC_2.99", "newer than this system");
        assertThat(LibraryFile.explain(library, Preset.GENERIC, "error: /opt/x.so: undefined symbol: _ZN2ov4CoreC1Ev"))
                .contains("does not fit the libraries that it uses", "_ZN2ov4CoreC1Ev", "one release");
        assertThat(
                        LibraryFile.explain(
                                library,
                                Preset.OPENVINO,
                                "crashed: The requested API version [99] is not available, only API versions [1, 29] are supported in this build."))
                .contains("API version 99", "has up to 29", "older release");
    }

    private void assertUnavailable(Path library, Map<String, Object> settings, String... words)
            throws IOException, InterruptedException {
        PluginDriver driver = Drivers.start(folder, library, settings);
        try {
            assertThat(driver.accelerators()).isEmpty();
            assertThat(driver.unavailable().orElseThrow()).contains(words);
            assertThat(driver.check()).singleElement().satisfies(finding -> {
                assertThat(finding.severity()).isEqualTo(Severity.WARNING);
                assertThat(finding.message()).contains(words);
            });
        } finally {
            driver.stop();
        }
    }
}
