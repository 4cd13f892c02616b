// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EngineCacheTest {

    @TempDir
    Path folder;

    @Test
    void keepsEverythingApartThatAnEngineDependsOn() {
        Map<String, String> options = Map.of("trt_fp16_enable", "0", "trt_engine_cache_path", "/a");
        Set<String> keys = new HashSet<>();
        keys.add(EngineCache.key("d", "1.29.0 libnvinfer.so.10.9.0 5", "T4 7.5 550", options));
        keys.add(EngineCache.key("e", "1.29.0 libnvinfer.so.10.9.0 5", "T4 7.5 550", options));
        keys.add(EngineCache.key("d", "1.29.0 libnvinfer.so.10.9.1 5", "T4 7.5 550", options));
        keys.add(EngineCache.key("d", "1.30.0 libnvinfer.so.10.9.0 5", "T4 7.5 550", options));
        keys.add(EngineCache.key("d", "1.29.0 libnvinfer.so.10.9.0 5", "T4 7.5 560", options));
        keys.add(EngineCache.key("d", "1.29.0 libnvinfer.so.10.9.0 5", "A2 8.6 550", options));
        keys.add(EngineCache.key("d", "1.29.0 libnvinfer.so.10.9.0 5", "T4 7.5 550", Map.of("trt_fp16_enable", "1")));
        assertThat(keys).hasSize(7);
    }

    @Test
    void doesNotDependOnWhereItLies() {
        assertThat(EngineCache.key("d", "v", "g", Map.of("trt_engine_cache_path", "/a")))
                .isEqualTo(EngineCache.key("d", "v", "g", Map.of("trt_engine_cache_path", "/b")));
    }

    @Test
    void keepsWhatAModelWasLoadedWithAndNothingElse() throws Exception {
        var cache = new EngineCache(folder);
        Path engines = cache.open("k");
        Files.writeString(engines.resolve("half.engine"), "cut short");
        assertThat(cache.isBuilt("k")).isFalse();

        // when a process was killed while it built, then the next one begins anew
        assertThat(cache.open("k")).isEmptyDirectory();
        Files.writeString(engines.resolve("whole.engine"), "engine");
        cache.loaded("k");
        assertThat(cache.isBuilt("k")).isTrue();
        assertThat(cache.open("k").resolve("whole.engine")).exists();
        cache.loaded("k");

        cache.drop("k");
        assertThat(engines).doesNotExist();
        cache.drop("k");
    }

    @Test
    void forgetsWhatWasNotUsedForLongest() throws Exception {
        var cache = new EngineCache(folder.resolve("tensorrt"));
        cache.sweep();
        for (int i = 0; i < EngineCache.KEPT + 3; i++) {
            Path engines = cache.open("k" + i);
            Files.writeString(engines.resolve("x.engine"), "engine");
            cache.loaded("k" + i);
            Files.setLastModifiedTime(engines.resolve("loaded"), FileTime.fromMillis(1_000_000L + i * 1_000L));
        }
        cache.sweep();
        assertThat(cache.isBuilt("k2")).isFalse();
        assertThat(cache.isBuilt("k3")).isTrue();
        assertThat(folder.resolve("tensorrt").toFile().list()).hasSize(EngineCache.KEPT);
    }
}
