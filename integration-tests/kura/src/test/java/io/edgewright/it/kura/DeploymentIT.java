// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.edgewright.it.kura.probe.BridgeProbe;
import io.edgewright.it.kura.probe.EngineProbe;
import io.edgewright.it.kura.probe.ModelProbe;
import io.edgewright.packages.Signer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;

/** Deployment packages come in any order, in other versions, broken, for another machine, and go, by Felix DeploymentAdmin. */
class DeploymentIT {

    private static final List<String> ALL =
            List.of("edgewright-core", "edgewright-kura", "edgewright-sim", "edgewright-rest", "edgewright-retail");
    private static final List<String> REVERSED =
            List.of("edgewright-retail", "edgewright-rest", "edgewright-sim", "edgewright-kura", "edgewright-core");

    @TempDir
    Path folder;

    @Test
    void packagesRunInWhateverOrderTheyComeAndAfterARestart() throws Exception {
        Map<String, String> complete;
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deployAll(gateway, ALL);
            complete = ours(gateway);
            assertThat(complete.values()).allMatch(v -> v.endsWith("ACTIVE"));
            gateway.call(BridgeProbe.class, "create", "io.edgewright.accelerator.sim", "npu", Map.of("run.micros", 7));
            assertThat(neighbours.disturbed()).isEmpty();
        }
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deployAll(gateway, REVERSED);
            assertThat(ours(gateway)).isEqualTo(complete);
            assertThat(gateway.<Object>call(
                            BridgeProbe.class, "value", "io.edgewright.accelerator.sim", "npu", "run.micros"))
                    .isEqualTo(7);
            assertThat(neighbours.disturbed()).isEmpty();
        }
    }

    @Test
    void packagesAreUpgradedDowngradedUninstalledAndInstalledAgain() throws Exception {
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deployAll(gateway, ALL);
            Map<String, String> complete = ours(gateway);
            gateway.deploy(later("edgewright-core"));
            gateway.deploy(later("edgewright-sim"));
            assertThat(ours(gateway))
                    .containsEntry("io.edgewright.runtime", "0.2.0 ACTIVE")
                    .containsEntry("io.edgewright.accelerator.sim", "0.2.0 ACTIVE")
                    .containsEntry("io.edgewright.rest", "0.1.0.SNAPSHOT ACTIVE");
            assertThat(ours(gateway).values()).allMatch(v -> v.endsWith("ACTIVE"));

            gateway.deploy(Packages.get("edgewright-core"));
            gateway.deploy(Packages.get("edgewright-sim"));
            assertThat(ours(gateway)).isEqualTo(complete);

            gateway.undeploy("edgewright-sim");
            assertThat(ours(gateway)).doesNotContainKey("io.edgewright.accelerator.sim");
            gateway.undeploy("edgewright-core"); // DeploymentAdmin refreshes nothing then: the others stay as they are
            assertThat(ours(gateway)).containsEntry("io.edgewright.rest", "0.1.0.SNAPSHOT ACTIVE");
            gateway.deploy(Packages.get("edgewright-core"));
            gateway.deploy(Packages.get("edgewright-sim"));
            assertThat(ours(gateway)).isEqualTo(complete);

            for (String name : REVERSED) {
                gateway.undeploy(name);
            }
            assertThat(ours(gateway)).isEmpty();
            assertThat(neighbours.disturbed()).isEmpty();
        }
    }

    @Test
    void packagesForAnotherMachineAndBrokenOnesChangeNothing() throws Exception {
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            assertThatThrownBy(() -> gateway.deploy(Packages.forOtherPlatform("edgewright-core")))
                    .hasStackTraceContaining("edgewright-core.platform");
            assertThat(ours(gateway)).isEmpty();

            deployAll(gateway, ALL);
            Map<String, String> complete = ours(gateway);
            Path wrong = Packages.inVersion("0.2.0", Packages.forOtherPlatform("edgewright-retail"), folder);
            assertThatThrownBy(() -> gateway.deploy(wrong)).hasStackTraceContaining("edgewright-retail.platform");
            assertThat(ours(gateway)).isEqualTo(complete);

            byte[] whole = Files.readAllBytes(later("edgewright-core"));
            for (int length : new int[] {0, 100, whole.length / 2, whole.length - 5_000}) {
                Path truncated = Files.write(folder.resolve("truncated.dp"), Arrays.copyOf(whole, length));
                assertThatThrownBy(() -> gateway.deploy(truncated))
                        .as("%d bytes", length)
                        .isNotNull();
                awaitJoined(gateway);
                assertThat(ours(gateway)).as("%d bytes", length).isEqualTo(complete);
            }
            assertThat(neighbours.disturbed()).isEmpty();
        }
    }

    @Test
    void theOthersUseTheCoreOnWhenAnotherOneWasRefused() throws Exception {
        Map<String, Object> record = Map.of("temperature", 20.5f, "flow", 1f);
        List<Map<String, Object>> answer = List.of(Map.of("wear", 41f));
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deployAll(gateway, List.of("edgewright-core", "edgewright-kura"));
            gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
            assertThat(gateway.<Object>call(EngineProbe.class, "ask", record, new String[] {"wear"}))
                    .isEqualTo(answer);
            Map<String, String> complete = ours(gateway);
            Path wrong = Packages.inVersion("0.2.0", Packages.forOtherPlatform("edgewright-core"), folder);
            for (int round = 0; round < 2; round++) {
                assertThatThrownBy(() -> gateway.deploy(wrong)).hasStackTraceContaining("edgewright-core.platform");
                awaitJoined(gateway);
                assertThat(ours(gateway)).isEqualTo(complete);
                gateway.call(ModelProbe.class, "serving", "wear");
                assertThat(gateway.<Object>call(EngineProbe.class, "ask", record, new String[] {"wear"}))
                        .isEqualTo(answer);
            }
            assertThat(neighbours.disturbed()).isEmpty();
        }
    }

    @Test
    void packagesBelowTheFloorChangeNothing() throws Exception {
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            gateway.deploy(later("edgewright-core"));
            gateway.deploy(later("edgewright-sim"));
            gateway.deploy(later("edgewright-kura"));
            setFloor(gateway, "0.2.0");
            Map<String, String> complete = ours(gateway);
            for (String name : List.of("edgewright-core", "edgewright-sim")) {
                assertThatThrownBy(() -> gateway.deploy(Packages.get(name)))
                        .hasStackTraceContaining("0.1.0.SNAPSHOT is below the floor of packages, which is 0.2.0");
                awaitJoined(gateway);
                assertThat(ours(gateway)).isEqualTo(complete);
            }
            setFloor(gateway, "");
            gateway.deploy(Packages.get("edgewright-sim"));
            assertThat(ours(gateway)).containsEntry("io.edgewright.accelerator.sim", "0.1.0.SNAPSHOT ACTIVE");
            assertThat(neighbours.disturbed()).isEmpty();
        }
    }

    private void setFloor(Gateway gateway, String floor) throws Exception {
        gateway.call(BridgeProbe.class, "update", "io.edgewright.kura.packages", Map.of("floor", floor));
        Path file = folder.resolve("home/packages.floor");
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (Files.exists(file) == floor.isEmpty()) {
            assertThat(System.nanoTime() - end).as("waits for %s", file).isNegative();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    @Test
    void signedPackagesAreTakenAsUnsignedOnesAre() throws Exception {
        Path keys = folder.resolve("keys.p12");
        Path keytool = Path.of(System.getProperty("java.home"), "bin", "keytool");
        String command =
                keytool + " -genkeypair -alias test -keyalg RSA -dname CN=test -storepass changeit -keystore " + keys;
        assertThat(new ProcessBuilder(command.split(" ")).inheritIO().start().waitFor())
                .isZero();
        Path signed = Files.copy(Packages.get("edgewright-sim"), folder.resolve("signed.dp"));
        Signer.of(keys, "test", "changeit".toCharArray()).sign(signed);
        try (Gateway gateway = Gateway.start(folder)) {
            gateway.deploy(Packages.get("edgewright-core"));
            gateway.deploy(signed);
            assertThat(ours(gateway)).containsEntry("io.edgewright.accelerator.sim", "0.1.0.SNAPSHOT ACTIVE");
        }
    }

    private Path later(String name) throws Exception {
        return Packages.inVersion("0.2.0", Packages.get(name), folder);
    }

    private static void deployAll(Gateway gateway, List<String> names) throws Exception {
        for (String name : names) {
            gateway.deploy(Packages.get(name));
        }
    }

    /** Waits until nothing of ours uses classes of before and all run: the framework refreshes in a thread of its own. */
    private static void awaitJoined(Gateway gateway) throws Exception {
        FrameworkWiring wiring =
                gateway.context().getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
        long end = System.nanoTime() + Duration.ofSeconds(60).toNanos();
        while (true) {
            List<Bundle> pending = wiring.getRemovalPendingBundles().stream()
                    .filter(DeploymentIT::isOurs)
                    .toList();
            Map<String, String> states = ours(gateway);
            if (pending.isEmpty() && states.values().stream().allMatch(v -> v.endsWith("ACTIVE"))) {
                return;
            }
            assertThat(System.nanoTime() - end)
                    .as("pending %s, states %s", pending, states)
                    .isNegative();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    private static boolean isOurs(Bundle bundle) {
        String name = bundle.getSymbolicName();
        return name.startsWith("edgewright-")
                || (name.startsWith("io.edgewright.") && !name.startsWith("io.edgewright.it."));
    }

    /** {@return version and state of each of our bundles} */
    private static Map<String, String> ours(Gateway gateway) {
        Map<String, String> states = new TreeMap<>();
        for (Bundle bundle : gateway.context().getBundles()) {
            if (isOurs(bundle)) {
                String state = bundle.getState() == Bundle.ACTIVE
                        ? "ACTIVE"
                        : bundle.getState() == Bundle.INSTALLED ? "INSTALLED" : "state " + bundle.getState();
                states.put(bundle.getSymbolicName(), bundle.getVersion() + " " + state);
            }
        }
        return states;
    }
}
