// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.it.kura.probe.BridgeProbe;
import io.edgewright.it.kura.probe.EngineProbe;
import io.edgewright.it.kura.probe.ModelProbe;
import io.edgewright.it.kura.probe.WholeProbe;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.ref.WeakReference;
import java.lang.runtime.ObjectMethods;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.BundleWiring;

/** The way of an integrator: packages, a deployment, Kura's AI component on it; packages go under load and come back; a restart. */
class WholeIT {

    private static final String CORE = "edgewright-core";
    private static final String KURA = "edgewright-kura";
    private static final Map<String, Object> RECORD = Map.of("temperature", 20.5f, "flow", 1f);
    private static final Map<String, Object> WEAR = Map.of("wear", 41f);

    @TempDir
    Path folder;

    @Test
    void theAiComponentGetsItsAnswersWhateverGoesAndComes() throws Throwable {
        try (Gateway gateway = Gateway.start(folder);
                Neighbours neighbours = new Neighbours(gateway.context())) {
            deploy(gateway, CORE, KURA);
            addModels(gateway);
            assertThatTheAiComponentAnswers(gateway);

            Map.Entry<LongSupplier, Callable<List<String>>> load =
                    gateway.call(WholeProbe.class, "startLoad", RECORD, "wear");
            for (String name : List.of(KURA, CORE)) {
                awaitAnswers(load.getKey());
                gateway.undeploy(name);
                gateway.deploy(Packages.get(name));
                awaitAnswers(load.getKey());
            }
            assertThat(load.getValue().call()).isEmpty();
            assertThat(neighbours.disturbed()).isEmpty();
        }
        try (Gateway gateway = Gateway.start(folder)) {
            deploy(gateway, KURA, CORE);
            assertThatTheAiComponentAnswers(gateway);
            assertThat(gateway.<List<String>>call(BridgeProbe.class, "complaints"))
                    .isEmpty();
            for (int i = 0; i < 3; i++) {
                assertThatPackagesLeaveNoClassLoader(gateway);
                deploy(gateway, CORE, KURA);
                assertThatTheAiComponentAnswers(gateway);
            }
        }
    }

    private void addModels(Gateway gateway) throws Exception {
        gateway.call(ModelProbe.class, "store", "wear", Models.regression(folder), Map.of());
        gateway.call(ModelProbe.class, "store", "squeezenet", Models.squeezenet(), Map.of());
        gateway.call(ModelProbe.class, "store", "best", Models.best(folder), Map.of());
        gateway.call(ModelProbe.class, "deploy", "wear");
        gateway.call(ModelProbe.class, "deploy", "squeezenet");
        gateway.call(ModelProbe.class, "deploy", "best");
    }

    /** A regression of scalars; and a picture for a classifier, whose post-processor makes a scalar of its vector. */
    private static void assertThatTheAiComponentAnswers(Gateway gateway) throws Exception {
        for (String model : List.of("wear", "squeezenet", "best")) {
            gateway.call(ModelProbe.class, "serving", model);
        }
        assertThat(ask(gateway, RECORD, "wear")).isEqualTo(List.of(WEAR));
        Map<String, Object> picture = Map.of("data_0", Models.asInput(Models.kitten()));
        assertThat(ask(gateway, picture, "squeezenet", "best")).isEqualTo(List.of(Map.of("class", 281L)));
    }

    private static List<Map<String, Object>> ask(Gateway gateway, Map<String, Object> record, String... models)
            throws Exception {
        return gateway.call(EngineProbe.class, "ask", record, models);
    }

    /** Waits for a hundred more, a minute at the most. */
    private static void awaitAnswers(LongSupplier answers) {
        long enough = answers.getAsLong() + 100;
        for (int i = 0; i < 600 && answers.getAsLong() < enough; i++) {
            LockSupport.parkNanos(100_000_000);
        }
        assertThat(answers.getAsLong()).isGreaterThanOrEqualTo(enough);
    }

    private static void assertThatPackagesLeaveNoClassLoader(Gateway gateway) throws Throwable {
        Map<String, WeakReference<ClassLoader>> loaders = loaders(gateway);
        assertThat(loaders).containsKeys("io.edgewright.api", "io.edgewright.onnxruntime", "io.edgewright.kura.bridge");
        gateway.undeploy(KURA);
        gateway.undeploy(CORE);
        assertThat(remaining(loaders)).isEmpty();
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
    private static Set<String> remaining(Map<String, WeakReference<ClassLoader>> loaders) throws Throwable {
        displaceTheLastRecord();
        Set<String> remaining = new TreeSet<>(loaders.keySet());
        for (int i = 0; i < 300 && !remaining.isEmpty(); i++) {
            System.gc();
            LockSupport.parkNanos(200_000_000);
            remaining.removeIf(name -> loaders.get(name).get() == null);
        }
        return remaining;
    }

    /** The JDK keeps the types of the record whose methods it has linked last; this one takes that place, each time. */
    private static void displaceTheLastRecord() throws Throwable {
        var lookup = MethodHandles.lookup();
        MethodHandle any = lookup.findGetter(Any.class, "any", Optional.class);
        Map<String, MethodType> methods = Map.of(
                "equals", MethodType.methodType(boolean.class, Any.class, Object.class),
                "hashCode", MethodType.methodType(int.class, Any.class),
                "toString", MethodType.methodType(String.class, Any.class));
        for (Map.Entry<String, MethodType> method : methods.entrySet()) {
            ObjectMethods.bootstrap(lookup, method.getKey(), method.getValue(), Any.class, "any", any);
        }
    }

    private record Any(Optional<Integer> any) {}
}
