// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.api.model.ModelFile;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** A driver for tests, all of whose sessions are in another process. */
record Echo(Isolation isolation, EngineSpec engine) implements AcceleratorDriver {

    static EngineSpec spec(Map<String, String> settings) {
        return spec(settings, Duration.ofSeconds(60), 1L << 30);
    }

    static EngineSpec spec(Map<String, String> settings, Duration limit, long memoryBytes) {
        return new EngineSpec(
                EchoEngine.class,
                "echo-1",
                settings,
                Map.of("ECHO", "1"),
                List.of("-Xmx64m", "-XX:MaxDirectMemorySize=1g", "-XX:TieredStopAtLevel=1"),
                limit,
                memoryBytes);
    }

    @Override
    public String name() {
        return "echo";
    }

    @Override
    public List<Accelerator> accelerators() {
        return List.of(new Accelerator(
                "echo", "echo", AcceleratorKind.CPU, "", "gives back what it gets", 0, Set.of("echo"), true, Map.of()));
    }

    @Override
    public ModelSession load(ModelFile model, Accelerator device, LoadOptions options) throws InferenceException {
        if (!model.manifest().format().equals("echo")) {
            throw new InferenceException(Reason.MODEL_UNSUPPORTED, "no echo", null);
        }
        return isolation.open(engine, model, "", options);
    }
}
