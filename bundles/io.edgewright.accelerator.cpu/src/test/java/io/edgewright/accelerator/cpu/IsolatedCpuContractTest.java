// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.AcceleratorContract;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The same with each model in a process of its own. */
@Timeout(180)
class IsolatedCpuContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private ProcessIsolation isolation;
    private AcceleratorDriver driver;

    @BeforeEach
    void start() {
        isolation = new ProcessIsolation(home);
        driver = Drivers.cpu(isolation, home, Map.of("isolate", true));
    }

    @AfterEach
    void stop() {
        isolation.close();
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }
}
