// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Moments in which a request could be lost: what it waits for changes, or something breaks beside it. */
@Timeout(120)
class LostRequestTest {

    private static final List<Long> ONE = List.of(1L);

    private final OddDriver driver = new OddDriver("odd", true);

    @TempDir
    Path home;

    @Test
    void requestsAreNotRefusedWhileACandidateIsClosedWithItsLostPrimary() throws Exception {
        List<Reason> seen = Collections.synchronizedList(new ArrayList<>());
        try (var gateway = serving("rollout", "shadow")) {
            gateway.store.put("m", "1.1.0", TestModels.add(1, ONE));
            gateway.changed();
            Await.until("it is observed", () -> gateway.status("d").served().size() == 2);
            driver.onCloseSlot = () -> {
                try {
                    gateway.ask("d", 1, RequestOptions.within(Duration.ofMillis(50)));
                } catch (InferenceException e) {
                    seen.add(e.reason());
                }
            };
            gateway.runtime.removeDriver(driver);
            Await.until("both are closed", () -> gateway.store.open() == 0);
            assertThat(seen).hasSize(2).containsOnly(Reason.DEADLINE_EXCEEDED); // they have waited for the device
        }
    }

    @Test
    void requestsWaitOnForADeviceWhileSettingsChange() throws Exception {
        try (var gateway = serving()) {
            gateway.runtime.removeDriver(driver);
            Await.until("nothing serves", () -> gateway.primary("d").isEmpty());
            var client = new AtomicReference<Thread>();
            CompletableFuture<Float> answer = async(client, () -> gateway.ask("d", 1));
            Await.until("it waits", () -> isWaiting(client.get()));
            gateway.change("d", "queue.length", 10);
            assertThatIllegalStateException()
                    .isThrownBy(() -> gateway.runtime.promote("d")) // comes after the change
                    .withMessageContaining("no canary");
            gateway.runtime.addDriver(new OddDriver("odd", true));
            assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(2);
        }
    }

    @Test
    void aDriverThatBreaksWhileASlotIsOpenedCostsNoRequest() throws Exception {
        try (var gateway = serving("instances", 2)) { // one was opened for the self-test
            var broken = new CountDownLatch(1);
            var goOn = new CountDownLatch(1);
            driver.onOpen = () -> {
                broken.countDown();
                throw new NoClassDefFoundError("its bundle was refreshed");
            };
            InputWriter writer = inputs -> {
                inputs.input("x").floatBuffer().put(0, 1);
                await(goOn);
            };
            List<CompletableFuture<Float>> answers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                answers.add(async(new AtomicReference<>(), () -> gateway.predictor("d")
                        .predict(
                                writer,
                                outputs -> outputs.output("y").floatBuffer().get(0),
                                RequestOptions.DEFAULT)));
            }
            await(broken);
            goOn.countDown();
            for (CompletableFuture<Float> answer : answers) {
                assertThat(answer.get(30, TimeUnit.SECONDS)).isEqualTo(2);
            }
        }
    }

    @Test
    void aRequestMovesOnWhenThePrimaryIsLostRightAfterTheCanaryCouldNotDoIt() throws Exception {
        try (var gateway = serving("rollout", "canary", "canary.percent", 100)) {
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.store.put("m", "2.0.0", TestModels.add(1, ONE)); // answers z instead of y
            gateway.changed();
            Await.until("it is observed", () -> gateway.status("d").served().size() == 2);
            var runs = new AtomicInteger();
            driver.onRun = () -> {
                if (runs.incrementAndGet() == 2) {
                    throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "unplugged", null);
                }
            };
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitEvent("d", Kind.DEVICE_LOST);
        }
    }

    @Test
    void workGoesOnAfterAThreadCouldNotBeStarted() {
        var fails = new AtomicBoolean(true);
        Deque<Runnable> started = new ArrayDeque<>();
        var serial = new Serial(work -> {
            if (fails.getAndSet(false)) {
                throw new OutOfMemoryError("unable to create native thread");
            }
            started.add(work);
        });
        List<String> done = new ArrayList<>();
        serial.execute(() -> done.add("first"));
        serial.execute(() -> done.add("second"));
        while (!started.isEmpty()) {
            started.remove().run();
        }
        assertThat(done).containsExactly("first", "second");
    }

    private Gateway serving(Object... settings) throws Exception {
        var gateway = new Gateway(home, Map.of("wait.seconds", 30), new ManualTime());
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        gateway.runtime.addDriver(driver);
        gateway.deploy("d", settings);
        gateway.awaitOn("d", "odd");
        return gateway;
    }

    /** Work that may fail as requests do. */
    @FunctionalInterface
    private interface Request<T> {

        T get() throws InferenceException;
    }

    private static <T> CompletableFuture<T> async(AtomicReference<Thread> thread, Request<T> request) {
        return CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return request.get();
                    } catch (InferenceException e) {
                        throw new AssertionError("the request failed: " + e.reason(), e);
                    }
                },
                command -> {
                    var client = new Thread(command, "client");
                    thread.set(client);
                    client.start();
                });
    }

    private static boolean isWaiting(@Nullable Thread thread) {
        return thread != null && thread.getState() == Thread.State.TIMED_WAITING;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
