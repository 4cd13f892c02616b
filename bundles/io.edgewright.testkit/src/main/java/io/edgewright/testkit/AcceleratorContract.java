// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the runtime relies on in every driver. Extend it, and say how to get the driver and models in its format. */
public abstract class AcceleratorContract {

    /** Of a trusted model, so that no driver tries it elsewhere first. */
    protected static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    private static final List<Long> PAIR = List.of(2L, 3L);

    private static final long DYNAMIC = TensorSpec.DYNAMIC;

    @TempDir
    Path folder;

    private int files;

    /** Made by JUnit for each test. */
    protected AcceleratorContract() {}

    /** {@return the driver under test, the same one throughout a test} */
    protected abstract AcceleratorDriver driver();

    /** {@return the device to load models on; by default the driver's first one} */
    protected Accelerator device() {
        return driver().accelerators().get(0);
    }

    /** {@return the format of the models, such as {@code onnx}; also the files' extension} */
    protected String format() {
        return "onnx";
    }

    /** {@return the element types that the driver claims to take} */
    protected Set<ElementType> types() {
        return EnumSet.allOf(ElementType.class);
    }

    /**
     * {@return a model file {@code x -> y = x}; by default in ONNX}
     *
     * @param type one of {@link #types()}
     * @param shape of x and y, dynamic dimensions allowed if {@link #takesDynamicShapes}
     */
    protected byte[] identity(ElementType type, List<Long> shape) {
        return TestModels.identity(type, shape);
    }

    /** {@return true if models may have open dimensions} */
    protected boolean takesDynamicShapes() {
        return true;
    }

    /** {@return true if the driver reads model files, so that it notices a broken one} */
    protected boolean readsFiles() {
        return true;
    }

    /** {@return a model that runs for 5 s or more unless it is cut off; empty if the driver cannot cut off a run} */
    protected Optional<byte[]> longRunning() {
        return Optional.of(TestModels.longRunning(1000, 1024));
    }

    @Test
    void describesItsDevices() {
        assertThat(driver().name()).matches("[a-z0-9._-]+");
        assertThat(driver().accelerators()).isNotEmpty().allSatisfy(device -> {
            assertThat(device.driver()).isEqualTo(driver().name());
            assertThat(device.formats()).contains(format());
            assertThat(device.description()).isNotBlank();
        });
        assertThat(driver().accelerators()).extracting(Accelerator::id).doesNotHaveDuplicates();
        assertThat(driver().unavailable()).isEmpty();
        assertThat(device().cancellable()).isEqualTo(longRunning().isPresent());
    }

