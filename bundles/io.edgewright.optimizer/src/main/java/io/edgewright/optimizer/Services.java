// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * What comes and goes on the gateway, and what stays. Thread-safe.
 *
 * @param drivers that are there now
 * @param stores that are there now
 * @param deployments nothing or one
 * @param passes that are there now
 * @param live answers what was captured of a deployment's requests
 * @param variants on disk
 * @param watch how a variant and the original are timed in turns
 */
record Services(
        Supplier<List<AcceleratorDriver>> drivers,
        Supplier<List<ModelStore>> stores,
        Supplier<List<Deployments>> deployments,
        Passes passes,
        Function<String, Optional<Samples>> live,
        VariantStore variants,
        Watch watch) {

    /**
     * How models are timed.
     *
     * @param time how long, together
     * @param nanos a clock, in nanoseconds
     */
    record Watch(Duration time, LongSupplier nanos) {}

    /** A device with its driver. */
    record Place(AcceleratorDriver driver, Accelerator device) {

        /** {@return a text that is the same only for a device that runs models the same way} */
        String fingerprint() {
            return driver.name() + "\n" + device.id() + "\n" + device.kind() + "\n" + device.description() + "\n"
                    + new TreeMap<>(device.properties());
        }
    }

    /** {@return the device of that id} */
    Place place(String accelerator) throws NotThereException {
        for (AcceleratorDriver driver : drivers.get()) {
            for (Accelerator device : driver.accelerators()) {
                if (device.id().equals(accelerator)) {
                    return new Place(driver, device);
                }
            }
        }
        throw new NotThereException("device '" + accelerator + "' is not there, there are "
                + drivers.get().stream()
                        .flatMap(d -> d.accelerators().stream())
                        .map(Accelerator::id)
                        .toList());
    }

    /** {@return the store that has the model} */
    ModelStore store(ModelId id) throws NotThereException {
        for (ModelStore store : stores.get()) {
            if (store.models().stream().anyMatch(m -> m.id().equals(id))) {
                return store;
            }
        }
        throw new NotThereException("model " + id + " is in no store");
    }

    /** {@return what the model's manifest says of it; empty if the model is in no store} */
    Map<String, String> properties(ModelId id) {
        return stores.get().stream()
                .flatMap(store -> store.models().stream())
                .filter(m -> m.id().equals(id))
                .findFirst()
                .map(ModelManifest::properties)
                .orElse(Map.of());
    }

    /** {@return the model in its ONNX form; the caller closes it} */
    ModelFile open(ModelId id) throws NotThereException, OptimizationException {
        try {
            ModelFile file = store(id).open(id);
            if (file.manifest().formats().contains("onnx")) {
                return file.in("onnx");
            }
            file.close();
            throw new OptimizationException(
                    Reason.UNSUPPORTED,
                    "%s comes in %s, and passes work on onnx"
                            .formatted(id, file.manifest().formats()));
        } catch (ModelException e) {
            throw new OptimizationException(Reason.RESOURCES, String.valueOf(e.getMessage()), e);
        }
    }
}
