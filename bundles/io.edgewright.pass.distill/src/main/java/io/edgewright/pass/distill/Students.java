// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds a student by name in the stores. */
final class Students {

    private Students() {}

    /** {@return the latest version of a model} */
    static ModelFile open(List<ModelStore> stores, String name) throws OptimizationException {
        for (ModelStore store : stores) {
            Optional<ModelManifest> latest = store.models().stream()
                    .filter(m -> m.id().name().equals(name))
                    .max(Comparator.comparing(m -> m.id().version()));
            if (latest.isPresent()) {
                try {
                    return store.open(latest.get().id()).in("onnx");
                } catch (ModelException | IllegalArgumentException e) {
                    throw new OptimizationException(
                            Reason.BAD_PARAMETER, "distill: student '%s': %s".formatted(name, e.getMessage()), e);
                }
            }
        }
        throw new OptimizationException(
                Reason.BAD_PARAMETER,
                "distill: student is '%s', expected the name of a model in one of %s"
                        .formatted(name, stores.stream().map(ModelStore::name).toList()));
    }
}