    @Test
    void answersTheInputForEveryTypeItClaims() throws Exception {
        for (ElementType type : types()) {
            try (ModelSession session = load(identity(type, PAIR));
                    Slot slot = session.openSlot(Map.of())) {
                assertThat(session.inputs()).containsExactly(new TensorSpec("x", type, PAIR));
                assertThat(session.outputs()).containsExactly(new TensorSpec("y", type, PAIR));
                for (int seed = 0; seed < 3; seed++) {
                    Tensor value = TestTensors.pattern(type, PAIR, seed);
                    slot.write("x", value);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("y")).as("%s, run %d", type, seed).isEqualTo(value);
                }
            }
        }
    }

    @Test
    void keepsWhatTheCallerLeftInTheInput() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
                Slot slot = session.openSlot(Map.of())) {
            Tensor input = slot.input("x");
            assertThat(input.data().isDirect()).isTrue();
            input.floatBuffer().put(0, new float[] {1, 2, 3, 4, 5, 6});
            slot.run(Deadline.NONE);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(1, 2, 3, 4, 5, 6);
            assertThat(slot.input("x")).isSameAs(input);
        }
    }

    @Test
    void makesBuffersForTheShapesAskedFor() throws Exception {
        Assumptions.assumeTrue(takesDynamicShapes());
        try (ModelSession session = load(identity(ElementType.FLOAT32, List.of(DYNAMIC, 3L)))) {
            assertThat(session.inputs().get(0).shape()).containsExactly(DYNAMIC, 3L);
            for (long batch : new long[] {1, 5, 2}) {
                try (Slot slot = session.openSlot(Map.of("x", List.of(batch, 3L)))) {
                    Tensor value = TestTensors.pattern(ElementType.FLOAT32, List.of(batch, 3L), (int) batch);
                    slot.write("x", value);
                    slot.run(Deadline.NONE);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("y")).isEqualTo(value);
                }
            }
            try (Slot slot = session.openSlot(Map.of())) {
                assertThat(slot.input("x").shape()).containsExactly(1L, 3L);
            }
        }
    }

    @Test
    void keepsSlotsApart() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, List.of(1L)));
                Slot first = session.openSlot(Map.of());
                Slot second = session.openSlot(Map.of("x", List.of(1L)))) {
            first.input("x").floatBuffer().put(0, 1);
            second.input("x").floatBuffer().put(0, 2);
            first.run(Deadline.NONE);
            second.run(Deadline.NONE);
            assertThat(first.output("y").toFloats()).containsExactly(1);
            assertThat(second.output("y").toFloats()).containsExactly(2);
        }
    }

    @Test
    void runsSlotsSideBySide() throws Exception {
        int threads = 4;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        try (ModelSession session = load(identity(ElementType.FLOAT32, PAIR))) {
            var start = new CountDownLatch(1);
            List<Future<?>> done = new ArrayList<>();
            for (int t = 0; t < threads; t++) {
                int seed = t;
                done.add(pool.submit(() -> {
                    start.await();
                    try (Slot slot = session.openSlot(Map.of())) {
                        for (int i = 0; i < 200; i++) {
                            Tensor value = TestTensors.pattern(ElementType.FLOAT32, PAIR, seed * 1000 + i);
                            slot.write("x", value);
                            slot.run(Deadline.NONE);
                            assertThat(slot.output("y")).isEqualTo(value);
                        }
                    }
                    return null;
                }));
            }
            start.countDown();
            for (Future<?> future : done) {
                future.get(60, TimeUnit.SECONDS);
            }
            assertThat(session.parallelism()).isPositive();
            assertThat(session.memoryBytes()).isNotNegative();
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void saysWhichNamesThereAre() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
                Slot slot = session.openSlot(Map.of())) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.input("q"))
                    .withMessageContainingAll("q", "x");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.output("q"))
                    .withMessageContainingAll("q", "y");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.write("q", TestTensors.pattern(ElementType.FLOAT32, PAIR, 0)))
                    .withMessageContainingAll("q", "x");
            assertMismatch(() -> session.openSlot(Map.of("q", PAIR)), "q", "x");
        }
    }

    @Test
    void refusesShapesAndTypesThatDoNotFit() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
                Slot slot = session.openSlot(Map.of())) {
            assertMismatch(() -> session.openSlot(Map.of("x", List.of(2L))), "x", "[2]", "[2, 3]");
            assertMismatch(() -> session.openSlot(Map.of("x", List.of(2L, 4L))), "x", "[2, 4]", "[2, 3]");
            assertMismatch(() -> session.openSlot(Map.of("x", List.of(2L, -1L))), "x", "[2, -1]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.write("x", TestTensors.pattern(ElementType.FLOAT32, List.of(3L, 2L), 0)))
                    .withMessageContainingAll("[3, 2]", "[2, 3]");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.write("x", TestTensors.pattern(ElementType.INT32, PAIR, 0)))
                    .withMessageContainingAll("INT32", "FLOAT32");
        }
    }

    @Test
    void refusesToRunWhatIsClosed() throws Exception {
        ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
        Slot slot = session.openSlot(Map.of());
        slot.run(Deadline.NONE);
        slot.close();
        slot.close();
        assertThatIllegalStateException().isThrownBy(() -> slot.run(Deadline.NONE));
        session.close();
        session.close();
        assertThatIllegalStateException().isThrownBy(() -> session.openSlot(Map.of()));
    }

    @Test
    void survivesASessionClosedBeforeItsSlot() throws Exception {
        ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
        Slot slot = session.openSlot(Map.of());
        session.close();
        assertThatIllegalStateException().isThrownBy(() -> slot.run(Deadline.NONE));
        slot.close();
    }

    @Test
    void doesNotBeginARunWhoseTimeIsOver() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, PAIR));
                Slot slot = session.openSlot(Map.of())) {
            assertReason(Reason.DEADLINE_EXCEEDED, () -> slot.run(Deadline.in(Duration.ZERO)));
            slot.run(Deadline.in(Duration.ofMinutes(10)));
        }
    }

    @Test
    void ignoresACancelWhenNothingRuns() throws Exception {
        try (ModelSession session = load(identity(ElementType.FLOAT32, List.of(1L)));
                Slot slot = session.openSlot(Map.of())) {
            slot.cancel();
            slot.input("x").floatBuffer().put(0, 7);
            slot.run(Deadline.NONE);
            slot.cancel();
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(7);
        }
    }

    @Test
    void cutsOffARunAndGoesOn() throws Exception {
        byte[] content = longRunning().orElse(new byte[0]);
        Assumptions.assumeTrue(content.length > 0, "this driver cannot cut off a run");
        try (ModelSession session = load(content);
                Slot slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 2; i++) {
                long start = System.nanoTime();
                CompletableFuture<InferenceException> run = CompletableFuture.supplyAsync(() -> failure(slot));
                assertThat(cancelUntilDone(slot, run).reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
                assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
            }
        }
    }

    @Test
    void saysThatAFileIsNoModel() throws Exception {
        Assumptions.assumeTrue(readsFiles());
        byte[] whole = identity(ElementType.FLOAT32, PAIR);
        assertReason(
                Reason.MODEL_INVALID, () -> load("this is no model".getBytes(java.nio.charset.StandardCharsets.UTF_8)));
        assertReason(Reason.MODEL_INVALID, () -> load(Arrays.copyOf(whole, whole.length / 2)));
        assertReason(Reason.MODEL_INVALID, () -> load(new byte[0]));
        ModelFile gone = model(whole);
        Files.delete(gone.path());
        assertReason(Reason.MODEL_INVALID, () -> driver().load(gone, device(), TRUSTED));
    }

    @Test
    void refusesAFormatItDoesNotTake() throws Exception {
        FileModel other = FileModel.write(folder, "m.xyz", "xyz", new byte[] {1});
        assertReason(Reason.MODEL_UNSUPPORTED, () -> driver().load(other, device(), TRUSTED));
    }

    @Test
    void leavesNoFileOpen() throws Exception {
        Assumptions.assumeTrue(OpenFiles.areShown(), "only Linux shows open files");
        byte[] content = identity(ElementType.FLOAT32, PAIR);
        useOnce(content); // libraries and pools open theirs once
        long before = OpenFiles.below(folder);
        for (int i = 0; i < 10; i++) {
            useOnce(content);
        }
        assertThat(OpenFiles.below(folder)).isLessThanOrEqualTo(before);
    }

    /**
     * Loads a model from bytes as a trusted one.
     *
     * @param content in the driver's format
     * @return a session to be closed by the test
     */
    protected final ModelSession load(byte[] content) throws IOException, InferenceException {
        return driver().load(model(content), device(), TRUSTED);
    }

    private ModelFile model(byte[] content) throws IOException {
        return FileModel.write(folder, "model" + files++ + "." + format(), format(), content);
    }

    private void useOnce(byte[] content) throws IOException, InferenceException {
        try (ModelSession session = load(content);
                Slot slot = session.openSlot(Map.of())) {
            slot.run(Deadline.NONE);
        }
    }

    private static InferenceException cancelUntilDone(Slot slot, CompletableFuture<InferenceException> run)
            throws InterruptedException, ExecutionException {
        while (true) {
            slot.cancel();
            try {
                return run.get(20, TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                // not begun yet, or not at an end: again
            }
        }
    }

    private static InferenceException failure(Slot slot) {
        try {
            slot.run(Deadline.NONE);
        } catch (InferenceException e) {
            return e;
        }
        throw new AssertionError("the run was not cut off");
    }

    private static void assertMismatch(org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(call)
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INPUT_MISMATCH));
    }

    private static void assertReason(Reason reason, org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(call)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
