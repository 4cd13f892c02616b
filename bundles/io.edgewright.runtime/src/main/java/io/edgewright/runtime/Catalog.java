// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models of all stores; where two have the same id, the store with the higher ranking counts. Thread-safe. */
final class Catalog {

    private record Ranked(ModelStore store, int ranking, long id) {}

    private static final Logger LOG = LoggerFactory.getLogger(Catalog.class);

    private final List<Ranked> stores = new CopyOnWriteArrayList<>();
    private final Set<ModelStore> broken = ConcurrentHashMap.newKeySet(); // those that failed the last time

    void add(ModelStore store, Map<String, Object> properties) {
        int ranking = properties.get("service.ranking") instanceof Integer i ? i : 0;
        long id = properties.get("service.id") instanceof Long l ? l : 0;
        stores.add(new Ranked(store, ranking, id));
    }

    void remove(ModelStore store) {
        stores.removeIf(ranked -> ranked.store == store);
        broken.remove(store);
    }

    /** {@return every version of a model} */
    List<ModelManifest> versions(String model) {
        return all().keySet().stream().filter(m -> m.id().name().equals(model)).toList();
    }

    /** {@return the names of all models} */
    List<String> names() {
        return all().keySet().stream()
                .map(m -> m.id().name())
                .distinct()
                .sorted()
                .toList();
    }

    /** Opens a model; the caller closes it. */
    ModelFile open(ModelManifest manifest) throws ModelException {
        ModelStore store = all().get(manifest);
        if (store == null) {
            throw new ModelException(
                    ModelException.Reason.NOT_FOUND, "no store has " + manifest.id() + " any more", null);
        }
        return store.open(manifest.id());
    }

    /** {@return what the store names; nothing if it fails, which must not hide the models of others} */
    private List<ModelManifest> modelsOf(ModelStore store) {
        try {
            List<ModelManifest> models = store.models();
            broken.remove(store);
            return models;
        } catch (RuntimeException | LinkageError e) { // a store is foreign code, and may be half gone
            if (broken.add(store)) {
                LOG.warn(
                        "model store {} failed when asked for its models",
                        store.getClass().getName(),
                        e);
            }
            return List.of();
        }
    }

    private Map<ModelManifest, ModelStore> all() {
        List<Ranked> ordered = new ArrayList<>(stores);
        ordered.sort(Comparator.comparingInt(Ranked::ranking).reversed().thenComparingLong(Ranked::id));
        Map<ModelId, ModelManifest> byId = new LinkedHashMap<>();
        Map<ModelManifest, ModelStore> all = new LinkedHashMap<>();
        for (Ranked ranked : ordered) {
            for (ModelManifest manifest : modelsOf(ranked.store)) {
                if (byId.putIfAbsent(manifest.id(), manifest) == null) {
                    all.put(manifest, ranked.store);
                }
            }
        }
        return all;
    }
}
