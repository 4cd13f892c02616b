// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.it.kura.probe.BridgeProbe;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** The bridge and the bundles that it serves come, go and are replaced; Kura restarts. */
class BridgeIT {

    private static final String SIM = "io.edgewright.accelerator.sim";
    private static final String REMOTE = "io.edgewright.accelerator.remote";
    private static final String STORE = "io.edgewright.store.local";
    private static final Path API = Gateway.bundle("io.edgewright.api");
    private static final Path BRIDGE = Gateway.bundle("io.edgewright.kura.bridge");

    @TempDir
    Path folder;

    @Test
    void componentsAreListedOnceWhetherTheBridgeComesFirstOrLast() throws Exception {
        try (Gateway first =
                Gateway.start(folder.resolve("first"), API, BRIDGE, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            first.call(BridgeProbe.class, "createInConsole", SIM, "npu");
            consoleLists(first, STORE, "npu");
        }
        try (Gateway last = Gateway.start(folder.resolve("last"), API, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            last.call(BridgeProbe.class, "createInConsole", SIM, "npu");
            last.installAll(List.of(BRIDGE));
            consoleLists(last, STORE, "npu");
        }
    }

    @Test
    void markersFollowUpgradesAndUninstallation() throws Exception {
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            gateway.call(BridgeProbe.class, "createInConsole", SIM, "npu");
            consoleLists(gateway, STORE, "npu");
            Bundle bridge = gateway.find("io.edgewright.kura.bridge");
            update(bridge, BRIDGE);
            consoleLists(gateway, STORE, "npu");
            bridge.uninstall();
            consoleLists(gateway);
            gateway.installAll(List.of(BRIDGE));
            consoleLists(gateway, STORE, "npu");

            Bundle sim = gateway.find(SIM);
            update(sim, Gateway.bundle(SIM));
            consoleLists(gateway, STORE, "npu");
            sim.uninstall();
            consoleLists(gateway, STORE);
            gateway.installAll(List.of(Gateway.bundle(SIM)));
            consoleLists(gateway, STORE, "npu");
        }
    }

    @Test
    void settingsSurviveARestartOfKura() throws Exception {
        String servicePid;
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            consoleLists(gateway, STORE);
            gateway.call(BridgeProbe.class, "create", SIM, "npu", Map.of("device.id", "sim:a"));
            gateway.call(BridgeProbe.class, "create", SIM, "gone", Map.of("device.id", "sim:b"));
            consoleLists(gateway, STORE, "npu", "gone");
            gateway.call(BridgeProbe.class, "update", "npu", Map.of("run.micros", 7));
            gateway.call(BridgeProbe.class, "delete", "gone");
            gateway.call(BridgeProbe.class, "update", STORE, Map.of("max.model.mib", 77L));
            servicePid = gateway.call(BridgeProbe.class, "servicePid", "npu");
            consoleLists(gateway, STORE, "npu");
        }
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            consoleLists(gateway, STORE, "npu");
            assertThat(gateway.<Object>call(BridgeProbe.class, "value", SIM, "npu", "run.micros"))
                    .isEqualTo(7);
            assertThat(gateway.<Object>call(BridgeProbe.class, "value", STORE, "", "max.model.mib"))
                    .isEqualTo(77L);
            assertThat(gateway.<String>call(BridgeProbe.class, "servicePid", "npu"))
                    .isNotEqualTo(servicePid);
            gateway.call(BridgeProbe.class, "delete", STORE); // of a singleton: back to its defaults
            assertThat(gateway.<Object>call(BridgeProbe.class, "value", STORE, "", "max.model.mib"))
                    .isNotEqualTo(77L);
        }
    }

    @Test
    void whatKuraWouldTakeWithoutACheckIsRefused() throws Exception {
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(SIM), Gateway.bundle(STORE))) {
            consoleLists(gateway, STORE);
            assertThat(refusal(gateway, SIM, "npu", Map.of("run.micros", "7"))).contains("'run.micros'", "Integer");
            assertThat(refusal(gateway, SIM, "npu", Map.of("run.micros", -7))).contains("'run.micros'", "range");
            assertThat(refusal(gateway, SIM, "a/b", Map.of())).contains("'a/b'");
            assertThat(refusal(gateway, SIM, "npu", Map.of("service.pid", "x"))).contains("service.pid");
            assertThat(refusal(gateway, SIM, STORE, Map.of())).contains("taken");
            assertThat(refusal(gateway, "nobody", "x", Map.of())).contains("IOException", "'nobody'");
            assertThat(refusal(gateway, STORE, "", Map.of("max.model.mib", "many")))
                    .contains("'max.model.mib'");
        }
    }

    @Test
    void healthNamesWhatCamePastTheForms() throws Exception {
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(SIM))) {
            gateway.call(BridgeProbe.class, "createPastTheForm", SIM, "good", Map.of("run.micros", 5));
            gateway.call(BridgeProbe.class, "createPastTheForm", SIM, "text", Map.of("run.micros", "5"));
            gateway.call(BridgeProbe.class, "createPastTheForm", SIM, "range", Map.of("fail.percent", 500));
            assertThat(gateway.<List<String>>call(BridgeProbe.class, "findings"))
                    .hasSize(2)
                    .anyMatch(f -> f.startsWith("text: 'run.micros' is String '5', expected a value of type Integer"))
                    .anyMatch(
                            f -> f.startsWith("range: 'fail.percent' is Integer '500', expected a value in its range"));
        }
    }

    @Test
    void passwordsLieEncryptedAndAreDecodedForTheirComponents() throws Exception {
        try (Gateway gateway = Gateway.start(folder, API, BRIDGE, Gateway.bundle(REMOTE))) {
            gateway.call(
                    BridgeProbe.class,
                    "create",
                    REMOTE,
                    "edge",
                    Map.of("name", "edge", "url", "http://127.0.0.1:9", "token", "first"));
            assertThat(token(gateway)).isNotEqualTo("first").isEqualTo("cipher:Zmlyc3Q=");
            consoleLists(gateway, "edge");
            gateway.call(BridgeProbe.class, "update", "edge", Map.of("token", "second"));
            assertThat(gateway.<String>call(BridgeProbe.class, "decoded", token(gateway)))
                    .isEqualTo("second");
            gateway.call(BridgeProbe.class, "update", "edge", Map.of("token", token(gateway)));
            assertThat(gateway.<String>call(BridgeProbe.class, "decoded", token(gateway)))
                    .isEqualTo("second");
            assertThat(gateway.<String>call(BridgeProbe.class, "decoded", "clear"))
                    .isEqualTo("clear");
            assertThat(gateway.<String>call(BridgeProbe.class, "decoded", "")).isEmpty();
        }
    }

    private static String token(Gateway gateway) throws Exception {
        return gateway.call(BridgeProbe.class, "value", REMOTE, "edge", "token");
    }

    private static String refusal(Gateway gateway, String factory, String name, Map<String, Object> values)
            throws Exception {
        return gateway.call(BridgeProbe.class, "refusal", factory, name, values);
    }

    private static void consoleLists(Gateway gateway, String... names) throws Exception {
        gateway.call(BridgeProbe.class, "consoleLists", (Object) names);
    }

    private static void update(Bundle bundle, Path jar) throws Exception {
        try (var in = Files.newInputStream(jar)) {
            bundle.update(in);
        }
    }
}
