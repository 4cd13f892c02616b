// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrialTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    private final ManualTime time = new ManualTime();

    @Test
    void leavesOutWhatEndedTheProcessTooOftenAndTriesItOnceMoreAfterTheNextStart() {
        for (int i = 0; i < Trial.ENDS; i++) {
            Trial trial = started();
            assertThat(trial.blocks("a")).isFalse();
            trial.begin("b"); // what served before it was new as well, and stopped being so
            trial.end("b");
            trial.begin("a"); // and the process dies
        }
        assertThat(started().blocks("a")).isTrue();
        Trial next = started();
        assertThat(next.blocks("a")).isFalse();
        next.begin("a");
        assertThat(started().blocks("a")).isTrue();
        assertThat(started().blocks("b")).isFalse();
    }

    @Test
    void trustsWhatHasServedForAWhileAndCountsNoOrderlyEnd() {
        for (int i = 0; i < 10; i++) {
            Trial trial = started();
            assertThat(trial.blocks("orderly")).isFalse();
            trial.begin("orderly");
            assertThat(trial.left()).contains(Duration.ofSeconds(10));
            trial.stop();
        }
        Trial trial = started();
        trial.begin("good");
        time.advance(Duration.ofSeconds(10));
        assertThat(trial.left()).isEmpty();
        for (int i = 0; i < 10; i++) {
            started().begin("good");
        }
        assertThat(started().blocks("good")).isFalse();
    }

    @Test
    void aBrokenFileKeepsNothingFromBeingServed() throws Exception {
        started().begin("a");
        byte[] good = Files.readAllBytes(file());
        var random = new Random(3);
        for (int i = 0; i < 500; i++) {
            byte[] bad = Arrays.copyOf(good, random.nextInt(good.length + 1));
            if (bad.length > 0) {
                bad[random.nextInt(bad.length)] = (byte) random.nextInt(256);
            }
            Files.write(file(), bad);
            assertThat(started().blocks("b")).isFalse();
        }
    }

    @Test
    void aGatewayComesUpWithTheVersionBeforeWhenTheNewOneKillsIt() throws Exception {
        String killer;
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
            killer = gateway.primary("d").orElseThrow().manifest().digest() + "@sim:a";
        }
        for (int i = 0; i < Trial.ENDS; i++) {
            new Trial(home.resolve("deployments").resolve("d.trial"), time).begin(killer);
        }
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.store.put("m", "2.0.0", TestModels.add(2, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            Await.until(
                    "it says why",
                    () -> gateway.status("d").state() == State.DEGRADED
                            && gateway.status("d").message().contains("the gateway died 3 times"));
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void aGatewayThatHasNothingElseToServeRelentsAfterAWhile() throws Exception {
        String key;
        try (var gateway = new Gateway(home)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            gateway.awaitServing("d", "1.0.0");
            key = gateway.primary("d").orElseThrow().manifest().digest() + "@sim:a";
        }
        for (int i = 0; i < Trial.ENDS; i++) {
            new Trial(home.resolve("deployments").resolve("d.trial"), time).begin(key);
        }
        try (var gateway = new Gateway(home, Map.of(), time)) {
            gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
            gateway.device("sim:a");
            gateway.deploy("d");
            Await.until("it says why", () -> gateway.status("d").message().contains("the gateway died 3 times"));
            Await.until("it serves again", () -> {
                gateway.advance(time, Duration.ofMinutes(5));
                return gateway.primary("d").isPresent();
            });
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    private Path file() {
        return home.resolve("d.trial");
    }

    private Trial started() {
        return new Trial(file(), time);
    }
}
