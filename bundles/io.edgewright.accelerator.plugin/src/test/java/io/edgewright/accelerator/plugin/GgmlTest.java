// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxWriter;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** ggml's plug-in, which takes a part of a model when it is told to. It has no MaxPool. */
@Timeout(300)
class GgmlTest {

    private static final TensorSpec X = new TensorSpec("x", ElementType.FLOAT32, List.of(1L, 1L, 2L, 2L));
    private static final TensorSpec Y = new TensorSpec("y", ElementType.FLOAT32, List.of(1L, 1L, 1L, 1L));

    @TempDir
    Path folder;

    private ProcessIsolation isolation;

    @BeforeEach
    void open() {
        isolation = new ProcessIsolation(folder.resolve("isolation"));
    }

    @AfterEach
    void close() {
        isolation.close();
    }

    @Test
    void tellsWhichOperatorsAProviderLeaves() throws Exception {
        PluginDriver driver = start(Map.of("options", new String[] {"device=cpu", "partial=1"}));
        try (ModelSession session = driver.load(model(), driver.accelerators().get(0), Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of())) {
            assertThat(session.facts())
                    .containsEntry("partition", "1 part on ggml; on the processor: MaxPool")
                    .containsEntry("provider.parts", "1")
                    .containsEntry("processor.nodes", "1");
            slot.input("x").floatBuffer().put(0, new float[] {-9, 1, 3, 2});
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(6);
        } finally {
            driver.stop();
        }
    }

    @Test
    void refusesAModelOfWhichTheProviderTakesTooLittle() throws Exception {
        PluginDriver nothing = start(Map.of());
        try {
            assertRefused(nothing, "no operator that ggml takes", "MaxPool");
        } finally {
            nothing.stop();
        }
        PluginDriver all = start(Map.of("options", new String[] {"partial=1"}, "fallback", "none"));
        try {
            assertRefused(all, "does not fit ggml", "fallback");
        } finally {
            all.stop();
        }
    }

    private PluginDriver start(Map<String, Object> settings) throws InterruptedException {
        Map<String, Object> all = new HashMap<>(settings);
        all.put("name", "ggml");
        return Drivers.start(folder, NativeLibraries.ggml(), all, isolation);
    }

    private void assertRefused(PluginDriver driver, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> driver.load(model(), driver.accelerators().get(0), Drivers.TRUSTED)
                        .close())
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.MODEL_UNSUPPORTED));
    }

    /** x -> twice what is positive of it -> the largest. */
    private FileModel model() throws IOException {
        byte[] content = new OnnxWriter(17)
                .input(X)
                .output(Y)
                .node("Relu", List.of("x"), List.of("a"), Map.of())
                .node("Add", List.of("a", "a"), List.of("b"), Map.of())
                .node("MaxPool", List.of("b"), List.of("y"), Map.of("kernel_shape", List.of(2L, 2L)))
                .toBytes();
        return FileModel.write(folder, "pool.onnx", "onnx", content);
    }
}
