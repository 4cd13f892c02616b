// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway whose home a bad disk or hand has damaged starts, says what is wrong, and serves what is left. */
class DamagedHomeIT {

    @TempDir
    Path folder;

    @Test
    void servesWhatIsLeft() throws IOException {
        Path home = folder.resolve("home");
        try (GatewayProcess gateway = GatewayProcess.start(home)) {
            gateway.add("shelf", "1.0.0", TestModels.add(1, List.of(1L, 4L)));
            gateway.deploy("shelf", "{\"model\":\"shelf\"}");
            awaitServing(gateway);
        }
        // no accounts, a setting that a component refuses, a configuration that is none
        Files.writeString(home.resolve("users.json"), "{\"users");
        Files.writeString(
                home.resolve("config/io.edgewright.update.config"),
                "service.pid=\"io.edgewright.update\"\nattempts=I\"0\"\n");
        Files.writeString(home.resolve("config/io.edgewright.deployment~lost.config"), "service.pid=[\"x");

        try (GatewayProcess gateway = GatewayProcess.start(home)) {
            awaitServing(gateway);
            assertThat(gateway.get("/api/v1/health").toString()).contains("users.json", "deployment~lost.config");
        }
        assertThat(Files.readString(home.resolve("log/edgewright.log")))
                .contains("users.json", "attempts is 0, expected 1 to 1000", "deployment~lost.config");
    }

    private static void awaitServing(GatewayProcess gateway) throws IOException {
        gateway.await(
                "/api/v1/deployments/shelf",
                answer -> answer.get("state").getAsString().equals("SERVING"));
    }
}
