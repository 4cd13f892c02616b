// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.inference;

import io.edgewright.api.config.Settings;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.IdentityPredictor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.ConcurrentSkipListMap;

/** The services behind the engine, in memory. What is configured serves at once, unless told otherwise. */
final class MemoryGateway implements Settings, ModelStore {

    final KuraInference engine;
    final Map<String, Entry> entries = new ConcurrentSkipListMap<>();
    final Map<String, IdentityPredictor> predictors = new ConcurrentSkipListMap<>();
    private final List<ModelManifest> models = new ArrayList<>();
    boolean deploys = true;
    boolean diskIsFull;

    MemoryGateway(Map<String, Object> configuration) {
        engine = new KuraInference(Configs.of(KuraInference.Config.class, configuration));
        engine.settings = this;
        engine.stores = List.of(this);
    }

    /** Stores a model that answers its inputs as its outputs. */
    void store(String name, List<TensorSpec> inputs, List<TensorSpec> outputs) {
        models.add(new ModelManifest(
                ModelId.of(name, "1.2.0"),
                "onnx",
                "model.onnx",
                "0".repeat(64),
                100,
                inputs,
                outputs,
                Map.of(),
                Map.of()));
    }

    /** Deploys a stored model as an operator does. */
    IdentityPredictor deploy(String name) throws IOException {
        create("io.edgewright.deployment", name, Map.of("name", name, "model", name));
        return predictor(name);
    }

    IdentityPredictor predictor(String name) {
        return Objects.requireNonNull(predictors.get(name), name);
    }

    @Override
    public List<Entry> list(String factoryPid) {
        return List.copyOf(entries.values());
    }

    @Override
    public Entry create(String factoryPid, String name, Map<String, Object> values) throws IOException {
        if (diskIsFull) {
            throw new IOException("no space left");
        }
        Entry entry = new Entry(factoryPid + "~" + name, factoryPid, name, values);
        entries.put(entry.pid(), entry);
        if (deploys) {
            ModelManifest model = models.stream()
                    .filter(m -> m.id().name().equals(values.get("model")))
                    .findFirst()
                    .orElseThrow();
            String deployment = String.valueOf(values.get("name"));
            predictors.put(deployment, new IdentityPredictor(deployment, model));
            publish();
        }
        return entry;
    }

    @Override
    public void update(String pid, Map<String, Object> values) {
        throw new UnsupportedOperationException("not used here");
    }

    @Override
    public void delete(String pid) {
        Entry entry = entries.remove(pid);
        if (entry != null) {
            predictors.remove(String.valueOf(entry.values().get("name")));
            publish();
        }
    }

    @Override
    public String name() {
        return "memory";
    }

    @Override
    public List<ModelManifest> models() {
        return List.copyOf(models);
    }

    @Override
    public ModelFile open(ModelId id) {
        throw new UnsupportedOperationException("not used here");
    }

    private void publish() {
        engine.predictors = List.copyOf(predictors.values());
    }
}
