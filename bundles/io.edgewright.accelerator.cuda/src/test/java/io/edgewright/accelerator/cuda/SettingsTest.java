// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.edgewright.accelerator.cuda.NvidiaHost.Gpu;
import io.edgewright.testkit.Configs;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;

class SettingsTest {

    private static final Gpu GPU = new Gpu("0000:b3:00.0", "NVIDIA RTX A2000", "GPU-8c2e");

    static Settings of(Map<String, Object> properties) {
        return Settings.of(Configs.of(CudaDriver.Config.class, properties));
    }

    @Test
    void isCautiousByDefault() {
        Settings settings = of(Map.of("home", "/srv/edge"));
        assertThat(settings.isolated()).isTrue();
        assertThat(settings.vets()).isTrue();
        assertThat(ProviderOptions.cuda(settings.engine()))
                .containsEntry("arena_extend_strategy", "kSameAsRequested")
                .containsEntry("cudnn_conv_algo_search", "HEURISTIC")
                .containsEntry("use_tf32", "0")
                .hasSize(3);
        assertThat(settings.engine())
                .containsEntry(Settings.Keys.TENSORRT, "false")
                .containsEntry(Settings.Keys.ENGINES, "/srv/edge/variants/tensorrt");
    }

    @Test
    void speaksTheProvidersWords() {
        Settings settings = of(Map.of(
                "memory.mib",
                512,
                "arena",
                "Doubling",
                "cudnn.search",
                "exhaustive",
                "tf32",
                true,
                "tensorrt.fp16",
                true,
                "tensorrt.workspace.mib",
                256));
        assertThat(ProviderOptions.cuda(settings.engine()))
                .containsEntry("gpu_mem_limit", "536870912")
                .containsEntry("arena_extend_strategy", "kNextPowerOfTwo")
                .containsEntry("cudnn_conv_algo_search", "EXHAUSTIVE")
                .containsEntry("use_tf32", "1");
        assertThat(ProviderOptions.tensorRt(settings.engine(), Path.of("/e")))
                .containsEntry("trt_fp16_enable", "1")
                .containsEntry("trt_int8_enable", "0")
                .containsEntry("trt_max_workspace_size", "268435456")
                .containsEntry("trt_engine_cache_path", "/e");
    }

    @Test
    void refusesWhatMakesNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("arena", "large")))
                .withMessage("arena is 'large', expected one of [exact, doubling]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("cudnn.search", "fast")))
                .withMessageContaining("[default, heuristic, exhaustive]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("parallelism", 0)))
                .withMessage("parallelism is 0, expected 1 to 64");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("memory.mib", -1)))
                .withMessageContaining("memory.mib is -1");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> of(Map.of("process.memory.mib", 100)))
                .withMessageContaining("expected 512");
    }

    @Test
    void picksDevicesByNumberBusOrUuid() {
        assertThat(of(Map.of()).wants(3, GPU)).isTrue();
        for (String name : new String[] {"1", "0000:B3:00.0", "gpu-8C2E"}) {
            Settings settings = of(Map.of("devices", new String[] {" ", name}));
            assertThat(settings.wants(1, GPU)).as(name).isTrue();
            assertThat(settings.wants(0, new Gpu("0000:17:00.0", "Tesla T4", "")))
                    .as(name)
                    .isFalse();
        }
    }
}
