// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LargeOutputTest {

    @TempDir
    Path folder;

    @Test
    void theProcessorIsNotLostWhenInputsAskForMoreMemoryThanThereIs() throws Exception {
        byte[] expand = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .input(new TensorSpec("shape", ElementType.INT64, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(TensorSpec.DYNAMIC)))
                .node("Expand", List.of("x", "shape"), List.of("y"), Map.of())
                .toBytes();
        CpuDriver driver = Drivers.cpu(folder, Map.of());
        try (ModelSession session = Drivers.load(driver, Files.write(folder.resolve("expand.onnx"), expand));
                Slot slot = session.openSlot(Map.of())) {
            slot.input("shape").data().putLong(0, 1L << 44); // 64 TiB
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContaining("on these inputs")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EXECUTION_FAILED));
            slot.input("shape").data().putLong(0, 3);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").shape()).containsExactly(3L);
        }
    }
}
