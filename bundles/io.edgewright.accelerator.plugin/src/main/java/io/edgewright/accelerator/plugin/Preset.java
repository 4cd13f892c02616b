// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** What is known about the plug-in of one vendor. Only {@link #OPENVINO} and {@link #GENERIC} were run by us. */
enum Preset {
    /** Source: readme of the wheel 1.8.1, and what that library says about options that it ignores. */
    OPENVINO(
            "libonnxruntime_providers_openvino_plugin.so",
            "OpenVINOExecutionProvider",
            List.of("load_config", "reshape_input", "enable_causallm", "hint_enable_gqa", "dump_subgraphs"),
            "the wheel onnxruntime-ep-openvino of PyPI (1.4 to 1.8.1 fit ONNX Runtime 1.29)",
            "It takes Intel devices only: an Intel processor, or an Intel GPU or NPU with its driver installed"),

    /** Source: github.com/onnxruntime/onnxruntime-qnn, onnxruntime.ai/docs/execution-providers/QNN-ExecutionProvider. */
    QNN(
            "libonnxruntime_providers_qnn.so",
            "",
            List.of(),
            "the wheel onnxruntime-qnn 2.x of PyPI",
            "It takes Qualcomm devices with the drivers of the board's maker installed"),

    /** Source: onnxruntime.ai/docs/execution-providers/Vitis-AI-ExecutionProvider. */
    VITISAI(
            "libonnxruntime_providers_vitisai.so",
            "",
            List.of(),
            "the Vitis AI or Ryzen AI package of AMD for this board",
            "It takes AMD FPGAs and NPUs with the driver of their package installed"),

    /** Source: nvidia.github.io/TensorRT-RTX-EP-ABI. */
    TENSORRT_RTX(
            "libonnxruntime_providers_nv_tensorrt_rtx.so",
            "",
            List.of(),
            "the wheel onnxruntime-ep-nv-tensorrt-rtx of PyPI",
            "It takes NVIDIA GPUs with the NVIDIA driver installed"),

    /** Source: readme of the wheel onnxruntime-ep-webgpu 0.4.0. */
    WEBGPU(
            "libonnxruntime_providers_webgpu.so",
            "",
            List.of(),
            "the wheel onnxruntime-ep-webgpu of PyPI",
            "It takes GPUs with a Vulkan driver; the Vulkan loader libvulkan.so.1 must be installed"),

    /** Any other provider that follows onnxruntime.ai/docs/execution-providers/plugin-ep-libraries. */
    GENERIC("", "", List.of(), "its vendor", "See the documentation of its vendor for the devices it takes");

    /** What OpenVINO's plug-in ignores, and the property that replaces it. */
    private static final Map<String, String> OPENVINO_PROPERTIES = Map.of(
            "num_of_threads", "INFERENCE_NUM_THREADS",
            "num_streams", "NUM_STREAMS",
            "precision", "INFERENCE_PRECISION_HINT",
            "cache_dir", "CACHE_DIR",
            "model_priority", "MODEL_PRIORITY");

    private final String library;
    private final String provider;
    private final List<String> options;
    private final String origin;
    private final String takes;

    /**
     * @param library the name of the library file; empty if any
     * @param provider the one to take of several in the library; empty for all
     * @param options the provider options that there are; empty if not known to us
     * @param origin where the library comes from
     * @param takes what devices it takes
     */
    Preset(String library, String provider, List<String> options, String origin, String takes) {
        this.library = library;
        this.provider = provider;
        this.options = options;
        this.origin = origin;
        this.takes = takes;
    }

    static Preset named(String text) {
        return Arrays.stream(values())
                .filter(p -> p.text().equals(text.toLowerCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("preset is '" + text + "', expected one of "
                        + Arrays.stream(values()).map(Preset::text).collect(Collectors.joining(", "))));
    }

    /** {@return as it is written in settings, such as {@code tensorrt-rtx}} */
    String text() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    String library() {
        return library;
    }

    String provider() {
        return provider;
    }

    String takes() {
        return takes;
    }

    /** {@return why a model with these inputs and outputs must not be given to it; empty if it may} */
    Optional<String> complaint(List<TensorSpec> tensors) {
        return tensors.stream()
                .filter(t -> this == OPENVINO && t.type() == ElementType.STRING)
                .findFirst()
                .map(t -> "'" + t.name()
                        + "' is STRING, over which OpenVINO's plug-in ends the process (seen with 1.8.1)");
    }

    /** {@return what to do about a library that is not there or does not fit} */
    String howToGet() {
        return "Get " + (library.isEmpty() ? "the library" : library) + " from " + origin
                + " for this system (" + System.getProperty("os.arch") + ", Linux), keep the files beside it,"
                + " and name it in the setting library";
    }

    /** {@return what is wrong with these provider options, as far as it is known; empty if nothing} */
    Optional<String> complaint(Map<String, String> given) {
        for (String key : new TreeMap<>(given).keySet()) {
            if (options.isEmpty() || options.contains(key)) {
                continue;
            }
            String instead = OPENVINO_PROPERTIES.get(key);
            return Optional.of("provider option '" + key + "' does not exist"
                    + (instead == null
                            ? ", expected one of " + String.join(", ", options)
                            : ": write load_config={\"CPU\":{\"" + instead + "\":\"" + given.get(key)
                                    + "\"}} instead, with the name of the device for CPU"));
        }
        return Optional.empty();
    }

    /** {@return provider options for one model: the given ones, and what they leave open} */
    Map<String, String> complete(Map<String, String> given, AcceleratorKind kind, LoadOptions use) {
        var all = new TreeMap<>(given);
        boolean known = kind == AcceleratorKind.CPU || kind == AcceleratorKind.GPU || kind == AcceleratorKind.NPU;
        if (this == OPENVINO && known) {
            List<String> properties = new ArrayList<>();
            properties.add("\"PERFORMANCE_HINT\":\"" + (use.goal() == Goal.LATENCY ? "LATENCY" : "THROUGHPUT") + "\"");
            if (use.threads() > 0 && kind == AcceleratorKind.CPU) {
                properties.add("\"INFERENCE_NUM_THREADS\":\"" + use.threads() + "\"");
            }
            all.putIfAbsent("load_config", "{\"" + kind + "\":{" + String.join(",", properties) + "}}");
        }
        return all;
    }
}
