// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the gateway at random moments of imports, swaps and deployment changes. After each restart every model in the
 * store must open and every deployment must serve what some version of its model answers. The number of rounds is the
 * property {@code kill.rounds} of the build.
 */
class KillDrillIT {

    private static final int ROUNDS = Integer.getInteger("edgewright.kill.rounds", 10);
    private static final int DEPLOYMENTS = 2;

    @TempDir
    Path folder;

    private final Random random = new Random(42);
    private int nextVersion = 1;

    @Test
    void everyDeploymentServesAfterAKillAtAnyMoment() throws Exception {
        Path home = folder.resolve("home");
        try (GatewayProcess gateway = GatewayProcess.start(home)) {
            upload(gateway);
            for (int d = 0; d < DEPLOYMENTS; d++) {
                put(gateway, d, "latest");
            }
            verify(gateway);
            gateway.kill();
        }
        for (int round = 0; round < ROUNDS; round++) {
            try (GatewayProcess gateway = GatewayProcess.start(home)) {
                verify(gateway);
                disturbUntilKilled(gateway);
            }
        }
        try (GatewayProcess gateway = GatewayProcess.start(home)) {
            verify(gateway);
        }
    }

    private void disturbUntilKilled(GatewayProcess gateway) throws InterruptedException {
        var begun = new CountDownLatch(1);
        Thread disturber = new Thread(
                () -> {
                    begun.countDown();
                    try {
                        while (true) {
                            upload(gateway);
                            put(gateway, random.nextInt(DEPLOYMENTS), random.nextBoolean() ? "latest" : "[1,1000000)");
                        }
                    } catch (IOException e) {
                        // the gateway was killed, as intended
                    }
                },
                "disturber");
        disturber.start();
        begun.await();
        LockSupport.parkNanos(
                Duration.ofMillis(new Random(nextVersion).nextInt(700)).toNanos());
        gateway.kill();
        disturber.join(60_000);
        assertThat(disturber.isAlive()).isFalse();
    }

    private void verify(GatewayProcess gateway) throws IOException {
        JsonObject models = gateway.get("/api/v1/models");
        assertThat(models.getAsJsonArray("models")).isNotEmpty();
        for (int d = 0; d < DEPLOYMENTS; d++) {
            // DEGRADED is fine: a version that was new at several kills in a row is left out for a while, and says so
            gateway.await("/api/v1/deployments/kill" + d, KillDrillIT::serves);
            HttpResponse<String> answer = gateway.send(
                    "POST",
                    "/v2/models/kill" + d + "/infer",
                    BodyPublishers.ofString(
                            "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,4],\"datatype\":\"FP32\",\"data\":[1,2,3,4]}]}"));
            assertThat(answer.statusCode()).as(answer.body()).isEqualTo(200);
        }
        JsonObject health = gateway.get("/api/v1/health");
        for (JsonElement finding : health.getAsJsonArray("findings")) {
            assertThat(finding.getAsJsonObject().get("severity").getAsString())
                    .as(finding.toString())
                    .isNotEqualToIgnoringCase("critical");
        }
    }

    private static boolean serves(JsonObject status) {
        return !status.getAsJsonArray("served").isEmpty()
                && !"STARTING".equals(status.get("state").getAsString());
    }

    private void upload(GatewayProcess gateway) throws IOException {
        int version = nextVersion++;
        gateway.add("kill", Integer.toString(version), TestModels.add(version, List.of(1L, 4L)));
    }

    private static void put(GatewayProcess gateway, int deployment, String version) throws IOException {
        gateway.deploy("kill" + deployment, "{\"model\":\"kill\",\"version\":\"" + version + "\"}");
    }
}
