// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SimulatedDriverTest {

    @TempDir
    Path dir;

    @Test
    void addsTheConstantOfTheModel() throws Exception {
        var driver = driver(Map.of());
        try (var session = load(driver, TestModels.add(2.5f, List.of(2L)));
                var slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, new float[] {1, 2});
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(3.5f, 4.5f);
        }
    }

    @Test
    void answersTheInputOfAnIdentityModelInTheShapeAskedFor() throws Exception {
        var driver = driver(Map.of());
        try (var session = load(driver, TestModels.identity(ElementType.INT64, List.of(-1L, 2L)));
                var slot = session.openSlot(Map.of("x", List.of(3L, 2L)))) {
            slot.input("x").data().putLong(40, 7);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").shape()).containsExactly(3L, 2L);
            assertThat(slot.output("y").data().getLong(40)).isEqualTo(7);
        }
    }

    @Test
    void saysWhichModelsItRuns() {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> load(driver(Map.of()), TestModels.signalNet(1, 256)))
                .withMessageContainingAll("Identity", "Conv")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_UNSUPPORTED));
    }

    @Test
    void namesTheShapeItExpects() throws Exception {
        try (var session = load(driver(Map.of()), TestModels.add(1, List.of(2L)))) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> session.openSlot(Map.of("x", List.of(3L))))
                    .withMessageContainingAll("[3]", "[2]")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INPUT_MISMATCH));
        }
    }

    @Test
    void tellsItsListenersWhenTheDeviceIsUnplugged() throws Exception {
        var driver = driver(Map.of());
        var told = new ArrayList<String>();
        driver.listeners(List.of(d -> told.add(d.accelerators().toString())));
        try (var session = load(driver, TestModels.add(1, List.of(1L)));
                var slot = session.openSlot(Map.of())) {
            driver.modified(Configs.of(SimulatedDriver.Config.class, Map.of("present", false)));
            assertThat(told).containsExactly("[]");
            assertThat(driver.unavailable()).get().asString().contains("present=true");
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
        }
    }

    @Test
    void endsAHangingRunWhenItIsCancelled() throws Exception {
        var driver = driver(Map.of("hang", true));
        try (var session = load(driver, TestModels.add(1, List.of(1L)));
                var slot = session.openSlot(Map.of())) {
            var run = CompletableFuture.supplyAsync(() -> {
                try {
                    slot.run(Deadline.NONE);
                    return "ran";
                } catch (InferenceException e) {
                    return e.reason().name();
                }
            });
            while (!run.isDone()) {
                slot.cancel();
                Thread.onSpinWait();
            }
            assertThat(run.get(10, TimeUnit.SECONDS)).isEqualTo("DEADLINE_EXCEEDED");
        }
    }

    @Test
    void failsTheCommandedShareOfRuns() throws Exception {
        var driver = driver(Map.of("fail.percent", 25));
        int failed = 0;
        try (var session = load(driver, TestModels.add(1, List.of(1L)));
                var slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 100; i++) {
                try {
                    slot.run(Deadline.NONE);
                } catch (InferenceException e) {
                    failed++;
                }
            }
        }
        assertThat(failed).isEqualTo(25);
    }

    @Test
    void aModelCanBeMadeToFailByItsMetadata() throws Exception {
        byte[] model = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .node("Identity", List.of("x"), List.of("y"), Map.of())
                .metadata("sim.fail.percent", "100")
                .toBytes();
        try (var session = load(driver(Map.of()), model);
                var slot = session.openSlot(Map.of())) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EXECUTION_FAILED));
        }
    }

    @Test
    void refusesSettingsOutOfRange() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> driver(Map.of("run.micros", -1)))
                .withMessageContaining("run.micros is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> driver(Map.of("kind", "TOASTER")))
                .withMessageContainingAll("TOASTER", "NPU");
    }

    @Test
    void withstandsAnyBytes() {
        var random = new Random(42);
        byte[] good = TestModels.add(1, List.of(-1L, 3L));
        for (int i = 0; i < 20_000; i++) {
            byte[] bad = good.clone();
            for (int flips = random.nextInt(6); flips >= 0; flips--) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            byte[] cut = random.nextBoolean() ? bad : Arrays.copyOf(bad, random.nextInt(bad.length));
            try {
                assertThat(SimulatedModel.parse("fuzz", cut).input().name()).isNotBlank();
            } catch (InferenceException e) {
                assertThat(e.reason()).isIn(Reason.MODEL_INVALID, Reason.MODEL_UNSUPPORTED);
            }
        }
    }

    private static SimulatedDriver driver(Map<String, Object> settings) {
        return new SimulatedDriver(Configs.of(SimulatedDriver.Config.class, settings));
    }

    private ModelSession load(SimulatedDriver driver, byte[] model) throws Exception {
        Path file = Files.write(dir.resolve("model.onnx"), model);
        var manifest = new ModelManifest(
                ModelId.of("test", "1.0.0"),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                model.length,
                List.of(),
                List.of(),
                Map.of(),
                Map.of());
        return driver.load(new OpenFile(manifest, file), driver.accelerators().get(0), LoadOptions.DEFAULT);
    }

    private record OpenFile(ModelManifest manifest, Path path) implements ModelFile {
        @Override
        public void close() {}
    }
}
