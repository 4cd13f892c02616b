// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Starts engines in the process of the test, and notes what it was asked for. */
final class SameProcess implements Isolation {

    final List<EngineSpec> started = new ArrayList<>();
    final List<String> vetted = new ArrayList<>();

    @Override
    public synchronized Map<String, String> start(EngineSpec spec) throws InferenceException {
        started.add(spec);
        return new LitertEngine().start(spec.settings());
    }

    @Override
    public synchronized void vet(EngineSpec spec, ModelFile model, String device) {
        vetted.add(model.manifest().id().name());
    }

    @Override
    public ModelSession open(EngineSpec spec, ModelFile model, String device, LoadOptions options)
            throws InferenceException {
        var engine = new LitertEngine();
        engine.start(spec.settings());
        return engine.load(model, device, options);
    }
}
