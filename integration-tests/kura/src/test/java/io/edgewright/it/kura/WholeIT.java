// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.edgewright.it.kura.probe.BridgeProbe;
import io.edgewright.it.kura.probe.WholeProbe;
import io.edgewright.testkit.TestModels;
import java.lang.ref.WeakReference;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** The way of an integrator: packages, a deployment, Kura's AI component on it; packages go under load and come back; a restart. */
class WholeIT {

    private static final String CORE = "edgewright-core";
    private static final String KURA = "edgewright-kura";
    private static final Path SQUEEZENET =
            Path.of(System.getProperty("edgewright.test.data"), "classification", "squeezenet-fp16.onnx");

    /**
     * ONNX Runtime registers a shutdown hook of the process, which keeps its bundle's class loader and the one of the API that
     * it is wired to.
     */
    private static final Set<String> KEPT = Set.of("io.edgewright.onnxruntime", "io.edgewright.api");

    @TempDir
    Path folder;

    @Test
    void theAiComponentGetsItsAnswersWhateverGoesAndComes() throws Exception {
        assumeTrue(Files.exists(SQUEEZENET), "the test data are not there: " + SQUEEZENET);
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deploy(gateway, CORE, KURA);
            addModels(gateway);
            gateway.call(WholeProbe.class, "createDeployment", "regression");
            assertThat(gateway.<Integer>call(WholeProbe.class, "answerLength", "regression"))
                    .isEqualTo(1);
            assertThat(gateway.<Integer>call(WholeProbe.class, "answerLength", "squeezenet"))
                    .isEqualTo(1000);

            Supplier<Map<String, Object>> load = gateway.call(WholeProbe.class, "startLoad");
            gateway.undeploy(KURA);
            assertOnlyRefusals(load);
            gateway.deploy(Packages.get(KURA));
            load = gateway.call(WholeProbe.class, "startLoad");
            gateway.undeploy(CORE);
            assertOnlyRefusals(load);
            gateway.deploy(Packages.get(CORE));
            assertThat(gateway.<Integer>call(WholeProbe.class, "answerLength", "regression"))
                    .isEqualTo(1);
            assertThat(neighbours.disturbed()).isEmpty();
        }
        try (Gateway gateway = Gateway.start(folder)) {
            deploy(gateway, KURA, CORE);
            assertThat(gateway.<Integer>call(WholeProbe.class, "answerLength", "regression"))
                    .isEqualTo(1);
            assertThat(gateway.<Integer>call(WholeProbe.class, "answerLength", "squeezenet"))
                    .isEqualTo(1000);
            assertThat(gateway.<List<String>>call(BridgeProbe.class, "complaints"))
                    .isEmpty();

            Map<String, WeakReference<ClassLoader>> loaders = loaders(gateway);
            assertThat(loaders).containsKeys("io.edgewright.runtime", "io.edgewright.kura.bridge");
            gateway.undeploy(KURA);
            gateway.undeploy(CORE);
            assertThat(remaining(loaders)).isSubsetOf(KEPT);
        }
    }

    private void addModels(Gateway gateway) throws Exception {
        Path regression = Files.createDirectories(folder.resolve("models/regression"));
        Files.write(regression.resolve("model.onnx"), TestModels.add(10, List.of(1L)));
        Path squeezenet = Files.createDirectories(folder.resolve("models/squeezenet"));
        Files.copy(SQUEEZENET, squeezenet.resolve("model.onnx"));
        gateway.call(WholeProbe.class, "addModel", "regression", regression.toString());
        gateway.call(WholeProbe.class, "addModel", "squeezenet", squeezenet.toString());
    }

    private static void assertOnlyRefusals(Supplier<Map<String, Object>> load) {
        Map<String, Object> seen = load.get();
        assertThat(seen.get("unexpected")).as(seen.toString()).isEqualTo(List.of());
    }

    private static void deploy(Gateway gateway, String... names) throws Exception {
        for (String name : names) {
            gateway.deploy(Packages.get(name));
        }
    }

    private static Map<String, WeakReference<ClassLoader>> loaders(Gateway gateway) {
        Map<String, WeakReference<ClassLoader>> loaders = new HashMap<>();
        for (Bundle bundle : gateway.context().getBundles()) {
            String name = bundle.getSymbolicName();
            BundleWiring wiring = bundle.adapt(BundleWiring.class);
            if (name.startsWith("io.edgewright.") && !name.startsWith("io.edgewright.it.") && wiring != null) {
                loaders.put(name, new WeakReference<>(wiring.getClassLoader()));
            }
        }
        return loaders;
    }

    /** {@return whose class loaders are still reachable after a minute of collections, at the most} */
    private static Set<String> remaining(Map<String, WeakReference<ClassLoader>> loaders) {
        assertThat(new Displacing(Optional.empty())).isNotEqualTo(new Displacing(Optional.of(1)));
        assertThat(new Displacing(Optional.empty())).hasSameHashCodeAs(new Displacing(Optional.empty()));
        Set<String> remaining = new TreeSet<>(loaders.keySet());
        for (int i = 0; i < 300 && !KEPT.containsAll(remaining); i++) {
            System.gc();
            LockSupport.parkNanos(200_000_000);
            remaining.removeIf(name -> loaders.get(name).get() == null);
        }
        return remaining;
    }

    /** The JDK keeps the types of the record whose methods it has linked last; this one takes that place. */
    private record Displacing(Displacing self, Optional<Integer> any) {
        Displacing(Optional<Integer> any) {
            this(null, any);
        }
    }
}
