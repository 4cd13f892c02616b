// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Histogram;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.IdentityPredictor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;

/** The services behind the API, in memory: a store, settings, and a runtime whose models answer their inputs. */
final class MemoryGateway implements Deployments, Settings, WritableModelStore {

    static final String DIGEST = "0".repeat(64);

    final Map<String, ModelManifest> models = new ConcurrentSkipListMap<>();
    final Map<String, Entry> entries = new ConcurrentSkipListMap<>();
    final Map<String, IdentityPredictor> predictors = new ConcurrentSkipListMap<>();
    final List<String> actions = new ArrayList<>();
    boolean diskIsFull;
    Map<String, String> addedProperties = Map.of();
    private final RestServer server;

    MemoryGateway(RestServer server) {
        this.server = server;
        server.deployments = this;
        server.settings = this;
        server.writableStore = this;
        server.stores = List.of(this);
    }

    /** Stores a model that answers {@code inputs} as {@code outputs}, one for one. */
    ModelManifest store(String name, String version, List<TensorSpec> inputs, List<TensorSpec> outputs) {
        var manifest = new ModelManifest(
                ModelId.of(name, version),
                "onnx",
                "model.onnx",
                DIGEST,
                100,
                inputs,
                outputs,
                Map.of(),
                Map.of("labels", "cat\ndog\nbird"));
        models.put(manifest.id().toString(), manifest);
        return manifest;
    }

    /** Stores a model with all its forms. */
    void store(ModelManifest manifest) {
        models.put(manifest.id().toString(), manifest);
    }

    IdentityPredictor predictor(String deployment) {
        IdentityPredictor predictor = predictors.get(deployment);
        if (predictor == null) {
            throw new IllegalArgumentException("no deployment " + deployment);
        }
        return predictor;
    }

    @Override
    public List<DeploymentStatus> list() {
        return predictors.values().stream().map(MemoryGateway::status).toList();
    }

    @Override
    public Optional<DeploymentStatus> find(String name) {
        return Optional.ofNullable(predictors.get(name)).map(MemoryGateway::status);
    }

    @Override
    public List<DeploymentEvent> history(String name, int limit) {
        return List.of(new DeploymentEvent(
                Instant.EPOCH, name, DeploymentEvent.Kind.CREATED, "created", Map.of("limit", "" + limit)));
    }

    @Override
    public void promote(String name) {
        act("promote", name);
    }

    @Override
    public void rollback(String name) {
        act("rollback", name);
        throw new IllegalStateException("there is nothing to go back to");
    }

    private void act(String action, String name) {
        if (!predictors.containsKey(name)) {
            throw new IllegalArgumentException("there is no deployment '" + name + "'");
        }
        actions.add(action + " " + name);
    }

    @Override
    public List<Device> devices() {
        var cpu = new Accelerator(
                "cpu", "cpu", AcceleratorKind.CPU, "", "2 cores", 0, java.util.Set.of("onnx"), true, Map.of());
        return List.of(new Device(cpu, DeviceState.READY, "", Optional.empty(), List.copyOf(predictors.keySet())));
    }

    @Override
    public List<Device> rescan() {
        actions.add("rescan");
        return devices();
    }

    @Override
    public List<IdleDriver> idleDrivers() {
        return List.of(new IdleDriver("openvino", "install it"));
    }

    @Override
    public List<Entry> list(String factoryPid) {
        return entries.values().stream()
                .filter(e -> e.factoryPid().equals(factoryPid))
                .toList();
    }

    @Override
    public synchronized Entry create(String factoryPid, String name, Map<String, Object> values) throws IOException {
        if (diskIsFull) {
            throw new IOException("No space left on device");
        }
        var entry = new Entry(name.isEmpty() ? factoryPid : factoryPid + "~" + name, factoryPid, name, values);
        entries.put(entry.pid(), entry);
        String model = String.valueOf(values.get("model"));
        models.values().stream()
                .filter(m -> m.id().name().equals(model))
                .findFirst()
                .ifPresent(m -> predictors.put(name, new IdentityPredictor(name, m)));
        publish();
        return entry;
    }

    @Override
    public synchronized void update(String pid, Map<String, Object> values) {
        Entry old = entries.get(pid);
        if (old == null) {
            throw new IllegalArgumentException("there is no configuration " + pid);
        }
        Map<String, Object> all = new HashMap<>(old.values());
        all.putAll(values);
        entries.put(pid, new Entry(pid, old.factoryPid(), old.name(), all));
    }

    @Override
    public synchronized void delete(String pid) {
        Entry old = entries.remove(pid);
        if (old != null) {
            predictors.remove(old.name());
        }
        publish();
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<ModelManifest> models() {
        return List.copyOf(models.values());
    }

    @Override
    public ModelFile open(ModelId id) throws ModelException {
        throw new ModelException(ModelException.Reason.NOT_FOUND, "nothing is opened here", null);
    }

    @Override
    public ModelManifest add(Path source, AddOptions options) throws ModelException {
        throw new ModelException(ModelException.Reason.STORAGE, "only streams are added here", null);
    }

    @Override
    public ModelManifest add(InputStream content, String fileName, AddOptions options) throws ModelException {
        try {
            addedProperties = options.properties();
            long size = content.transferTo(java.io.OutputStream.nullOutputStream());
            if (size < 10) {
                throw new ModelException(
                        ModelException.Reason.INVALID_MODEL, "the file has " + size + " bytes, expected a model", null);
            }
        } catch (IOException e) {
            throw new ModelException(ModelException.Reason.STORAGE, "reading failed", e);
        }
        return store(
                options.name().orElse(fileName.replaceAll("\\..*", "")),
                        options.version().orElse("1.0.0"),
                List.of(), List.of());
    }

    @Override
    public void remove(ModelId id) {
        models.remove(id.toString());
    }

    private void publish() {
        server.predictors = List.copyOf(predictors.values());
    }

    private static DeploymentStatus status(IdentityPredictor predictor) {
        var latency = new Histogram(List.of(1.0, 10.0), List.of(2L, 0L, 0L), 1.5);
        var statistics = new InferenceStatistics(2, Map.of(), 2, 2, 0, 2000, 0, 500, 1000, 500, latency);
        var served = new ServedVersion(
                predictor.manifest(),
                "cpu",
                "",
                ServedVersion.Role.PRIMARY,
                100,
                Instant.EPOCH,
                1000,
                Map.of("partition", "all 3 nodes"),
                0,
                0,
                statistics);
        return new DeploymentStatus(
                predictor.deployment(),
                predictor.manifest().id().name(),
                "latest",
                DeploymentStatus.State.SERVING,
                "serves",
                Instant.EPOCH,
                List.of(served),
                Optional.empty(),
                0);
    }
}
