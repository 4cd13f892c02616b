// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.accelerator.plugin.Wishes.Fallback;
import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.Configs;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WishesTest {

    @Test
    void arriveInAnotherProcessAsTheyWere() {
        var wishes = new Wishes(
                "npu",
                Preset.OPENVINO,
                Path.of("/opt/ov/lib.so"),
                Map.of("load_config", "{\"NPU\":{}}"),
                List.of("npu.0", "ov_device=NPU"),
                Set.of(AcceleratorKind.NPU, AcceleratorKind.GPU),
                Optional.of(AcceleratorKind.FPGA),
                Fallback.NONE,
                true);
        assertThat(Wishes.read(wishes.write())).isEqualTo(wishes);
        var plain = new Wishes(
                "x",
                Preset.GENERIC,
                Path.of("/x.so"),
                Map.of(),
                List.of(),
                Set.of(),
                Optional.empty(),
                Fallback.SOME,
                false);
        assertThat(Wishes.read(plain.write())).isEqualTo(plain);
    }

    @Test
    void describeDevicesForAnotherProcess() {
        var device = new Accelerator(
                "npu:npu.0",
                "npu",
                AcceleratorKind.NPU,
                "Intel",
                "an NPU, version 1",
                1L << 40,
                Set.of("onnx"),
                true,
                Map.of("device.0.id", "x", "version", "1"));
        var other = new Accelerator("b", "b", AcceleratorKind.CPU, "", "", 0, Set.of("onnx"), false, Map.of());
        assertThat(Devices.read(Devices.write(List.of(device, other)))).containsExactly(device, other);
        assertThat(Devices.read(Map.of())).isEmpty();
    }

    @Test
    void sayWhatIsWrongWithASetting() {
        assertWrong(
                Map.of("preset", "openvinox"), "openvinox", "openvino, qnn, vitisai, tensorrt-rtx, webgpu, generic");
        assertWrong(Map.of("name", "Big Name"), "Big Name", "a-z");
        assertWrong(Map.of("name", "a.virtual"), ".virtual");
        assertWrong(Map.of("options", new String[] {"novalue"}), "novalue", "key=value");
        assertWrong(Map.of("kinds", new String[] {"TPUX"}), "TPUX", "npu");
        assertWrong(Map.of("shown.as", "board"), "board", "fpga");
        assertWrong(Map.of("fallback", "maybe"), "maybe", "none, some, all");
        assertWrong(Map.of("isolation", "often"), "often", "never, try, always");
        assertWrong(Map.of("limit.seconds", 0), "limit.seconds", "0");
        assertWrong(Map.of("memory.mib", 1), "memory.mib", "1");
    }

    @Test
    void knowWhichOptionsOpenVinoHas() {
        assertWrong(
                Map.of("preset", "openvino", "options", new String[] {"nonsense=1"}),
                "nonsense",
                "load_config, reshape_input");
        assertWrong(
                Map.of("preset", "openvino", "options", new String[] {"num_streams=2"}),
                "num_streams",
                "load_config={\"CPU\":{\"NUM_STREAMS\":\"2\"}}");
        assertThat(Preset.GENERIC.complaint(Map.of("anything", "goes"))).isEmpty();
    }

    @Test
    void keepTextsFromOpenVino() {
        var text = List.of(new TensorSpec("words", ElementType.STRING, List.of(1L)));
        assertThat(Preset.OPENVINO.complaint(text).orElseThrow()).contains("words", "STRING");
        assertThat(Preset.GENERIC.complaint(text)).isEmpty();
    }

    @Test
    void leaveToOpenVinoWhatTheOperatorSets() {
        var latency = new LoadOptions(Goal.LATENCY, 3, true, Map.of());
        assertThat(Preset.OPENVINO.complete(Map.of(), AcceleratorKind.CPU, latency))
                .containsEntry(
                        "load_config", "{\"CPU\":{\"PERFORMANCE_HINT\":\"LATENCY\",\"INFERENCE_NUM_THREADS\":\"3\"}}");
        assertThat(Preset.OPENVINO.complete(Map.of(), AcceleratorKind.NPU, LoadOptions.DEFAULT))
                .containsEntry("load_config", "{\"NPU\":{\"PERFORMANCE_HINT\":\"THROUGHPUT\"}}");
        Map<String, String> own = Map.of("load_config", "{}");
        assertThat(Preset.OPENVINO.complete(own, AcceleratorKind.CPU, latency)).isEqualTo(own);
        assertThat(Preset.QNN.complete(Map.of(), AcceleratorKind.NPU, latency)).isEmpty();
    }

    private static void assertWrong(Map<String, Object> settings, String... words) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new PluginDriver(Configs.of(PluginDriver.Config.class, settings), List.of()))
                .withMessageContainingAll(words);
    }
}
