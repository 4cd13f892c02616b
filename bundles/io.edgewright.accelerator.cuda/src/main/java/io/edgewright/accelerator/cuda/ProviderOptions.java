// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import io.edgewright.accelerator.cuda.Settings.Keys;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;

/**
 * Our settings in the words of ONNX Runtime's providers (pages CUDA-ExecutionProvider and TensorRT-ExecutionProvider of its
 * documentation; options of 1.29).
 */
final class ProviderOptions {

    private ProviderOptions() {}

    /** {@return options of the CUDA provider} */
    static Map<String, String> cuda(Map<String, String> settings) {
        Map<String, String> options = new LinkedHashMap<>();
        long mib = Long.parseLong(settings.getOrDefault(Keys.MEMORY, "0"));
        if (mib > 0) {
            options.put("gpu_mem_limit", Long.toString(mib << 20));
        }
        boolean doubling = settings.getOrDefault(Keys.ARENA, "exact").equals("doubling");
        options.put("arena_extend_strategy", doubling ? "kNextPowerOfTwo" : "kSameAsRequested");
        options.put(
                "cudnn_conv_algo_search",
                settings.getOrDefault(Keys.SEARCH, "heuristic").toUpperCase(Locale.ROOT));
        options.put("use_tf32", flag(settings, Keys.TF32));
        return options;
    }

    /**
     * {@return options of the TensorRT provider}
     *
     * @param engines where the engines of this model lie
     */
    static Map<String, String> tensorRt(Map<String, String> settings, Path engines) {
        Map<String, String> options = new LinkedHashMap<>();
        long mib = Long.parseLong(settings.getOrDefault(Keys.WORKSPACE, "1024"));
        options.put("trt_max_workspace_size", Long.toString(mib << 20));
        options.put("trt_fp16_enable", flag(settings, Keys.FP16));
        options.put("trt_int8_enable", flag(settings, Keys.INT8));
        options.put("trt_engine_cache_enable", "1");
        options.put("trt_engine_cache_path", engines.toString());
        options.put("trt_timing_cache_enable", "1");
        options.put("trt_timing_cache_path", engines.toString());
        return options;
    }

    private static String flag(Map<String, String> settings, String key) {
        return Boolean.parseBoolean(settings.getOrDefault(key, "false")) ? "1" : "0";
    }
}
