// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.isolation.ProcessIsolation;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Libraries and models that end a process end one of their own. */
@Timeout(300)
class IsolationTest {

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
    void outlivesALibraryThatCrashes() throws Exception {
        PluginDriver driver = start(NativeLibraries.build(folder, "crash"), Map.of("isolation", "try"));
        try {
            assertThat(driver.unavailable().orElseThrow()).contains("libcrash.so did not load", "SIGSEGV");
        } finally {
            driver.stop();
        }
    }

    @Test
    void saysThatALibraryIsForAnotherApi() throws Exception {
        PluginDriver driver = start(NativeLibraries.build(folder, "newer"), Map.of("isolation", "try"));
        try {
            assertThat(driver.unavailable().orElseThrow()).contains("API version 9999", "older release");
        } finally {
            driver.stop();
        }
    }

    @Test
    void triesALibraryOnlyOnce() throws Exception {
        Map<String, Object> settings = Map.of("isolation", "try", "preset", "openvino");
        Path library = NativeLibraries.openVino(folder);
        start(library, settings).stop();
        Path verdicts = folder.resolve("variants").resolve("providers");
        try (var files = Files.list(verdicts)) {
            assertThat(files).singleElement().satisfies(f -> assertThat(f.resolve("passed"))
                    .hasContent("passed"));
        }
        isolation.close(); // it starts no process any more
        PluginDriver again = start(library, settings);
        try {
            assertThat(again.accelerators()).hasSize(1);
        } finally {
            again.stop();
        }
    }

    @Test
    void tellsThatOpenVinoTakesWholeModels() throws Exception {
        Map<String, Object> settings = Map.of("isolation", "try", "preset", "openvino", "fallback", "none");
        PluginDriver driver = start(NativeLibraries.openVino(folder), settings);
        try {
            for (String model : List.of(
                    "drone/pulp_dronet_v2.onnx",
                    "classification/squeezenet-fp16.onnx",
                    "detection/fastestdet-coco.onnx")) {
                FileModel file = FileModel.of(TestData.require(model), "onnx");
                try (ModelSession session =
                        driver.load(file, driver.accelerators().get(0), Drivers.TRUSTED)) {
                    assertThat(session.facts())
                            .containsEntry("partition", "all on OpenVINOExecutionProvider")
                            .containsEntry("processor.nodes", "0");
                }
            }
        } finally {
            driver.stop();
        }
    }

    @Test
    void runsModelsInAProcessOfTheirOwn() throws Exception {
        PluginDriver driver =
                start(NativeLibraries.openVino(folder), Map.of("isolation", "always", "preset", "openvino"));
        try (ModelSession session =
                        load(driver, TestModels.identity(ElementType.FLOAT32, List.of(2L)), Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of())) {
            assertThat(driver.accelerators().get(0).cancellable()).isTrue();
            assertThat(session.facts()).containsEntry("partition", "all on OpenVINOExecutionProvider");
            slot.input("x").floatBuffer().put(0, new float[] {4, 2});
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(4, 2);
        } finally {
            driver.stop();
        }
    }

    @Test
    void triesModelsOfUnknownOriginFirst() throws Exception {
        PluginDriver driver = start(NativeLibraries.openVino(folder), Map.of("isolation", "try", "preset", "openvino"));
        try {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(
                            () -> load(driver, killer(), LoadOptions.DEFAULT).close())
                    .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.MODEL_INVALID));
            byte[] harmless = TestModels.identity(ElementType.FLOAT32, List.of(2L));
            load(driver, harmless, LoadOptions.DEFAULT).close();
        } finally {
            driver.stop();
        }
    }

    @Test
    void saysWhatIsMissingForIsolation() throws Exception {
        Map<String, Object> settings = Map.of("isolation", "always");
        PluginDriver driver = Drivers.start(folder, NativeLibraries.build(folder, "no_device"), settings);
        try {
            assertThat(driver.unavailable().orElseThrow()).contains("io.edgewright.isolation");
        } finally {
            driver.stop();
        }
    }

    /** Divides the smallest INT64 by -1 while constants are folded, over which ONNX Runtime 1.29 dies. */
    private static byte[] killer() {
        List<Long> one = List.of(1L);
        return new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.INT64, one))
                .output(new TensorSpec("y", ElementType.INT64, one))
                .initializer("a", Tensor.ofLongs(one, Long.MIN_VALUE))
                .initializer("b", Tensor.ofLongs(one, -1))
                .node("Div", List.of("a", "b"), List.of("q"), Map.of())
                .node("Add", List.of("x", "q"), List.of("y"), Map.of())
                .toBytes();
    }

    private PluginDriver start(Path library, Map<String, Object> settings) throws InterruptedException {
        return Drivers.start(folder, library, settings, isolation);
    }

    private ModelSession load(PluginDriver driver, byte[] model, LoadOptions options) throws Exception {
        FileModel file = FileModel.write(folder, "model.onnx", "onnx", model);
        return driver.load(file, driver.accelerators().get(0), options);
    }
}
