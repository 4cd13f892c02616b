// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import ai.onnxruntime.OrtException;
import java.io.IOException;
import java.io.UncheckedIOException;
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
    void keepsWhatWasBuilt() throws Exception {
        assertThat(load()).isEqualTo("built");
        assertThat(load()).isEqualTo("kept");
    }

    @Test
    void buildsAnewWhatAKilledProcessLeft() throws Exception {
        Path engines = Files.createDirectories(folder.resolve("k"));
        Files.writeString(engines.resolve("model.engine"), "cut sh");
        assertThat(load()).isEqualTo("built");
    }

    @Test
    void buildsAnewWhatIsDamaged() throws Exception {
        load();
        Files.writeString(folder.resolve("k").resolve("model.engine"), "rubbish");
        assertThat(load()).isEqualTo("built");
        assertThat(load()).isEqualTo("kept");
    }

    @Test
    void keepsNothingOfAModelThatCannotBeLoaded() throws Exception {
        load();
        assertThatExceptionOfType(OrtException.class).isThrownBy(() -> new EngineCache(folder).load("k", engines -> {
            Files.exists(engines);
            throw new OrtException("TensorRT refuses it");
        }));
        assertThat(folder.resolve("k")).doesNotExist();
    }

    @Test
    void forgetsWhatWasNotUsedForLongest() throws Exception {
        new EngineCache(folder.resolve("absent")).sweep();
        var cache = new EngineCache(folder);
        for (int i = 0; i < EngineCache.KEPT + 3; i++) {
            cache.load("k" + i, EngineCacheTest::loadOrBuild);
            Files.setLastModifiedTime(
                    folder.resolve("k" + i).resolve("loaded"), FileTime.fromMillis(1_000_000L + i * 1_000L));
        }
        cache.sweep();
        assertThat(folder.resolve("k2")).doesNotExist();
        assertThat(folder.resolve("k3")).isDirectory();
        assertThat(cache.load("k3", EngineCacheTest::loadOrBuild)).isEqualTo("kept");
    }

    private String load() throws Exception {
        return new EngineCache(folder).load("k", EngineCacheTest::loadOrBuild);
    }

    /** Does with a folder what TensorRT's provider does: an engine is used, or built if there is none. */
    private static String loadOrBuild(Path engines) throws OrtException {
        Path engine = engines.resolve("model.engine");
        try {
            if (!Files.exists(engine)) {
                Files.writeString(engine, "whole");
                return "built";
            }
            if (!Files.readString(engine).equals("whole")) {
                throw new OrtException("engine cannot be deserialized");
            }
            return "kept";
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
