// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.TestModels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Lets the official Python client of the Open Inference Protocol talk to a packaged gateway. */
class TritonClientIT {

    @TempDir
    Path folder;

    @Test
    void theOfficialClientFindsNothingToComplainAbout() throws Exception {
        String python = System.getenv().getOrDefault("EDGEWRIGHT_PYTHON", "python3");
        Assumptions.assumeTrue(
                hasClient(python),
                "skipped: " + python + " has no tritonclient (set EDGEWRIGHT_PYTHON; .ci/run installs it)");
        try (GatewayProcess gateway = GatewayProcess.start(folder.resolve("home"))) {
            for (ElementType type : ElementType.values()) {
                String name = "identity_" + type.protocolName().toLowerCase(Locale.ROOT);
                gateway.add(name, "1.0.0", TestModels.identity(type, List.of(-1L, -1L)));
                gateway.deploy(name, "{\"model\":\"" + name + "\"}");
            }
            gateway.await("/api/v1/deployments", all -> all.getAsJsonArray("deployments").asList().stream()
                    .allMatch(d ->
                            "SERVING".equals(d.getAsJsonObject().get("state").getAsString())));
            Path output = folder.resolve("python.log");
            Process check = new ProcessBuilder(
                            python,
                            Path.of("../rest/tritonclient_check.py").toString(),
                            gateway.url().toString(),
                            gateway.token())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = check.waitFor(120, TimeUnit.SECONDS);
            check.destroyForcibly();
            String said = Files.readString(output, StandardCharsets.UTF_8);
            assertThat(ended).as(said).isTrue();
            assertThat(check.exitValue()).as(said).isZero();
        }
    }

    private static boolean hasClient(String python) throws Exception {
        try {
            Process process = new ProcessBuilder(python, "-c", "import tritonclient.http, numpy")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(60, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (java.io.IOException e) {
            return false; // no such program
        }
    }
}
