// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QueueTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void refusesAtOnceWhenTheQueueIsFull() throws Exception {
        try (var gateway = served("instances", 1, "queue.length", 1)) {
            var hold = new CountDownLatch(1);
            CompletableFuture<Float> holder = hold(gateway, hold);
            CompletableFuture<Float> waiter = ask(gateway, 1, new RequestOptions(RequestOptions.NO_TIMEOUT, 0));
            Await.until("one waits", () -> pending(gateway) == 1);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.QUEUE_FULL));
            hold.countDown();
            assertThat(holder.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(waiter.get(10, TimeUnit.SECONDS)).isEqualTo(2);
            assertThat(gateway.primary("d").orElseThrow().statistics().failures())
                    .containsEntry(Reason.QUEUE_FULL, 1L);
        }
    }

    @Test
    void servesHigherPriorityFirst() throws Exception {
        try (var gateway = served("instances", 1)) {
            var hold = new CountDownLatch(1);
            CompletableFuture<Float> holder = hold(gateway, hold);
            List<Integer> order = new CopyOnWriteArrayList<>();
            List<CompletableFuture<Void>> waiters = new ArrayList<>();
            for (int priority : new int[] {0, 5, -3, 5}) {
                int expected = waiters.size() + 1;
                int label = 10 * priority + waiters.size();
                waiters.add(CompletableFuture.runAsync(
                        () -> {
                            try {
                                InputWriter writer = inputs -> order.add(label);
                                gateway.predictor("d")
                                        .predict(
                                                writer,
                                                o -> 0,
                                                new RequestOptions(RequestOptions.NO_TIMEOUT, priority));
                            } catch (InferenceException e) {
                                throw new AssertionError(e);
                            }
                        },
                        command -> new Thread(command, "waiter").start()));
                Await.until("it waits", () -> pending(gateway) == expected);
            }
            hold.countDown();
            for (CompletableFuture<Void> waiter : waiters) {
                waiter.get(10, TimeUnit.SECONDS);
            }
            assertThat(holder.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(order).containsExactly(51, 53, 0, -28);
        }
    }

    @Test
    void aRequestWhoseTurnDoesNotComeInTimeIsNotRun() throws Exception {
        try (var gateway = served("instances", 1, "timeout.millis", 40)) {
            var hold = new CountDownLatch(1);
            CompletableFuture<Float> holder = hold(gateway, hold);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> gateway.ask("d", 1))
                    .withMessageContaining("nothing was run")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEADLINE_EXCEEDED));
            hold.countDown();
            holder.get(10, TimeUnit.SECONDS);
            assertThat(pending(gateway)).isZero();
        }
    }

    @Test
    void givesEveryQueuedCallerItsOwnAnswerInBatches() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, List.of(-1L, 2L)));
            gateway.device("sim:a", "run.micros", 2000);
            gateway.deploy("d", "instances", 1);
            gateway.awaitOn("d", "sim:a");
            Await.until("batches were measured", () -> gateway.runtime.history("d", 100).stream()
                    .anyMatch(e -> "8".equals(e.details().get("batch"))));
            List<CompletableFuture<Map<String, Tensor>>> answers = new ArrayList<>();
            for (int i = 0; i < 40; i++) {
                answers.add(gateway.predictor("d")
                        .submit(Map.of("x", Tensor.ofFloats(List.of(1L, 2L), i, -i)), RequestOptions.DEFAULT));
            }
            for (int i = 0; i < 40; i++) {
                Tensor y = answers.get(i).get(20, TimeUnit.SECONDS).get("y");
                assertThat(y).isEqualTo(Tensor.ofFloats(List.of(1L, 2L), i + 1, 1 - i));
            }
            var statistics = gateway.primary("d").orElseThrow().statistics();
            assertThat(statistics.successes()).isEqualTo(40);
            assertThat(statistics.inferences()).isEqualTo(40);
            assertThat(statistics.executions()).isLessThan(20);
        }
    }

    @Test
    void oneBadRequestDoesNotHarmTheOthersQueuedWithIt() throws Exception {
        try (var gateway = served("instances", 1)) {
            var good = gateway.predictor("d").submit(Map.of("x", Tensor.ofFloats(ONE, 1)), RequestOptions.DEFAULT);
            var bad = gateway.predictor("d")
                    .submit(Map.of("x", Tensor.ofFloats(List.of(2L), 1, 2)), RequestOptions.DEFAULT);
            assertThat(good.get(10, TimeUnit.SECONDS).get("y")).isEqualTo(Tensor.ofFloats(ONE, 2));
            assertThat(bad)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContainingAll("'x'", "[2]", "[1]");
        }
    }

    @Test
    void aQueuedRequestCanBeTakenBack() throws Exception {
        try (var gateway = served("instances", 1, "queue.length", 1)) {
            var hold = new CountDownLatch(1);
            CompletableFuture<Float> holder = hold(gateway, hold);
            Map<String, Tensor> inputs = Map.of("x", Tensor.ofFloats(ONE, 1));
            var first = gateway.predictor("d").submit(inputs, RequestOptions.DEFAULT);
            var controller = gateway.runtime.core().controller("d");
            Await.until("its runner waits for the slot", () -> controller.queued() == 0 && pending(gateway) == 1);
            var second = gateway.predictor("d").submit(inputs, RequestOptions.DEFAULT);
            var third = gateway.predictor("d").submit(inputs, RequestOptions.DEFAULT);
            assertThat(third)
                    .failsWithin(Duration.ofSeconds(10))
                    .withThrowableThat()
                    .withMessageContaining("at most 1");
            assertThat(second.cancel(false)).isTrue();
            var fourth = gateway.predictor("d").submit(inputs, RequestOptions.DEFAULT);
            hold.countDown();
            assertThat(holder.get(10, TimeUnit.SECONDS)).isEqualTo(1);
            assertThat(first.get(10, TimeUnit.SECONDS)).containsKey("y");
            assertThat(fourth.get(10, TimeUnit.SECONDS)).containsKey("y");
        }
    }

    @Test
    void namesWhatItExpectsOfAnInput() throws Exception {
        try (var gateway = served()) {
            assertMismatch(gateway, Map.of("z", Tensor.ofFloats(ONE, 1)), "'z'", "x");
            assertMismatch(gateway, Map.of("x", Tensor.ofFloats(List.of(2L), 1, 2)), "[2]", "[1]");
            assertMismatch(gateway, Map.of("x", Tensor.zeros(ElementType.INT64, ONE)), "INT64", "FLOAT32");
            assertMismatch(gateway, Map.of(), "'x' is missing");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void keepsBuffersForAFewShapesOnly() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, List.of(-1L)));
            gateway.device("sim:a");
            gateway.deploy("d", "batch.max", 1);
            gateway.awaitOn("d", "sim:a");
            for (long length = 1; length <= 40; length++) {
                Tensor x = Tensor.zeros(ElementType.FLOAT32, List.of(length));
                assertThat(gateway.predictor("d").predict(Map.of("x", x)))
                        .containsEntry("y", Tensor.ofFloats(x.shape(), ones((int) length)));
            }
            assertThat(gateway.primary("d").orElseThrow().statistics().successes())
                    .isEqualTo(40);
        }
    }

    private static float[] ones(int length) {
        float[] ones = new float[length];
        Arrays.fill(ones, 1);
        return ones;
    }

    private static void assertMismatch(Gateway gateway, Map<String, Tensor> inputs, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> gateway.predictor("d").predict(inputs))
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INPUT_MISMATCH));
    }

    private Gateway served(Object... settings) throws Exception {
        var gateway = new Gateway(home);
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        gateway.device("sim:a");
        gateway.deploy("d", settings);
        gateway.awaitOn("d", "sim:a");
        return gateway;
    }

    private static long pending(Gateway gateway) {
        return gateway.primary("d").orElseThrow().statistics().pending();
    }

    private static CompletableFuture<Float> hold(Gateway gateway, CountDownLatch until) throws Exception {
        var held = new CountDownLatch(1);
        var future = CompletableFuture.supplyAsync(
                () -> {
                    InputWriter writer = inputs -> {
                        inputs.input("x").floatBuffer().put(0, 0);
                        held.countDown();
                        await(until);
                    };
                    try {
                        return gateway.predictor("d")
                                .predict(
                                        writer,
                                        o -> o.output("y").floatBuffer().get(0),
                                        RequestOptions.within(Duration.ofSeconds(60)));
                    } catch (InferenceException e) {
                        throw new AssertionError(e);
                    }
                },
                command -> new Thread(command, "holder").start());
        await(held);
        return future;
    }

    private static CompletableFuture<Float> ask(Gateway gateway, float x, RequestOptions options) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return gateway.ask("d", x, options);
                    } catch (InferenceException e) {
                        throw new AssertionError(e);
                    }
                },
                command -> new Thread(command, "client").start());
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
