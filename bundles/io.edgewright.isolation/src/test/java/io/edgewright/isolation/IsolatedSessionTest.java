// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class IsolatedSessionTest extends Fixture {

    private static final EngineSpec SPEC = Echo.spec(Map.of());
    private static final EngineSpec OTHER = Echo.spec(Map.of("other", "1"));

    @Test
    void aCrashCostsTheRunsOfThatProcessOnly() throws Exception {
        try (ModelSession good = open(SPEC, model("identity"));
                ModelSession bad = open(SPEC, model("run-segfault"));
                ModelSession apart = open(OTHER, model("identity"));
                Slot goodSlot = good.openSlot(Map.of());
                Slot badSlot = bad.openSlot(Map.of());
                Slot apartSlot = apart.openSlot(Map.of())) {
            goodSlot.run(Deadline.NONE);
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> badSlot.run(Deadline.NONE), "run-segfault", "SIGSEGV");
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> badSlot.run(Deadline.NONE), "SIGSEGV");
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> goodSlot.run(Deadline.NONE), "identity", "SIGSEGV");
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> good.openSlot(Map.of()), "SIGSEGV");
            apartSlot.run(Deadline.NONE);
            // loaded again, it serves again, while the old one is still open
            try (ModelSession again = open(SPEC, model("identity"));
                    Slot slot = again.openSlot(Map.of())) {
                slot.run(Deadline.NONE);
            }
            apartSlot.run(Deadline.NONE);
        }
        Children.assertNone();
    }

    @Test
    void endsTheProcessOfARunThatCannotBeCutOff() throws Exception {
        try (ModelSession bad = open(SPEC, model("second-hang"));
                ModelSession good = open(SPEC, model("identity"));
                Slot badSlot = bad.openSlot(Map.of());
                Slot goodSlot = good.openSlot(Map.of())) {
            badSlot.run(Deadline.NONE);
            CompletableFuture<InferenceException> run = CompletableFuture.supplyAsync(() -> failure(badSlot));
            while (!run.isDone()) {
                badSlot.cancel();
                TimeUnit.MILLISECONDS.sleep(10);
            }
            assertThat(run.get().reason()).isEqualTo(Reason.DEADLINE_EXCEEDED);
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> badSlot.run(Deadline.NONE), "did not end");
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> goodSlot.run(Deadline.NONE), "second-hang", "did not end");
        }
    }

    @Test
    void keepsTheProcessOfARunThatEndsWhenCutOff() throws Exception {
        try (ModelSession session = open(SPEC, model("long"));
                Slot slot = session.openSlot(Map.of())) {
            long before = children();
            for (int i = 0; i < 3; i++) {
                CompletableFuture<InferenceException> run = CompletableFuture.supplyAsync(() -> failure(slot));
                while (!run.isDone()) {
                    slot.cancel();
                    TimeUnit.MILLISECONDS.sleep(10);
                }
                assertThat(run.get()).hasMessageContaining("cut off");
            }
            assertThat(children()).isEqualTo(before).isEqualTo(1);
        }
    }

    @Test
    void aRunThatTakesTooMuchMemoryEndsItsProcess() throws Exception {
        EngineSpec small = Echo.spec(Map.of(), Duration.ofSeconds(60), 200 << 20);
        try (ModelSession session = open(small, model("run-eat"));
                Slot slot = session.openSlot(Map.of())) {
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> slot.run(Deadline.NONE), "200 MiB");
        }
    }

    @Test
    void goesOnAfterARunThatFailed() throws Exception {
        try (ModelSession session = open(SPEC, model("fail"));
                Slot slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 3; i++) {
                assertFails(Reason.EXECUTION_FAILED, () -> slot.run(Deadline.NONE), "do not go");
            }
        }
    }

    @Test
    void tellsWhatIsWrongWithAModel() throws Exception {
        assertFails(Reason.MODEL_UNSUPPORTED, () -> open(SPEC, model("load-unsupported")), "no operator");
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> open(SPEC, model("load-segfault")), "load-segfault", "SIGSEGV");
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> open(SPEC, model("load-throw")), "UnsupportedOperation");
        EngineSpec impatient = Echo.spec(Map.of(), Duration.ofSeconds(8), 1L << 30);
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> open(impatient, model("load-hang")), "not done after 8 s");
        try (ModelSession session = open(SPEC, model("slot-refuse"))) {
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> session.openSlot(Map.of()), "no memory for it");
        }
        Children.assertNone();
    }

    @Test
    void givesOutputsOfAnySize() throws Exception {
        try (ModelSession session = open(SPEC, model("grow", ONE, List.of(TensorSpec.DYNAMIC)));
                Slot slot = session.openSlot(Map.of())) {
            long before = session.memoryBytes();
            int run = 0;
            for (int count : new int[] {3, 3, 1000, 3000, 3000, 2000, 5, 0, 100_000, 3, 120_000}) {
                slot.input("x").floatBuffer().put(0, count);
                slot.run(Deadline.NONE);
                run++;
                Tensor y = slot.output("y");
                assertThat(y.shape()).containsExactly((long) count);
                float[] values = y.toFloats();
                for (int i = 0; i < count; i++) {
                    assertThat(values[i]).isEqualTo(i + run);
                }
                assertThat(y.data().isDirect()).isTrue();
            }
            assertThat(session.memoryBytes()).isGreaterThan(before + 400_000);
        }
    }

    @Test
    void keepsAnOutputWhereItIsWhileItsShapeStays() throws Exception {
        try (ModelSession session = open(SPEC, model("grow", ONE, List.of(TensorSpec.DYNAMIC)));
                Slot slot = session.openSlot(Map.of())) {
            for (int count : new int[] {10, 5000}) {
                slot.input("x").floatBuffer().put(0, count);
                slot.run(Deadline.NONE);
                Tensor first = slot.output("y");
                slot.run(Deadline.NONE);
                assertThat(slot.output("y")).isSameAs(first);
            }
        }
    }

    @Test
    void anInterruptCostsNothing() throws Exception {
        try (ModelSession session = open(SPEC, model("grow", ONE, List.of(TensorSpec.DYNAMIC)))) {
            for (int count = 1; count < 100_000; count = count * 3) {
                Thread.currentThread().interrupt();
                try (Slot slot = session.openSlot(Map.of())) {
                    slot.input("x").floatBuffer().put(0, count);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("y").shape()).containsExactly((long) count);
                }
                assertThat(Thread.interrupted()).isTrue();
            }
        }
    }

    @Test
    void aLoadHeedsAnInterrupt() throws Exception {
        Thread.currentThread().interrupt();
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> open(SPEC, model("load-hang")), "interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void equalSpecsShareAProcess() throws Exception {
        try (ModelSession first = open(SPEC, model("identity"));
                ModelSession second = open(Echo.spec(Map.of()), model("fail"))) {
            assertThat(children()).isEqualTo(1);
            assertThat(first.parallelism()).isEqualTo(3);
            try (ModelSession third = open(OTHER, model("identity"))) {
                assertThat(third.inputs()).hasSize(1);
                assertThat(children()).isEqualTo(2);
            }
            assertThat(second.outputs()).hasSize(1);
            assertThat(children()).isEqualTo(1);
        }
        assertThat(children()).isZero();
    }

    @Test
    void saysThatSomebodyElseHasKilledIt() throws Exception {
        try (ModelSession session = open(SPEC, model("identity"));
                Slot slot = session.openSlot(Map.of())) {
            slot.run(Deadline.NONE);
            ProcessHandle.current().children().forEach(ProcessHandle::destroyForcibly);
            assertFails(Reason.DEVICE_UNAVAILABLE, () -> slot.run(Deadline.NONE), "signal 9", "from outside");
        }
    }

    @Test
    void endsAnEngineThatDoesNotLetGo() throws Exception {
        ModelSession session = open(Echo.spec(Map.of("close", "hang")), model("identity"));
        session.close();
        Children.assertNone();
    }

    @Test
    void endsASessionThatDoesNotLetGo() throws Exception {
        ModelSession session = open(SPEC, model("close-hang"));
        session.close();
        Children.assertNone();
    }

    @Test
    void losesItsSessionsWhenItIsClosed() throws Exception {
        ModelSession session = open(SPEC, model("identity"));
        Slot slot = session.openSlot(Map.of());
        isolation.close();
        Children.assertNone();
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> slot.run(Deadline.NONE), "closed");
        slot.close();
        session.close();
        assertFails(Reason.DEVICE_UNAVAILABLE, () -> open(SPEC, model("identity")), "being stopped");
    }

    @Test
    void sharesMemoryInTheRunFolderWhereThereIsNoOther() throws Exception {
        try (var other = new ProcessIsolation(home, new Folders(home, home.resolve("none")));
                ModelSession session =
                        other.open(SPEC, model("identity"), "", io.edgewright.api.accelerator.LoadOptions.DEFAULT);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, 7);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(7);
        }
    }

    @Test
    void deletesWhatAKilledProcessLeftBehind() throws Exception {
        Path run = Files.createDirectories(home.resolve("run/isolation/1-1/3"));
        Files.writeString(run.resolve("crash.log"), "x");
        Path memory = Path.of("/dev/shm");
        org.junit.jupiter.api.Assumptions.assumeTrue(Files.isWritable(memory), "no /dev/shm here");
        Path left = Files.createDirectories(memory.resolve(Folders.memoryPrefix(home) + "1-1-3"));
        Files.writeString(left.resolve("x"), "x");

        new ProcessIsolation(home).close();

        assertThat(run.getParent()).doesNotExist();
        assertThat(Children.memory(home)).isEmpty();
    }

    private static long children() {
        return ProcessHandle.current().children().filter(ProcessHandle::isAlive).count();
    }

    private static InferenceException failure(Slot slot) {
        try {
            slot.run(Deadline.NONE);
        } catch (InferenceException e) {
            return e;
        }
        throw new AssertionError("the run was not cut off");
    }
}
