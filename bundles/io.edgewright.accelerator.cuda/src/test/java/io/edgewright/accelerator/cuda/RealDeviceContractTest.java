// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The contract on the NVIDIA device of this machine, if it has one and {@code EDGEWRIGHT_ONNXRUNTIME_NATIVES} names the build. */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class RealDeviceContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private Optional<ProcessIsolation> isolation = Optional.empty();
    private Optional<CudaDriver> driver = Optional.empty();

    @BeforeEach
    void start() throws Exception {
        Assumptions.assumeTrue(
                NvidiaHost.read(Path.of("/")).candidates() > 0, "skipped: there is no NVIDIA device on this machine");
        Assumptions.assumeTrue(
                !OrtRuntime.namedNatives().isEmpty(),
                "skipped: EDGEWRIGHT_ONNXRUNTIME_NATIVES names no folder with the GPU build");
        var processes = new ProcessIsolation(home);
        isolation = Optional.of(processes);
        var started = new CudaDriver(processes, SettingsTest.of(Map.of("home", home.toString())), Path.of("/"));
        driver = Optional.of(started);
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(3);
        while (started.unavailable().orElse("").contains("being tried")) {
            assertThat(System.nanoTime()).as("3 min").isLessThan(end);
            Thread.sleep(20);
        }
        assertThat(started.unavailable()).isEmpty();
    }

    @AfterEach
    void stop() {
        driver.ifPresent(CudaDriver::deactivate);
        isolation.ifPresent(ProcessIsolation::close);
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver.orElseThrow();
    }

    /** A device multiplies faster than a processor. */
    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.of(TestModels.longRunning(5_000, 4_096));
    }
}
