// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.AcceleratorContract;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;

class TorchDriverContractTest extends AcceleratorContract {

    private AcceleratorDriver driver;

    @BeforeEach
    void start() {
        driver = Drivers.torch(Map.of());
    }

    @Override
    protected AcceleratorDriver driver() {
        return driver;
    }

    @Override
    protected String format() {
        return "torchscript";
    }

    @Override
    protected Set<ElementType> types() {
        return TorchTypes.all();
    }

    @Override
    protected byte[] identity(ElementType type, List<Long> shape) {
        return ScriptWriter.identity(new TensorSpec("x", type, shape), new TensorSpec("y", type, shape));
    }

    @Override
    protected Optional<byte[]> longRunning() {
        return Optional.empty();
    }
}
