// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.AcceleratorContract;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole contract once more, with every model in a process of its own. */
@Timeout(300)
class OwnProcessTest extends AcceleratorContract {

    @TempDir
    static Path home;

    @TempDir
    Path dir;

    private static ProcessIsolation isolation;

    /** Keeps the process from ending after each test: it ends with its last session. */
    private static ModelSession keeper;

    private TorchDriver driver;

    @BeforeAll
    static void startOnce() throws Exception {
        Drivers.library();
        isolation = new ProcessIsolation(home);
        TorchDriver first = driver(Map.of());
        FileModel model = FileModel.write(
                home, "keeper.pt", "torchscript", ScriptWriter.forward("x: Tensor", "Tensor", "return x"));
        keeper = first.load(model, first.accelerators().get(0), Drivers.TRUSTED);
    }

    @AfterAll
    static void stop() {
        if (keeper != null) {
            keeper.close();
        }
        if (isolation != null) {
            isolation.close();
        }
    }

    @BeforeEach
    void start() {
        driver = driver(Map.of());
    }

    @Test
    void keepsWhatIsNotTrustedInAProcessOfItsOwn() throws Exception {
        TorchDriver cautious = driver(Map.of("isolate", "untrusted"));
        FileModel model = FileModel.write(
                dir, "m.pt", "torchscript", ScriptWriter.forward("x: Tensor", "Tensor", "return torch.add(x, 1)"));
        try (ModelSession session = cautious.load(model, cautious.accelerators().get(0), LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
            assertThat(session.getClass().getPackageName()).isEqualTo("io.edgewright.isolation");
            slot.run(Deadline.NONE);
            assertThat(slot.output("output_0").toFloats()).containsExactly(1, 1);
        }
        try (ModelSession session = cautious.load(model, cautious.accelerators().get(0), Drivers.TRUSTED)) {
            assertThat(session).isInstanceOf(TorchSession.class);
        }
    }

    @Test
    void triesWhatIsNotTrustedInAProcessOfItsOwnFirst() throws Exception {
        TorchDriver never = driver(Map.of("isolate", "never"));
        FileModel model = FileModel.write(
                dir, "m.pt", "torchscript", ScriptWriter.forward("x: Tensor", "Tensor", "return torch.add(x, 1)"));
        try (ModelSession session = never.load(model, never.accelerators().get(0), LoadOptions.DEFAULT)) {
            assertThat(session).isInstanceOf(TorchSession.class);
        }
        assertThat(home.resolve("variants/vetted")).isNotEmptyDirectory();
    }

    @Test
    void endsARunThatNeverEndsWithItsProcess() throws Exception {
        FileModel model = FileModel.write(
                dir,
                "m.pt",
                "torchscript",
                ScriptWriter.forward(
                        "x: Tensor", "Tensor", "y = x", "while True:", "  y = torch.add(y, 1)", "return y"));
        TorchDriver other = driver(Map.of("isolate.seconds", 121)); // another process than the other tests have
        try (ModelSession session = other.load(model, other.accelerators().get(0), Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
            CompletableFuture<Reason> run = CompletableFuture.supplyAsync(() -> reason(slot));
            assertThat(cancelUntilDone(slot, run)).isIn(Reason.DEADLINE_EXCEEDED, Reason.DEVICE_UNAVAILABLE);
        }
        // this process and the next model are none the worse
        load(identity(ElementType.FLOAT32, List.of(2L))).close();
    }

    @Test
    void goesOnAfterAnErrorWithinTheModel() throws Exception {
        FileModel model = FileModel.of(TestData.require("torchscript/silero_vad.jit"), "torchscript");
        for (TorchDriver each : List.of(driver, driver(Map.of("isolate", "never")))) {
            try (ModelSession session = each.load(model, each.accelerators().get(0), Drivers.TRUSTED);
                    Slot slot = session.openSlot(Map.of("x", List.of(1L, 512L)))) {
                for (int i = 0; i < 20; i++) {
                    slot.input("sr").data().putLong(0, 0);
                    assertThatExceptionOfType(InferenceException.class)
                            .isThrownBy(() -> slot.run(Deadline.NONE))
                            .withMessageContaining("slice step must be positive")
                            .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EXECUTION_FAILED));
                    slot.input("sr").data().putLong(0, 16_000);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("output_0").toFloats()[0]).isBetween(0f, 1f);
                }
            }
        }
    }

    @Test
    void refusesAModelThatTakesMoreMemoryThanItMay() throws Exception {
        FileModel model = FileModel.write(
                dir,
                "m.pt",
                "torchscript",
                ScriptWriter.forward("x: Tensor", "Tensor", "return torch.ones([1000000000000])"));
        try (ModelSession session = driver.load(model, driver.accelerators().get(0), Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContaining("allocate memory")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
        }
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

    private static TorchDriver driver(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("isolate", "always"));
        all.put("library", Drivers.library().toString());
        all.putAll(settings);
        return new TorchDriver(Configs.of(TorchDriver.Config.class, all), List.of(isolation));
    }

    private static Reason reason(Slot slot) {
        try {
            slot.run(Deadline.NONE);
            throw new AssertionError("the run ended by itself");
        } catch (InferenceException e) {
            return e.reason();
        }
    }

    private static Reason cancelUntilDone(Slot slot, CompletableFuture<Reason> run)
            throws InterruptedException, ExecutionException {
        while (true) {
            slot.cancel();
            try {
                return run.get(50, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // not begun yet, or not at an end: again
            }
        }
    }
}
