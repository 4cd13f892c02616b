// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.BrokenBarrierException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Drivers, stores and callers that fail in every way: it must stay with them. */
@Timeout(120)
class ForeignCodeTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @Test
    void aSlotThatCannotBeOpenedLeavesNobodyWaiting() throws Exception {
        var noMemory = new InferenceException(Reason.DEVICE_UNAVAILABLE, "no memory", null);
        List<SlotPool> pools = new ArrayList<>();
        for (int i = 0; i < 20_000; i++) {
            pools.add(new SlotPool(
                    1,
                    64,
                    (pool, index) -> {
                        Thread.yield(); // the others come meanwhile
                        throw noMemory;
                    },
                    () -> {}));
        }
        var together = new CyclicBarrier(4);
        List<CompletableFuture<Void>> callers = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            callers.add(inThread(() -> {
                for (SlotPool pool : pools) {
                    await(together);
                    assertThatExceptionOfType(InferenceException.class)
                            .isThrownBy(() -> pool.acquire(Deadline.NONE, 0))
                            .withMessage("no memory");
                }
            }));
        }
        for (CompletableFuture<Void> caller : callers) {
            caller.get(60, TimeUnit.SECONDS);
        }
    }

    @Test
    void aVersionIsFreedThatWasClosedWhileItsLastSlotCouldNotBeOpened() throws Exception {
        var driver = new OddDriver("odd:a", true);
        var opening = new CountDownLatch(1);
        var closed = new CountDownLatch(1);
        var drained = new CountDownLatch(1);
        try (var watchdog = watchdog()) {
            LoadedVersion version = version(driver, 2, watchdog, drained);
            PooledSlot first = acquired(version);
            driver.onOpen = () -> {
                opening.countDown();
                await(closed);
                throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "no memory", null);
            };
            CompletableFuture<Void> second = inThread(() ->
                    assertThat(version.acquire(Map.of(), Deadline.NONE, 0)).isNull());
            await(opening);
            version.close();
            first.release();
            closed.countDown();
            second.get(20, TimeUnit.SECONDS);
            await(drained);
        }
    }

    @Test
    void aVersionIsFreedWhoseSlotsCannotBeClosed() throws Exception {
        var driver = new OddDriver("odd:a", true);
        driver.onCloseSlot = () -> {
            throw new IllegalStateException("odd");
        };
        var drained = new CountDownLatch(1);
        try (var watchdog = watchdog()) {
            LoadedVersion version = version(driver, 2, watchdog, drained);
            acquired(version).release();
            version.close();
            await(drained);
        }
    }

    @Test
    void anErrorOnASlotsOwnThreadReachesTheCaller() throws Exception {
        var driver = new OddDriver("odd:a", false);
        try (var watchdog = watchdog()) {
            LoadedVersion version = version(driver, 1, watchdog, new CountDownLatch(1));
            driver.onRun = () -> {
                throw new StackOverflowError("odd");
            };
            for (int i = 0; i < 2; i++) {
                PooledSlot slot = acquired(version);
                assertThatExceptionOfType(InferenceException.class)
                        .isThrownBy(() -> slot.run(Deadline.NONE, System.nanoTime()))
                        .withMessageContaining("StackOverflowError");
                slot.release();
            }
            version.close();
        }
    }

    @Test
    void aDriverThatFailsToCancelCostsNoWatchdog() throws Exception {
        var driver = new OddDriver("odd:a", true);
        try (var watchdog = watchdog()) {
            LoadedVersion version = version(driver, 1, watchdog, new CountDownLatch(1));
            for (int i = 0; i < 2; i++) { // the second time there must still be somebody to cancel
                var cancelled = new CountDownLatch(1);
                driver.onRun = () -> await(cancelled);
                driver.onCancel = () -> {
                    cancelled.countDown();
                    throw new IllegalStateException("odd");
                };
                PooledSlot slot = acquired(version);
                slot.run(Deadline.in(Duration.ofMillis(20)), System.nanoTime());
                slot.release();
            }
            version.close();
        }
    }

    @Test
    void anErrorInARunEndsNoQueue() throws Exception {
        try (var gateway = new Gateway(home)) {
            OddDriver driver = odd(gateway);
            gateway.deploy("d", "instances", 1);
            gateway.awaitServing("d", "1.0.0");
            driver.onRun = () -> {
                throw new StackOverflowError("odd");
            };
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(() -> submit(gateway, "d").get(20, TimeUnit.SECONDS))
                    .withCauseInstanceOf(StackOverflowError.class);
            driver.onRun = () -> {};
            assertThat(submit(gateway, "d").get(20, TimeUnit.SECONDS)).containsEntry("y", Tensor.ofFloats(ONE, 2));
        }
    }

    @Test
    void aDriverThatFailsInARunIsLeftForAnother() throws Exception {
        try (var gateway = new Gateway(home)) {
            OddDriver driver = odd(gateway);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("d");
            gateway.awaitOn("d", "odd:a");
            driver.onRun = () -> {
                throw new NoClassDefFoundError("its bundle was updated");
            };
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitOn("d", "sim:cpu");
        }
    }

    @Test
    void aDriverThatCannotNameItsDevicesHoldsNobodyUp() throws Exception {
        try (var gateway = new Gateway(home)) {
            OddDriver driver = odd(gateway);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("d");
            gateway.awaitOn("d", "odd:a");
            driver.onDevices = () -> {
                throw new IllegalStateException("its bus is gone");
            };
            gateway.changes.acceleratorsChanged(driver);
            gateway.awaitOn("d", "sim:cpu");
            assertThat(gateway.runtime.idleDrivers())
                    .anySatisfy(idle -> assertThat(idle.message()).contains("its bus is gone"));
        }
    }

    @Test
    void aStoreThatFailsHidesNoOther() throws Exception {
        try (var gateway = new Gateway(home)) {
            gateway.runtime.addStore(new BrokenStore(), Map.of("service.ranking", 1000));
            odd(gateway);
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
        }
    }

    @Test
    void aCanaryThatACallerCannotReadIsThrownOutAndThePrimaryAnswers() throws Exception {
        var time = new ManualTime();
        try (var gateway = new Gateway(home, Map.of(), time)) {
            odd(gateway);
            gateway.deploy("d", "rollout", "canary", "canary.percent", 50, "observe.requests", 20);
            gateway.awaitServing("d", "1.0.0");
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE)); // answers z instead of y
            gateway.changed();
            Await.until("it is observed", () -> gateway.status("d").served().size() == 2);
            for (int i = 0; i < 40; i++) {
                assertThat(gateway.ask("d", i)).isEqualTo(i + 1);
            }
            gateway.advance(time, Duration.ofSeconds(2));
            gateway.awaitEvent("d", Kind.ROLLED_BACK);
        }
    }

    @Test
    void aHangingDeploymentTakesNoThreadsFromAnother() throws Exception {
        try (var gateway = new Gateway(home)) {
            OddDriver driver = odd(gateway);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("hangs", "accelerators", new String[] {"odd:a"}, "instances", 64);
            gateway.deploy("lives", "accelerators", new String[] {"sim:cpu"});
            gateway.awaitServing("hangs", "1.0.0");
            gateway.awaitServing("lives", "1.0.0");
            int threads = Math.max(4, 2 * Runtime.getRuntime().availableProcessors());
            var hanging = new CountDownLatch(threads);
            var released = new CountDownLatch(1);
            driver.onRun = () -> {
                hanging.countDown();
                await(released);
            };
            List<CompletableFuture<?>> stuck = new ArrayList<>();
            for (int i = 0; i < threads; i++) {
                stuck.add(submit(gateway, "hangs"));
            }
            await(hanging);
            assertThat(submit(gateway, "lives").get(20, TimeUnit.SECONDS)).containsKey("y");
            released.countDown();
            CompletableFuture.allOf(stuck.toArray(CompletableFuture[]::new)).get(20, TimeUnit.SECONDS);
        }
    }

    @Test
    void aFailingEventSinkStopsNoSwap() throws Exception {
        try (var gateway = new Gateway(home)) {
            odd(gateway);
            var failed = new AtomicBoolean();
            gateway.runtime.sinks(List.of(event -> {
                failed.set(true);
                throw new IllegalStateException("odd");
            }));
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            Await.until("it is serving", () -> gateway.status("d").state() == State.SERVING);
            assertThat(failed).isTrue();
        }
    }

    private static OddDriver odd(Gateway gateway) throws Exception {
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        var driver = new OddDriver("odd:a", true);
        gateway.runtime.addDriver(driver);
        return driver;
    }

    private static CompletableFuture<Map<String, Tensor>> submit(Gateway gateway, String name) {
        return gateway.predictor(name).submit(Map.of("x", Tensor.ofFloats(ONE, 1)), RequestOptions.DEFAULT);
    }

    private LoadedVersion version(OddDriver driver, int slots, Watchdog watchdog, CountDownLatch drained)
            throws Exception {
        var store = new MemoryStore(home);
        store.put("m", "1.0.0", TestModels.add(1, ONE));
        var file = store.open(ModelId.of("m", "1.0.0"));
        return new LoadedVersion(
                new Loadable(file.manifest(), file.manifest(), "", Map.of(), () -> file),
                new Found(driver, driver.device),
                file,
                driver.load(file, driver.device, LoadOptions.DEFAULT),
                new LoadSpec(LoadOptions.Goal.THROUGHPUT, slots, 64, true, Map.of()),
                watchdog,
                version -> {
                    version.free();
                    drained.countDown();
                });
    }

    private static PooledSlot acquired(LoadedVersion version) throws InferenceException {
        PooledSlot slot = version.acquire(Map.of(), Deadline.NONE, 0);
        if (slot == null) {
            throw new AssertionError("the version is closed");
        }
        return slot;
    }

    private static Watchdog watchdog() {
        var ignored = new AtomicInteger();
        var watchdog = new Watchdog(
                Duration.ofSeconds(60),
                new Watchdog.Listener() {
                    @Override
                    public void stuck(PooledSlot slot, Duration running) {
                        ignored.incrementAndGet();
                    }

                    @Override
                    public void cameBack(PooledSlot slot) {
                        ignored.incrementAndGet();
                    }
                },
                command -> new Thread(command, "cancels").start());
        watchdog.start();
        return watchdog;
    }

    private static CompletableFuture<Void> inThread(OddDriver.Step work) {
        var done = new CompletableFuture<Void>();
        var thread = new Thread(
                () -> {
                    try {
                        work.run();
                        done.complete(null);
                    } catch (InferenceException | RuntimeException | Error e) {
                        done.completeExceptionally(e);
                    }
                },
                "caller");
        thread.setDaemon(true);
        thread.start();
        return done;
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static void await(CyclicBarrier barrier) {
        try {
            barrier.await(20, TimeUnit.SECONDS);
        } catch (InterruptedException | BrokenBarrierException | TimeoutException e) {
            throw new AssertionError(e);
        }
    }

    private static final class BrokenStore implements ModelStore {

        @Override
        public String name() {
            return "broken";
        }

        @Override
        public List<ModelManifest> models() {
            throw new IllegalStateException("its server is gone");
        }

        @Override
        public ModelFile open(ModelId id) {
            throw new IllegalStateException("its server is gone");
        }
    }
}
