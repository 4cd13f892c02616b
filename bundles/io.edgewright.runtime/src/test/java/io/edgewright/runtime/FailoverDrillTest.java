// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Eight clients ask while a simulated device is killed, fails, hangs, becomes slow and returns: with a second device none of
 * their requests may fail within its deadline. {@code benchmarks/run.sh failover} does the same a hundred times.
 */
@Timeout(120)
class FailoverDrillTest {

    private static final int ROUNDS = 2;
    private static final int CLIENTS = 8;
    private static final RequestOptions WITHIN = RequestOptions.within(Duration.ofSeconds(8));

    /** What can befall a device, by the settings that command it. */
    private static final List<List<Object>> FAULTS = List.of(
            List.of("present", false),
            List.of("fail.percent", 100),
            List.of("hang", true),
            List.of("run.micros", 1000, "slow.factor", 50));

    @TempDir
    Path home;

    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong answered = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();

    @ParameterizedTest
    @CsvSource({"preferred, true", "preferred, false", "spread, true", "spread, false"})
    void noRequestFailsWhateverBefallsOneDevice(String placement, boolean cancellable) throws Exception {
        var settings =
                Map.<String, Object>of("recover.seconds", 0, "backoff.start.seconds", 1, "backoff.max.seconds", 1);
        try (var gateway = new Gateway(home, settings, null)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, List.of(1L)));
            gateway.device("sim:npu", "cancellable", cancellable);
            gateway.device("sim:cpu", "kind", "CPU");
            gateway.deploy("d", "placement", placement, "accelerators", new String[] {"sim:npu", "sim:cpu"});
            awaitWell(gateway);
            List<CompletableFuture<Void>> clients = new ArrayList<>();
            for (int i = 0; i < CLIENTS; i++) {
                clients.add(CompletableFuture.runAsync(
                        () -> ask(gateway), command -> new Thread(command, "client").start()));
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (List<Object> fault : FAULTS) {
                    strike(gateway, cancellable, fault);
                    awaitAnswers(CLIENTS * 4L);
                    strike(gateway, cancellable, List.of());
                    awaitWell(gateway);
                    awaitAnswers(CLIENTS * 4L);
                }
            }
            stop.set(true);
            for (CompletableFuture<Void> client : clients) {
                client.get(30, TimeUnit.SECONDS);
            }
            assertThat(failures).isEmpty();
        }
    }

    private static void strike(Gateway gateway, boolean cancellable, List<Object> fault) {
        List<Object> all = new ArrayList<>(fault);
        all.addAll(List.of("cancellable", cancellable));
        gateway.command("sim:npu", all.toArray());
    }

    /** Waits until the device is used again as it should be, and the runtime knows that there is another. */
    private static void awaitWell(Gateway gateway) throws Exception {
        Await.until("the device serves again", () -> {
            gateway.runtime.core().requestAll();
            var served = gateway.status("d").served();
            return !served.isEmpty()
                    && served.get(0).accelerator().equals("sim:npu")
                    && gateway.runtime.core().controllers().stream()
                            .flatMap(c -> c.serving().versions().stream())
                            .allMatch(LoadedVersion::isReplaceable);
        });
    }

    private void awaitAnswers(long more) throws Exception {
        long before = answered.get();
        Await.until("clients are answered", () -> answered.get() >= before + more || !failures.isEmpty());
        assertThat(failures).isEmpty();
    }

    private void ask(Gateway gateway) {
        while (!stop.get()) {
            try {
                if (gateway.ask("d", 1, WITHIN) != 2) {
                    failures.add("wrong answer");
                }
                answered.incrementAndGet();
            } catch (InferenceException e) {
                failures.add(e.reason() + ": " + e.getMessage());
            }
        }
    }
}
