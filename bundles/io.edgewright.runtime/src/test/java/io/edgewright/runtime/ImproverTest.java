// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus.State;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ImproverTest {

    private static final List<Long> ONE = List.of(1L);

    @TempDir
    Path home;

    @TempDir
    Path variants;

    private FixedOptimizer optimizer;

    @BeforeEach
    void make() {
        optimizer = new FixedOptimizer(variants);
    }

    @Test
    void servesThePlainModelAtOnceAndTheVariantWhenItIsReady() throws Exception {
        try (var gateway = served("passes", "auto")) {
            Await.until(
                    "it says what is done", () -> gateway.status("d").message().contains("optimizing, 50 %"));
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            assertThat(gateway.status("d").state()).isEqualTo(State.SERVING);

            optimizer.done(TestModels.add(1.5f, ONE));
            gateway.runtime.core().requestAll();
            awaitVariant(gateway, FixedOptimizer.KEY);
            assertThat(gateway.ask("d", 1)).isEqualTo(2.5f);
            assertThat(gateway.primary("d").orElseThrow().manifest().id()).hasToString("m:1.0.0");
        }
    }

    @Test
    void goesBackToThePlainModelWhenPassesAreSwitchedOff() throws Exception {
        optimizer.done(TestModels.add(1.5f, ONE));
        try (var gateway = served("passes", "graph;quantize")) {
            awaitVariant(gateway, FixedOptimizer.KEY);
            gateway.change("d", "passes", "none");
            awaitVariant(gateway, "");
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            assertThat(optimizer.cancelled).contains("m:1.0.0@sim:npu.0/graph;quantize");
        }
    }

    @Test
    void anotherVersionIsServedPlainUntilItsOwnVariantIsReady() throws Exception {
        optimizer.done(TestModels.add(1.5f, ONE));
        try (var gateway = served("passes", "auto")) {
            awaitVariant(gateway, FixedOptimizer.KEY);
            gateway.store.put("m", "2.0.0", TestModels.add(7, ONE));
            gateway.changed();
            gateway.awaitServing("d", "2.0.0");
            awaitVariant(gateway, FixedOptimizer.KEY);
            assertThat(optimizer.requests).containsKey("m:2.0.0@sim:npu.0/auto");
        }
    }

    @Test
    void aVariantThatVanishedIsAskedForAgainWhileThePlainModelServes() throws Exception {
        try (var gateway = served("passes", "auto")) {
            optimizer.done(TestModels.add(1.5f, ONE));
            optimizer.requests.clear();
            Await.until("it was asked", () -> !optimizer.requests.isEmpty());
            awaitVariant(gateway, FixedOptimizer.KEY);
            gateway.change("d", "passes", "none");
            awaitVariant(gateway, "");
            var lost = new FixedOptimizer(variants.resolve("absent"));
            lost.done(new byte[] {1});
            gateway.runtime.optimizers(List.of(lost));
            gateway.change("d", "passes", "auto");
            Await.until("it is asked for again", () -> !lost.forgotten.isEmpty());
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
            gateway.awaitEvent("d", Kind.LOAD_FAILED);
        }
    }

    @Test
    void noOptimizerMeansThePlainModelAndSaysSo() throws Exception {
        try (var gateway = served("passes", "auto")) {
            gateway.runtime.optimizers(List.of());
            Await.until("it says why", () -> gateway.status("d").message().contains("no optimizer is installed"));
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void eachDeviceOfASpreadDeploymentGetsItsVariantWhenThatIsReady() throws Exception {
        optimizer.notYet("sim:npu.1");
        optimizer.done(TestModels.add(1.5f, ONE));
        try (var gateway = served("passes", "auto", "placement", "spread")) {
            gateway.device("sim:npu.1");
            Await.until("the first has its variant and the other one is plain", () -> variants(gateway)
                    .equals(Map.of("sim:npu.0", FixedOptimizer.KEY, "sim:npu.1", "")));
            Await.until("it says how it is", () -> gateway.status("d").message().contains("sim:npu.1: optimizing"));
            optimizer.notYet("");
            gateway.runtime.core().requestAll();
            Await.until("both have theirs", () -> variants(gateway)
                    .equals(Map.of("sim:npu.0", FixedOptimizer.KEY, "sim:npu.1", FixedOptimizer.KEY)));
            assertThat(gateway.ask("d", 1)).isEqualTo(2.5f);
            gateway.change("d", "placement", "spread");
            Await.until("both are plain", () -> variants(gateway).equals(Map.of("sim:npu.0", "", "sim:npu.1", "")));
        }
    }

    @Test
    void aVariantThatTakesOtherInputsIsRefusedWhereOtherDevicesMayAnswerToo() throws Exception {
        optimizer.notYet("sim:npu.1");
        optimizer.done(TestModels.add(1.5f, List.of(2L)));
        try (var gateway = served("passes", "auto", "placement", "spread")) {
            Await.until("it says why", () -> gateway.status("d").message().contains("the variant takes"));
            gateway.device("sim:npu.1");
            Await.until("both serve the plain model", () -> variants(gateway)
                    .equals(Map.of("sim:npu.0", "", "sim:npu.1", "")));
            assertThat(gateway.ask("d", 1)).isEqualTo(2);
        }
    }

    @Test
    void aPipelineThatIsNoneIsRefusedWithItsReason() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeploymentSettings.of(Gateway.config("d", "passes", "graph;Q()")))
                .withMessageContaining("pass name 'Q' is malformed");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> DeploymentSettings.of(Gateway.config("d", "gate.agreement.percent", 101.0)))
                .withMessageContaining("least agreement is 1.01");
    }

    private Gateway served(Object... settings) throws Exception {
        var gateway = new Gateway(home);
        gateway.store.put("m", "1.0.0", TestModels.add(1, ONE));
        gateway.device("sim:npu.0");
        gateway.runtime.optimizers(List.of(optimizer));
        gateway.deploy("d", settings);
        gateway.awaitServing("d", "1.0.0");
        return gateway;
    }

    private static Map<String, String> variants(Gateway gateway) {
        return gateway.status("d").served().stream()
                .collect(Collectors.toMap(ServedVersion::accelerator, ServedVersion::variant));
    }

    private static void awaitVariant(Gateway gateway, String key) throws Exception {
        Await.until("it serves variant '" + key + "'", () -> gateway.primary("d")
                .map(ServedVersion::variant)
                .filter(key::equals)
                .isPresent());
    }
}
