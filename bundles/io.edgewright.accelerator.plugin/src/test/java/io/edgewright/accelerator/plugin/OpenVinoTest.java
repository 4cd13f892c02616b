// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.onnxruntime.session.OrtTypes;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** OpenVINO's own plug-in, and real models. */
@Timeout(300)
class OpenVinoTest {

    private static final Map<String, Object> OPENVINO = Map.of("preset", "openvino");

    @TempDir
    Path folder;

    @Test
    void describesTheProcessorAsOpenVinoSeesIt() throws Exception {
        PluginDriver driver = openVino(Map.of());
        try {
            assertThat(driver.name()).isEqualTo("openvino");
            assertThat(driver.check()).isEmpty();
            Accelerator device = driver.accelerators().get(0);
            assertThat(device.id()).isEqualTo("openvino:cpu.0");
            assertThat(device.kind()).isEqualTo(AcceleratorKind.CPU);
            assertThat(device.properties())
                    .containsEntry("provider", "OpenVINOExecutionProvider")
                    .containsEntry("ov_device", "CPU")
                    .containsKeys("version", "hardware.vendor.id", "FULL_DEVICE_NAME");
        } finally {
            driver.stop();
        }
        assertThat(driver.accelerators()).isEmpty();
        assertThat(driver.unavailable()).contains("the driver is stopped");
    }

    /** OpenVINO may compute in another order and, where the processor can, with shorter floats. */
    @Test
    void answersLikeTheProcessor() throws Exception {
        PluginDriver driver = openVino(Map.of());
        try {
            assertAgrees(driver, "drone/pulp_dronet_v2.onnx", 1e-3);
            assertAgrees(driver, "classification/squeezenet-fp16.onnx", 5e-2);
            assertAgrees(driver, "detection/fastestdet-coco.onnx", 1e-2);
        } finally {
            driver.stop();
        }
    }

    @Test
    void servesSeveralConfigurationsOfOneLibrarySideBySide() throws Exception {
        Path library = NativeLibraries.openVino(folder);
        PluginDriver first = Drivers.start(folder, library, OPENVINO);
        PluginDriver second = Drivers.start(folder, library, Map.of("preset", "openvino", "name", "second"));
        try {
            assertThat(second.accelerators()).extracting(Accelerator::id).containsExactly("second:cpu.0");
            first.stop();
            assertAnswers(second);
        } finally {
            first.stop();
            second.stop();
        }
    }

