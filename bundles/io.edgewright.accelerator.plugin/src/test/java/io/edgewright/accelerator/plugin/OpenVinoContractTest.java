// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.AcceleratorContract;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenVINO on the processor. What it leaves to ONNX Runtime's own kernels counts too: the contract is about answers. */
@Timeout(300)
class OpenVinoContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private PluginDriver driver;

    /** Without the library nothing is started that would have to be stopped. */
    @BeforeAll
    static void needsTheLibrary(@TempDir Path folder) throws Exception {
        NativeLibraries.openVino(folder);
    }

    @BeforeEach
    void start() throws Exception {
        driver = Drivers.start(home, NativeLibraries.openVino(home), Map.of("preset", "openvino", "fallback", "all"));
    }

    @AfterEach
    void stop() {
        driver.stop();
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }

    /** On a processor OpenVINO computes integers of 64 bits with 32; it must not be given texts. */
    @Override
    protected Set<ElementType> types() {
        return EnumSet.complementOf(EnumSet.of(ElementType.INT64, ElementType.UINT64, ElementType.STRING));
    }

    /** What it compiles to one part is not cut off in the middle. */
    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.empty();
    }
}
