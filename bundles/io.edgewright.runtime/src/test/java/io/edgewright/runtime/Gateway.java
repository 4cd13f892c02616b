// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.accelerator.sim.SimulatedDriver;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.event.Event;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentEvent.Kind;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.testkit.Configs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** A runtime with a store and simulated devices, without a container. */
final class Gateway implements AutoCloseable {

    final MemoryStore store;
    final Changes changes = new Changes();
    final EdgeRuntime runtime;
    final AtomicLong available = new AtomicLong(Long.MAX_VALUE);
    final List<Event> events = new CopyOnWriteArrayList<>();
    private final Map<String, Predictor> predictors = new ConcurrentHashMap<>();
    private final Map<String, Deployment> deployments = new ConcurrentHashMap<>();
    private final Map<String, SimulatedDriver> drivers = new HashMap<>();

    Gateway(Path home) throws IOException {
        this(home, Map.of(), null);
    }

    Gateway(Path home, Map<String, Object> settings, @Nullable Time time) throws IOException {
        this.store = new MemoryStore(Files.createDirectories(home.resolve("store")));
        Map<String, Object> config = new HashMap<>(settings);
        config.put("home", home.toString());
        var threads = new RuntimeThreads();
        this.runtime = new EdgeRuntime(
                Configs.of(EdgeRuntime.Config.class, config),
                new MemoryAdmission.Reader() {
                    @Override
                    public long availableBytes() {
                        return available.get();
                    }

                    @Override
                    public long residentBytes() {
                        return 0;
                    }
                },
                threads,
                time == null ? threads : time,
                changes,
                List::of);
        runtime.sinks(List.of(events::add));
        runtime.addStore(store, Map.of());
    }

    /** {@return settings of a runtime} */
    static EdgeRuntime.Config settings(Map<String, Object> settings) {
        return Configs.of(EdgeRuntime.Config.class, settings);
    }

    SimulatedDriver device(String id, Object... settings) {
        Map<String, Object> config = settings(settings);
        config.put("device.id", id);
        var driver = new SimulatedDriver(Configs.of(SimulatedDriver.Config.class, config));
        driver.listeners(List.of(changes));
        drivers.put(id, driver);
        runtime.addDriver(driver);
        return driver;
    }

    void command(String id, Object... settings) {
        Map<String, Object> config = settings(settings);
        config.put("device.id", id);
        Objects.requireNonNull(drivers.get(id)).modified(Configs.of(SimulatedDriver.Config.class, config));
    }

    Deployment deploy(String name, Object... settings) {
        var deployment = new Deployment(
                runtime,
                predictor -> {
                    predictors.put(name, predictor);
                    return () -> predictors.remove(name);
                },
                config(name, settings));
        deployments.put(name, deployment);
        return deployment;
    }

    void change(String name, Object... settings) {
        Objects.requireNonNull(deployments.get(name)).modified(config(name, settings));
    }

    static Deployment.Config config(String name, Object... settings) {
        Map<String, Object> config = settings(settings);
        config.put("name", name);
        config.putIfAbsent("model", "m");
        return Configs.of(Deployment.Config.class, config);
    }

    Predictor predictor(String name) {
        return Objects.requireNonNull(predictors.get(name), name);
    }

    boolean isPublished(String name) {
        return predictors.containsKey(name);
    }

    /** Moves the clock and has everything looked at: an alarm may not have been set yet when the clock was moved. */
    void advance(ManualTime time, Duration by) {
        time.advance(by);
        runtime.core().requestAll();
    }

    void changed() {
        changes.modelsChanged(store);
    }

    DeploymentStatus status(String name) {
        return runtime.find(name).orElseThrow();
    }

    Optional<ServedVersion> primary(String name) {
        return status(name).primary();
    }

    void awaitServing(String name, String version) throws Exception {
        Await.until(
                name + " serves " + version + "; it is " + status(name),
                () -> primary(name).isPresent()
                        && primary(name)
                                .get()
                                .manifest()
                                .id()
                                .version()
                                .toString()
                                .equals(version));
    }

    void awaitOn(String name, String device) throws Exception {
        Await.until(
                name + " is on " + device,
                () -> primary(name).isPresent()
                        && primary(name).get().accelerator().equals(device));
    }

    void awaitEvent(String name, Kind kind) throws Exception {
        Await.until(name + " has event " + kind, () -> has(name, kind));
    }

    boolean has(String name, Kind kind) {
        return runtime.history(name, 1000).stream().map(DeploymentEvent::kind).anyMatch(kind::equals);
    }

    /** Asks for x + constant of one number. */
    float ask(String name, float x) throws InferenceException {
        return ask(name, x, RequestOptions.DEFAULT);
    }

    float ask(String name, float x, RequestOptions options) throws InferenceException {
        InputWriter writer = inputs -> inputs.input("x").floatBuffer().put(0, x);
        return predictor(name)
                .predict(writer, outputs -> outputs.output("y").floatBuffer().get(0), options);
    }

    @Override
    public void close() {
        drivers.values().forEach(SimulatedDriver::deactivate); // ends what hangs
        deployments.values().forEach(d -> d.deactivate(0));
        runtime.deactivate();
    }

    private static Map<String, Object> settings(Object... pairs) {
        Map<String, Object> map = new HashMap<>();
        for (int i = 0; i < pairs.length; i += 2) {
            map.put((String) pairs[i], pairs[i + 1]);
        }
        return map;
    }
}
