// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.testkit.AcceleratorContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

class CpuDriverContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private AcceleratorDriver driver;

    @BeforeEach
    void start() {
        driver = Drivers.cpu(home, Map.of());
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }
}
