// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.isolation.Isolation;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;

/** Makes drivers and loads files with them. */
final class Drivers {

    static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    private Drivers() {}

    /** Of models that are tried no process is left, so that nobody needs to close the service. */
    static CpuDriver cpu(Path home, Map<String, Object> settings) {
        return cpu(new ProcessIsolation(home), home, settings);
    }

    static CpuDriver cpu(Isolation isolation, Path home, Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("home", home.toString());
        return new CpuDriver(isolation, Configs.of(CpuDriver.Config.class, all));
    }

    static ModelSession load(CpuDriver driver, Path file) throws IOException, InferenceException {
        return load(driver, file, TRUSTED);
    }

    static ModelSession load(CpuDriver driver, Path file, LoadOptions options) throws IOException, InferenceException {
        return driver.load(FileModel.of(file, "onnx"), driver.accelerators().get(0), options);
    }
}
