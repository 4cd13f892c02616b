// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A gateway that searches for the best variant of what it serves: callers do not feel it, whether the search runs, is called off
 * or dies with the gateway. The number of kills is the property {@code search.rounds} of the build.
 */
class SearchDrillIT {

    private static final int ROUNDS = Integer.getInteger("edgewright.search.rounds", 3);
    private static final String NAME = "digits";
    private static final String OPTIMIZATIONS = "/api/v1/optimizations";

    @TempDir
    Path folder;

    private final Random random = new Random(20261122);
    private int searches;

    @Test
    void noRequestFailsWhileASearchRunsAndIsCalledOff() throws Exception {
        try (GatewayProcess gateway = start()) {
            Digits.addModel(gateway);
            gateway.deploy(NAME, "{\"model\":\"digits\"}");
            gateway.await("/api/v1/deployments/digits", SearchDrillIT::serves);
            try (var asking = new Asking(gateway, NAME, Digits.requests(Digits.pictures(50, 1)))) {
                JsonObject search = JsonParser.parseString(gateway.send(
                                        "POST",
                                        OPTIMIZATIONS,
                                        BodyPublishers.ofString(
                                                "{\"model\":\"digits\",\"version\":\"1.0.0\",\"calibration\":\""
                                                        + samples() + "\"}"))
                                .body())
                        .getAsJsonObject();
                String path = OPTIMIZATIONS + "/" + search.get("id").getAsString();
                gateway.await(path, o -> o.getAsJsonArray("variants").size() > 1);
                gateway.send("POST", path + "/cancel", BodyPublishers.noBody());
                gateway.await(path, o -> o.get("state").getAsString().equals("CANCELLED"));
                assertThat(asking.stop()).isEmpty();
                assertThat(asking.answers()).isPositive();
            }
        }
    }

    @Test
    void servesAtOnceAndItsVariantsAreWholeAfterEveryKillInASearch() throws Exception {
        String digit = Digits.requests(Digits.pictures(1, 1)).get(0);
        try (GatewayProcess gateway = start()) {
            Digits.addModel(gateway);
            search(gateway);
            // what has served for a while is trusted: it is not taken for the reason of a kill
            gateway.await("/api/v1/deployments/digits", s -> isTrusted());
            verify(gateway, digit);
        }
        for (int kills = 0; kills < ROUNDS; kills++) {
            try (GatewayProcess gateway = start()) {
                verify(gateway, digit);
                JsonObject now = gateway.await(OPTIMIZATIONS, o -> is(o, "RUNNING") || is(o, "DONE"));
                if (is(now, "DONE")) {
                    search(gateway);
                    gateway.await(OPTIMIZATIONS, o -> is(o, "RUNNING"));
                }
                try (var asking = new Asking(gateway, NAME, List.of(digit))) {
                    LockSupport.parkNanos(
                            Duration.ofMillis(random.nextInt(4000)).toNanos());
                    assertThat(asking.stop()).as("before kill %d", kills).isEmpty();
                    assertThat(asking.answers()).isPositive();
                }
                gateway.kill();
            }
        }
        try (GatewayProcess gateway = start()) {
            verify(gateway, digit);
        }
    }

    private GatewayProcess start() throws IOException {
        return GatewayProcess.start(folder.resolve("home"), GatewayProcess.freePort(), "core,http,optimizer");
    }

    /** Has the deployment searched with samples that were not there before. */
    private void search(GatewayProcess gateway) throws IOException {
        gateway.deploy(NAME, "{\"model\":\"digits\",\"passes\":\"auto\",\"calibration\":\"" + samples() + "\"}");
    }

    private Path samples() throws IOException {
        Path samples = folder.resolve("samples" + searches++);
        Digits.write(Digits.pictures(64 + searches, 1), samples);
        return samples;
    }

    private void verify(GatewayProcess gateway, String digit) throws Exception {
        gateway.await("/api/v1/deployments/digits", SearchDrillIT::serves);
        assertThat(Asking.once(gateway, NAME, digit)).isEmpty();
        Path variants = folder.resolve("home/variants");
        if (!Files.isDirectory(variants)) {
            return;
        }
        try (Stream<Path> all = Files.list(variants)) {
            for (Path one : all.filter(f -> f.getFileName().toString().matches("[0-9a-f]{32}"))
                    .toList()) {
                verify(one);
            }
        }
    }

    private static void verify(Path variant) throws Exception {
        JsonObject record = JsonParser.parseString(Files.readString(variant.resolve("record.json")))
                .getAsJsonObject();
        if (record.get("refused").getAsString().isEmpty()) {
            JsonArray steps = record.getAsJsonArray("steps");
            byte[] model = Files.readAllBytes(variant.resolve("model.onnx"));
            assertThat(HexFormat.of()
                            .formatHex(MessageDigest.getInstance("SHA-256").digest(model)))
                    .as(variant.toString())
                    .isEqualTo(steps.get(steps.size() - 1)
                            .getAsJsonObject()
                            .get("outputDigest")
                            .getAsString());
        }
    }

    private boolean isTrusted() {
        try {
            JsonObject trial = JsonParser.parseString(Files.readString(folder.resolve("home/deployments/digits.trial")))
                    .getAsJsonObject();
            return !trial.getAsJsonArray("trusted").isEmpty();
        } catch (IOException e) {
            return false; // nothing was loaded yet
        }
    }

    private static boolean serves(JsonObject status) {
        return !status.getAsJsonArray("served").isEmpty();
    }

    /** {@return true if the latest search is in that state} */
    private static boolean is(JsonObject answer, String state) {
        for (JsonElement latest : answer.getAsJsonArray("optimizations")) {
            return latest.getAsJsonObject().get("state").getAsString().equals(state);
        }
        return false;
    }
}
