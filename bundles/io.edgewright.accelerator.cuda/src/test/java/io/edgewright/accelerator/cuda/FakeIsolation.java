// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** Answers what a test tells it to, as if an engine had been started elsewhere. */
final class FakeIsolation implements Isolation {

    final List<EngineSpec> started = new CopyOnWriteArrayList<>();
    final List<String> calls = new CopyOnWriteArrayList<>();
    volatile Map<String, String> answer = Map.of();
    volatile String failure = "";

    @Override
    public Map<String, String> start(EngineSpec engine) throws InferenceException {
        started.add(engine);
        fail();
        return answer;
    }

    @Override
    public void vet(EngineSpec engine, ModelFile model, String device) {
        calls.add("vet " + model.manifest().id().name() + " on " + device);
    }

    @Override
    public ModelSession open(EngineSpec engine, ModelFile model, String device, LoadOptions options)
            throws InferenceException {
        calls.add("open " + model.manifest().id().name() + " on " + device);
        fail();
        return new CudaLoader(engine.settings(), 0).processorOnly(model);
    }

    private void fail() throws InferenceException {
        if (!failure.isEmpty()) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, failure, null);
        }
    }
}
