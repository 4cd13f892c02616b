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
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import io.edgewright.testkit.TestTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class IsolatedCpuTest {

    @TempDir
    Path folder;

    private ProcessIsolation isolation;
    private CpuDriver driver;

    @BeforeEach
    void start() {
        isolation = new ProcessIsolation(folder);
        driver = Drivers.cpu(isolation, folder, Map.of("isolate", true));
    }

    @AfterEach
    void stop() {
        isolation.close();
        assertThat(ProcessHandle.current().children().filter(ProcessHandle::isAlive))
                .isEmpty();
    }

    @Test
    void outlivesInputsThatKillTheEngine() throws Exception {
        byte[] divide = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.INT64, List.of(2L)))
                .input(new TensorSpec("d", ElementType.INT64, List.of(2L)))
                .output(new TensorSpec("y", ElementType.INT64, List.of(2L)))
                .node("Div", List.of("x", "d"), List.of("y"), Map.of())
                .toBytes();
        Path file = Files.write(folder.resolve("divide.onnx"), divide);
        Path other = Files.write(folder.resolve("add.onnx"), TestModels.add(2, List.of(1L)));
        try (ModelSession session = Drivers.load(driver, file);
                ModelSession apart = Drivers.load(driver, other);
                Slot slot = session.openSlot(Map.of());
                Slot apartSlot = apart.openSlot(Map.of())) {
            slot.input("x").data().putLong(0, 84).putLong(8, 9);
            slot.input("d").data().putLong(0, 2).putLong(8, 3);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").data().getLong(0)).isEqualTo(42);

            slot.input("x").data().putLong(0, Long.MIN_VALUE);
            slot.input("d").data().putLong(0, -1);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContaining("SIGFPE")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
            apartSlot.run(Deadline.NONE);
            assertThat(apartSlot.output("y").toFloats()).containsExactly(2);
        }
    }

    @Test
    void outlivesAModelThatKillsTheEngineEvenIfItIsTrusted() throws Exception {
        Path killer = Files.write(folder.resolve("killer.onnx"), SpecialModels.killer());
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> Drivers.load(driver, killer))
                .withMessageContainingAll("killer:1.0.0", "SIGFPE");
    }

    @Test
    void answersAsTheEngineInThisProcessDoes() throws Exception {
        Path file = Files.write(folder.resolve("signal.onnx"), TestModels.signalNet(3, 256));
        try (ModelSession here = Drivers.load(Drivers.cpu(isolation, folder, Map.of()), file);
                ModelSession there = Drivers.load(driver, file);
                Slot hereSlot = here.openSlot(Map.of());
                Slot thereSlot = there.openSlot(Map.of())) {
            assertThat(there.inputs()).isEqualTo(here.inputs());
            assertThat(there.outputs()).isEqualTo(here.outputs());
            assertThat(there.facts()).isEqualTo(here.facts()).isNotEmpty();
            TensorSpec input = here.inputs().get(0);
            for (int seed = 0; seed < 5; seed++) {
                var value = TestTensors.pattern(input.type(), input.concreteShape(1), seed);
                hereSlot.write(input.name(), value);
                thereSlot.write(input.name(), value);
                hereSlot.run(Deadline.NONE);
                thereSlot.run(Deadline.NONE);
                for (TensorSpec output : here.outputs()) {
                    assertThat(thereSlot.output(output.name())).isEqualTo(hereSlot.output(output.name()));
                }
            }
        }
        assertThat(folder.resolve("variants/ort")).isNotEmptyDirectory();
    }
}
