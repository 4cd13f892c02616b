// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;

/** Makes drivers on the libtorch of this machine, and loads files with them. */
final class Drivers {

    static final LoadOptions TRUSTED = new LoadOptions(Goal.THROUGHPUT, 0, true, Map.of());

    private Drivers() {}

    /** {@return where libtorch lies; the test is skipped, and says so, where it is absent} */
    static Path library() {
        String folder = System.getenv().getOrDefault("EDGEWRIGHT_TORCH", "");
        Assumptions.assumeTrue(
                !folder.isBlank() && TorchLibrary.missing(Path.of(folder)).isEmpty(),
                "skipped: no libtorch; run tools/fetch-torch.sh FOLDER and set EDGEWRIGHT_TORCH to FOLDER");
        return Path.of(folder);
    }

    static TorchDriver torch(Map<String, Object> settings) {
        Map<String, Object> all = new HashMap<>(Map.of("isolate", "never"));
        all.put("library", library().toString());
        all.putAll(settings);
        return new TorchDriver(Configs.of(TorchDriver.Config.class, all), List.of());
    }

    static ModelSession load(Path folder, byte[] content) throws IOException, InferenceException {
        return load(FileModel.write(folder, "m.pt", "torchscript", content));
    }

    static ModelSession load(FileModel model) throws InferenceException {
        TorchDriver driver = torch(Map.of());
        return driver.load(model, driver.accelerators().get(0), TRUSTED);
    }

    /** {@return the same model with a manifest that lists these} */
    static FileModel listing(
            FileModel model, List<TensorSpec> inputs, List<TensorSpec> outputs, Map<String, String> properties) {
        ModelManifest m = model.manifest();
        return new FileModel(
                new ModelManifest(
                        m.id(),
                        m.format(),
                        m.file(),
                        m.digest(),
                        m.sizeBytes(),
                        inputs,
                        outputs,
                        m.files(),
                        properties),
                model.path());
    }
}
