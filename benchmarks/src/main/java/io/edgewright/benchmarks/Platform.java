// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.WritableModelStore;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.jar.JarFile;
import org.apache.felix.framework.Felix;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.util.tracker.ServiceTracker;

/** A gateway within this process: a framework with the bundles of the core, whose API is shared with the benchmark. */
final class Platform {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Felix framework;

    private Platform(Felix framework) {
        this.framework = framework;
    }

    /**
     * {@return a gateway that has started}
     *
     * @param target the build folder, with {@code lib} and {@code bundles}
     * @param shareEngine true: ONNX Runtime is on the class path and used by the gateway and the benchmark alike, as
     *     one process takes only one; false: it is a bundle, as on a real gateway
     * @param http whether to start the HTTP server and what is behind it
     * @param properties more framework properties
     */
    static Platform start(Path target, boolean shareEngine, boolean http, Map<String, String> properties)
            throws IOException, BundleException {
        Thread.currentThread().setUncaughtExceptionHandler((thread, e) -> breakOff(e));
        Path home = Files.createTempDirectory(Files.createDirectories(target.resolve("homes")), "home");
        System.setProperty("edgewright.home", home.toString());
        Map<String, String> config = new HashMap<>(properties);
        List<String> shared =
                new ArrayList<>(List.of("io.edgewright.api", "slf4j-api", "http.servlet-api", "kura.signatures"));
        if (shareEngine) {
            shared.add("io.edgewright.onnxruntime");
        }
        config.put(Constants.FRAMEWORK_STORAGE, home.resolve("framework").toString());
        config.put(Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA, headers(target, shared, Constants.EXPORT_PACKAGE));
        config.put(
                Constants.FRAMEWORK_SYSTEMCAPABILITIES_EXTRA,
                headers(target, List.of("http.servlet-api"), Constants.PROVIDE_CAPABILITY));
        config.put("edgewright.home", home.toString());
        config.put("felix.log.level", "1");
        config.put("ds.loglevel", "warn");
        var platform = new Platform(new Felix(config));
        platform.framework.start();
        platform.install(target, shareEngine, http);
        return platform;
    }

    BundleContext context() {
        return framework.getBundleContext();
    }

    <S> S service(Class<S> type, String filter) throws Exception {
        String text = "(&(objectClass=" + type.getName() + ")" + filter + ")";
        var tracker = new ServiceTracker<S, S>(context(), context().createFilter(text), null);
        tracker.open();
        S service = tracker.waitForService(PATIENCE.toMillis());
        if (service == null) {
            throw new IllegalStateException("no service " + text + " within " + PATIENCE);
        }
        return service;
    }

    /** Stores a model. */
    void store(Path file, String name, String version) throws Exception {
        var options =
                new WritableModelStore.AddOptions(Optional.of(name), Optional.of(version), Map.of(), Optional.empty());
        service(WritableModelStore.class, "").add(file, options);
    }

    /** {@return the predictor of a new deployment, once it serves} */
    Predictor deploy(String name, String model, String version, Map<String, Object> more) throws Exception {
        Map<String, Object> values = new HashMap<>(more);
        values.put("name", name);
        values.put("model", model);
        values.put("version", version);
        values.put("trusted", true); // made here: no need to try it in a child process first
        service(Settings.class, "").create(Deployments.FACTORY_PID, name, values);
        awaitServing(name, version);
        return service(Predictor.class, "(" + Predictor.DEPLOYMENT + "=" + name + ")");
    }

    void change(String name, Map<String, Object> values) throws Exception {
        Settings settings = service(Settings.class, "");
        Settings.Entry entry = settings.find(Deployments.FACTORY_PID, name).orElseThrow();
        settings.update(entry.pid(), values);
    }

    void remove(String name) throws Exception {
        Settings settings = service(Settings.class, "");
        settings.delete(
                settings.find(Deployments.FACTORY_PID, name).orElseThrow().pid());
        Deployments deployments = service(Deployments.class, "");
        await("deployment " + name + " to be gone", () -> deployments.find(name).isEmpty());
    }

    void awaitServing(String name, String version) throws Exception {
        Deployments deployments = service(Deployments.class, "");
        await("deployment " + name + " to serve " + version, () -> deployments
                .find(name)
                .filter(status -> status.state() == DeploymentStatus.State.SERVING)
                .flatMap(DeploymentStatus::primary)
                .filter(v -> v.manifest().id().version().toString().equals(version))
                .isPresent());
    }

    Bundle bundle(String symbolicName) {
        return Arrays.stream(context().getBundles())
                .filter(b -> symbolicName.equals(b.getSymbolicName()))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("bundle " + symbolicName + " is not installed"));
    }

    static void await(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + PATIENCE.toNanos();
        while (!condition.call()) {
            if (System.nanoTime() - end > 0) {
                throw new IllegalStateException("waited " + PATIENCE + " in vain for " + what);
            }
            Thread.sleep(2);
        }
    }

    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(PATIENCE.toMillis());
    }

    /** Else a benchmark that fails would never end, as threads of the framework are no daemons. */
    private static void breakOff(Throwable e) {
        e.printStackTrace();
        System.err.println("broke off: " + e.getMessage());
        Runtime.getRuntime().halt(1); // nothing is to be kept, and what hooks wait for may hang
    }

    private void install(Path target, boolean shareEngine, boolean http) throws BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (File jar : jars(target.resolve("bundles"))) {
            boolean web = jar.getName().matches("(.*http.*|.*rest.*|commons-.*).jar");
            if (http || !web) {
                installed.add(context().installBundle(jar.toURI().toString()));
            }
        }
        if (!shareEngine) {
            File engine = jar(target.resolve("lib"), "io.edgewright.onnxruntime");
            installed.add(context().installBundle(engine.toURI().toString()));
        }
        for (Bundle bundle : installed) {
            bundle.start();
        }
    }

    private static String headers(Path target, List<String> names, String header) throws IOException {
        List<String> clauses = new ArrayList<>();
        for (String name : names) {
            try (var jar = new JarFile(jar(target.resolve("lib"), name))) {
                clauses.add(jar.getManifest().getMainAttributes().getValue(header));
            }
        }
        return String.join(",", clauses);
    }

    private static File jar(Path folder, String name) {
        return Arrays.stream(jars(folder))
                .filter(file -> file.getName().contains(name))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException(folder + " has no jar named " + name));
    }

    private static File[] jars(Path folder) {
        File[] found = folder.toFile().listFiles((dir, name) -> name.endsWith(".jar"));
        if (found == null) {
            throw new IllegalStateException(folder + " is not there; run benchmarks/run.sh, which builds it");
        }
        Arrays.sort(found);
        return found;
    }
}
