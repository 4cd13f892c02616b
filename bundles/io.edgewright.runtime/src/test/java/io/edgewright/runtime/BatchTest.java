// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Queued requests of different kinds and fates; the queue's threads are this test's own, so that nothing is left to chance. */
@Timeout(60)
class BatchTest {

    private static final List<Long> ONE = List.of(1L);

    private final Deque<Runnable> runners = new ArrayDeque<>();
    private final Router router = new Router("d");
    private final Calls calls = new Calls(router, (version, e) -> {});

    @TempDir
    Path home;

    @BeforeEach
    void serve() throws Exception {
        var store = new MemoryStore(home);
        store.put("m", "1.0.0", TestModels.add(1, ONE));
        var file = store.open(ModelId.of("m", "1.0.0"));
        var driver = new OddDriver("odd:a", true);
        var version = new LoadedVersion(
                new Loadable(file.manifest(), file.manifest(), "", Map.of(), () -> file),
                new Found(driver, driver.device),
                file,
                new Sums(),
                new LoadSpec(LoadOptions.Goal.THROUGHPUT, 1, 64, true, Map.of()),
                new Watchdog(Duration.ofSeconds(60), new Deaf(), Runnable::run),
                LoadedVersion::free);
        version.batching(new Batching(8, ""));
        router.publish(new Route(version, null, null, false, false, 0, null, ""));
    }

    @AfterEach
    void close() {
        Objects.requireNonNull(router.route().primary()).close();
    }

    @Test
    void aBatchOfRequestsThatLackAnInputIsRefusedAsOneIs() {
        var batcher = new Batcher(router, calls, runners::add);
        Map<String, Tensor> half = Map.of("a", Tensor.ofFloats(ONE, 1));
        var first = batcher.submit(half, Deadline.NONE, 0);
        var second = batcher.submit(half, Deadline.NONE, 0);
        runAll();
        assertRefused(first, "'b' is missing");
        assertRefused(second, "'b' is missing");
    }

    @Test
    void equalRequestsAreAnsweredTogether() {
        var batcher = new Batcher(router, calls, runners::add);
        var first = batcher.submit(pair(1, 2), Deadline.NONE, 0);
        var second = batcher.submit(pair(3, 4), Deadline.NONE, 0);
        runAll();
        assertThat(first).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 3)));
        assertThat(second).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 7)));
        assertThat(Objects.requireNonNull(router.route().primary())
                        .recorder()
                        .statistics(0)
                        .executions())
                .isEqualTo(1);
    }

    @Test
    void aRequestThatMayNotWaitIsNotRunWithOneThatMay() {
        var batcher = new Batcher(router, calls, runners::add);
        var patient = batcher.submit(pair(1, 2), Deadline.NONE, 0);
        var urgent = batcher.submit(pair(3, 4), Deadline.in(Duration.ofSeconds(30)), 0);
        var alike = batcher.submit(pair(5, 6), Deadline.in(Duration.ofSeconds(29)), 0);
        var last = batcher.submit(pair(7, 8), Deadline.NONE, 0);
        runAll();
        assertThat(patient).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 3)));
        assertThat(urgent).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 7)));
        assertThat(alike).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 11)));
        assertThat(last).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 15)));
        assertThat(executions()).isEqualTo(2);
    }

    @Test
    void aRequestForWhichNoThreadCanBeStartedFailsAndTheNextIsRun() {
        var fails = new AtomicBoolean(true);
        var batcher = new Batcher(router, calls, work -> {
            if (fails.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            runners.add(work);
        });
        assertRefused(batcher.submit(pair(1, 2), Deadline.NONE, 0), "unable to create native thread");
        var next = batcher.submit(pair(1, 2), Deadline.NONE, 0);
        runAll();
        assertThat(next).isCompletedWithValue(Map.of("y", Tensor.ofFloats(ONE, 3)));
    }

    private long executions() {
        return Objects.requireNonNull(router.route().primary())
                .recorder()
                .statistics(0)
                .executions();
    }

    private void runAll() {
        while (!runners.isEmpty()) {
            runners.remove().run();
        }
    }

    private static Map<String, Tensor> pair(float a, float b) {
        return Map.of("a", Tensor.ofFloats(ONE, a), "b", Tensor.ofFloats(ONE, b));
    }

    private static void assertRefused(CompletableFuture<?> answer, String words) {
        assertThat(answer)
                .failsWithin(Duration.ZERO)
                .withThrowableThat()
                .withCauseInstanceOf(InferenceException.class)
                .withMessageContaining(words);
    }

    private static final class Deaf implements Watchdog.Listener {

        @Override
        public void stuck(PooledSlot slot, Duration running) {}

        @Override
        public void cameBack(PooledSlot slot) {}
    }

    /** Answers y = a + b, a single row of either with each row of the other, as ONNX broadcasts. */
    private static final class Sums implements ModelSession {

        @Override
        public List<TensorSpec> inputs() {
            return List.of(spec("a"), spec("b"));
        }

        @Override
        public List<TensorSpec> outputs() {
            return List.of(spec("y"));
        }

        @Override
        public Slot openSlot(Map<String, List<Long>> shapes) {
            List<Long> a = shapes.getOrDefault("a", ONE);
            List<Long> b = shapes.getOrDefault("b", ONE);
            return new Sum(zeros(a), zeros(b), zeros(a.get(0) > b.get(0) ? a : b));
        }

        @Override
        public void close() {}

        private static Tensor zeros(List<Long> shape) {
            return Tensor.zeros(ElementType.FLOAT32, shape);
        }

        private static TensorSpec spec(String name) {
            return new TensorSpec(name, ElementType.FLOAT32, List.of(TensorSpec.DYNAMIC));
        }
    }

    private record Sum(Tensor a, Tensor b, Tensor y) implements Slot {

        @Override
        public Tensor input(String name) {
            return name.equals("a") ? a : b;
        }

        @Override
        public Tensor output(String name) {
            return y;
        }

        @Override
        public void run(Deadline deadline) {
            for (int i = 0; i < y.elements(); i++) {
                y.floatBuffer().put(i, row(a, i) + row(b, i));
            }
        }

        @Override
        public void close() {}

        private static float row(Tensor tensor, int index) {
            return tensor.floatBuffer().get(tensor.elements() == 1 ? 0 : index);
        }
    }
}