    @Test
    void keepsTheLibraryWhileASessionUsesIt() throws Exception {
        PluginDriver driver = openVino(Map.of());
        Path model = java.nio.file.Files.write(
                folder.resolve("m.onnx"), TestModels.identity(ElementType.FLOAT32, List.of(1L)));
        ModelSession session = load(driver, model, Drivers.TRUSTED);
        driver.stop();
        try (session;
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, 5);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(5);
        }
        PluginDriver again = openVino(Map.of());
        try {
            assertAnswers(again);
        } finally {
            again.stop();
        }
    }

    @Test
    void saysWhichDevicesAFilterCouldName() throws Exception {
        PluginDriver driver = openVino(Map.of("devices", new String[] {"npu", "ov_device=GPU"}));
        try {
            assertThat(driver.unavailable().orElseThrow())
                    .contains("[npu, ov_device=GPU]", "match none", "openvino:cpu.0 (CPU, ");
        } finally {
            driver.stop();
        }
        PluginDriver kinds = openVino(Map.of("kinds", new String[] {"gpu"}));
        try {
            assertThat(kinds.unavailable().orElseThrow()).contains("kinds [GPU]", "match none");
        } finally {
            kinds.stop();
        }
        PluginDriver one = openVino(Map.of("devices", new String[] {"ov_device=cpu"}, "shown.as", "fpga"));
        try {
            assertThat(one.accelerators()).extracting(Accelerator::kind).containsExactly(AcceleratorKind.FPGA);
        } finally {
            one.stop();
        }
    }

    @Test
    void saysThatOptionsAreRefused() throws Exception {
        Path model = TestData.require("drone/pulp_dronet_v2.onnx");
        PluginDriver driver = openVino(Map.of());
        try {
            for (String config : List.of("{\"CPU\":{\"NONSENSE\":\"2\"}}", "{")) {
                var options = new LoadOptions(Goal.LATENCY, 0, true, Map.of("openvino.load_config", config));
                assertThatExceptionOfType(InferenceException.class)
                        .isThrownBy(() -> load(driver, model, options).close())
                        .withMessageContainingAll("provider options", config, "Correct the setting")
                        .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.DEVICE_UNAVAILABLE));
            }
            var unknown = new LoadOptions(Goal.LATENCY, 0, true, Map.of("openvino.nonsense", "1"));
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> load(driver, model, unknown).close())
                    .withMessageContainingAll("nonsense", "load_config");
        } finally {
            driver.stop();
        }
    }

    private PluginDriver openVino(Map<String, Object> settings) throws Exception {
        Map<String, Object> all = new HashMap<>(OPENVINO);
        all.putAll(settings);
        return Drivers.start(folder, NativeLibraries.openVino(folder), all);
    }

    private static ModelSession load(PluginDriver driver, Path model, LoadOptions options) throws Exception {
        return driver.load(FileModel.of(model, "onnx"), driver.accelerators().get(0), options);
    }

    private void assertAnswers(PluginDriver driver) throws Exception {
        Path model = java.nio.file.Files.write(
                folder.resolve("identity.onnx"), TestModels.identity(ElementType.FLOAT32, List.of(1L)));
        try (ModelSession session = load(driver, model, Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, 3);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(3);
        }
    }

    /** @param tolerance largest difference, relative to the largest value of an output */
    private void assertAgrees(PluginDriver driver, String file, double tolerance) throws Exception {
        Path model = TestData.require(file);
        OrtEnvironment environment = OrtRuntime.environment();
        var random = new Random(1);
        try (ModelSession session = load(driver, model, Drivers.TRUSTED);
                Slot slot = session.openSlot(Map.of());
                var options = new OrtSession.SessionOptions();
                OrtSession plain = environment.createSession(model.toString(), options)) {
            String name = session.inputs().get(0).name();
            Tensor input = slot.input(name);
            fill(input, random);
            slot.run(Deadline.NONE);
            ByteBuffer data = input.data().duplicate().order(input.data().order());
            long[] shape = input.shape().stream().mapToLong(Long::longValue).toArray();
            try (OnnxTensor x = OnnxTensor.createTensor(environment, data, shape, OrtTypes.carrier(input.type()));
                    OrtSession.Result expected = plain.run(Map.of(name, x), Set.copyOf(plain.getOutputNames()))) {
                for (String output : plain.getOutputNames()) {
                    float[] wanted = floats(((OnnxTensor) expected.get(output).orElseThrow()));
                    float[] found = floats(slot.output(output));
                    assertClose(file + " " + output, wanted, found, tolerance);
                }
            }
        }
    }

    private static void assertClose(String what, float[] wanted, float[] found, double tolerance) {
        assertThat(found).as(what).hasSameSizeAs(wanted);
        double largest = 0;
        for (float value : wanted) {
            largest = Math.max(largest, Math.abs(value));
        }
        for (int i = 0; i < wanted.length; i++) {
            assertThat((double) found[i]).as("%s[%d]", what, i).isCloseTo(wanted[i], within(tolerance * largest));
        }
    }

    private static float[] floats(OnnxTensor tensor) {
        var buffer = tensor.getFloatBuffer();
        float[] values = new float[buffer.remaining()];
        buffer.get(values);
        return values;
    }

    private static float[] floats(Tensor tensor) {
        if (tensor.type() != ElementType.FLOAT16) {
            return tensor.toFloats();
        }
        float[] values = new float[Math.toIntExact(tensor.elements())];
        for (int i = 0; i < values.length; i++) {
            values[i] = whole(tensor.data().getShort(2 * i));
        }
        return values;
    }

    private static void fill(Tensor input, Random random) {
        for (int i = 0; i < input.elements(); i++) {
            float value = random.nextFloat();
            if (input.type() == ElementType.FLOAT16) {
                input.data().putShort(2 * i, half(value));
            } else {
                input.data().putFloat(4 * i, value);
            }
        }
    }

    /** IEEE 754 binary16 to float, without infinities. */
    private static float whole(short bits) {
        int exponent = bits >>> 10 & 0x1F;
        int fraction = bits & 0x3FF;
        double value = exponent == 0 ? fraction * Math.pow(2, -24) : (1024 + fraction) * Math.pow(2, exponent - 25);
        return (float) (bits < 0 ? -value : value);
    }

    /** For 0 to 1, cut off. */
    private static short half(float value) {
        int bits = Float.floatToIntBits(value);
        int exponent = (bits >>> 23) - 127 + 15;
        return exponent <= 0 ? 0 : (short) (exponent << 10 | bits >>> 13 & 0x3FF);
    }
}
