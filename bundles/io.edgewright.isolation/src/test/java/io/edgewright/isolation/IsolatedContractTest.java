// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.AcceleratorContract;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What the runtime relies on, from a driver all of whose sessions are in another process. */
@Timeout(120)
class IsolatedContractTest extends AcceleratorContract {

    @TempDir
    Path home;

    private ProcessIsolation isolation;
    private AcceleratorDriver driver;

    @BeforeEach
    void start() {
        isolation = new ProcessIsolation(home);
        driver = new Echo(isolation, Echo.spec(Map.of()));
    }

    @AfterEach
    void stop() throws Exception {
        Children.assertNone();
        isolation.close();
        Children.assertNothingLeft(home);
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }

    @Override
    protected String format() {
        return "echo";
    }

    @Override
    protected byte[] identity(ElementType type, List<Long> shape) {
        return EchoEngine.model("identity", type, shape, shape);
    }

    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.of(EchoEngine.model("long", ElementType.FLOAT32, List.of(1L), List.of(1L)));
    }
}
