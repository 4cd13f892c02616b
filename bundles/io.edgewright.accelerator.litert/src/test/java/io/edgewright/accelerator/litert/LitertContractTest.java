// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.TfliteModels;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Timeout;

@Timeout(value = 120, unit = TimeUnit.SECONDS)
class LitertContractTest extends AcceleratorContract {

    private final LitertDriver driver = TestDrivers.cpu();

    @Override
    protected AcceleratorDriver driver() {
        return driver;
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

    /** What XNNPACK takes is one operator to TensorFlow Lite, which it does not stop. */
    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.empty();
    }
}
