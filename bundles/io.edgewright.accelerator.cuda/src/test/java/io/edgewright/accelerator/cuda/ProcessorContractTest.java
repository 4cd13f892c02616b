// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.testkit.AcceleratorContract;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Everything that this driver does with a model but the last step: the device is one of files, and the processor computes.
 * With {@code EDGEWRIGHT_ONNXRUNTIME_NATIVES} it computes with the GPU build's libraries.
 */
@Timeout(120)
class ProcessorContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private final FakeIsolation isolation = new FakeIsolation();
    private CudaDriver driver;

    @BeforeEach
    void start() throws Exception {
        var system = new FakeSystem(Files.createDirectories(home.resolve("root")))
                .driver("550.54.15")
                .gpu("0000:17:00.0", "Tesla T4", "GPU-1111");
        isolation.answer = Map.of("device.0", "");
        Map<String, Object> settings = Map.of(
                "home",
                home.toString(),
                "natives",
                system.natives(home.resolve("natives")).toString());
        driver = new CudaDriver(isolation, SettingsTest.of(settings), system.root());
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (driver.accelerators().isEmpty()) {
            assertThat(System.nanoTime()).as("30 s").isLessThan(end);
            Thread.sleep(5);
        }
    }

    @AfterEach
    void stop() {
        driver.deactivate();
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }
}
