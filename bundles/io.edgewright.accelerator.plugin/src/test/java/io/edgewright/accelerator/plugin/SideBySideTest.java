// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestModels;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Providers of two vendors in one process. */
@Timeout(300)
class SideBySideTest {

    @TempDir
    Path folder;

    @Test
    void servesModelsOfTwoVendors() throws Exception {
        PluginDriver openVino = Drivers.start(folder, NativeLibraries.openVino(folder), Map.of("preset", "openvino"));
        PluginDriver ggml = Drivers.start(folder, NativeLibraries.ggml(), Map.of("name", "ggml"));
        FileModel model =
                FileModel.write(folder, "identity.onnx", "onnx", TestModels.identity(ElementType.FLOAT32, List.of(1L)));
        try (ModelSession first = openVino.load(model, openVino.accelerators().get(0), Drivers.TRUSTED);
                ModelSession second = ggml.load(model, ggml.accelerators().get(0), Drivers.TRUSTED);
                Slot a = first.openSlot(Map.of());
                Slot b = second.openSlot(Map.of())) {
            for (int i = 0; i < 50; i++) {
                a.input("x").floatBuffer().put(0, i);
                b.input("x").floatBuffer().put(0, -i);
                a.run(Deadline.NONE);
                b.run(Deadline.NONE);
                assertThat(a.output("y").toFloats()).containsExactly(i);
                assertThat(b.output("y").toFloats()).containsExactly(-i);
            }
        } finally {
            openVino.stop();
            ggml.stop();
        }
    }
}
