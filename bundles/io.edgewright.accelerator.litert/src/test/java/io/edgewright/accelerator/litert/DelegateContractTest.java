// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.TfliteModels;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;

/** The same contract on a device that an external delegate brings. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DelegateContractTest extends AcceleratorContract {

    private @Nullable DelegateDriver driver;

    @BeforeEach
    void findTheDevice() throws Exception {
        driver = TestDrivers.delegate(Map.of("library", TestDelegate.build().toString()), new SameProcess());
        TestDrivers.awaitDevice(java.util.Objects.requireNonNull(driver));
    }

    @AfterEach
    void stop() {
        if (driver != null) {
            driver.deactivate();
        }
    }

    @Override
    protected AcceleratorDriver driver() {
        return java.util.Objects.requireNonNull(driver);
    }

    @Override
    protected String format() {
        return "tflite";
    }

    @Override
    protected Set<ElementType> types() {
        return EnumSet.complementOf(EnumSet.of(ElementType.STRING));
    }

    @Override
    protected byte[] identity(ElementType type, List<Long> shape) {
        return TfliteModels.identity(type, shape);
    }

    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.empty();
    }
}
