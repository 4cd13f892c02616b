// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cuda;

import io.edgewright.api.config.Home;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;

/**
 * The checked configuration.
 *
 * @param home where engines are kept
 * @param natives the folder with the libraries; empty for the one of this process
 * @param isolated true if the device is used from a process of its own
 * @param devices which devices; empty for all
 * @param engine what the engine is told, see {@link Keys}
 * @param limit the longest time for starting the engine or loading a model
 * @param memoryBytes the most that a process of the engine may have resident
 * @param vets true if models of unknown origin are tried first
 */
record Settings(
        Path home,
        String natives,
        boolean isolated,
        List<String> devices,
        Map<String, String> engine,
        Duration limit,
        long memoryBytes,
        boolean vets) {

    /** What the engine's settings are called. */
    static final class Keys {

        /** The folder with the libraries. */
        static final String NATIVES = "natives";

        /** The numbers of the devices to start with, such as {@code 0,1}. */
        static final String DEVICES = "devices";

        /** Followed by a number: what an engine that was built for that device depends on. */
        static final String DEVICE = "device.";

        static final String MEMORY = "memory.mib";
        static final String ARENA = "arena";
        static final String SEARCH = "cudnn.search";
        static final String TF32 = "tf32";
        static final String PARALLELISM = "parallelism";
        static final String TENSORRT = "tensorrt";
        static final String FP16 = "tensorrt.fp16";
        static final String INT8 = "tensorrt.int8";
        static final String WORKSPACE = "tensorrt.workspace.mib";

        /** The folder of built engines. */
        static final String ENGINES = "tensorrt.engines";

        private Keys() {}
    }

    private static final List<String> ARENAS = List.of("exact", "doubling");
    private static final List<String> SEARCHES = List.of("default", "heuristic", "exhaustive");

    private static final int MOST_MIB = 1 << 20;

    /** Copies. */
    Settings {
        devices = List.copyOf(devices);
        engine = Map.copyOf(engine);
    }

    static Settings of(CudaDriver.Config config) {
        Path home = Home.folder(config.home());
        Map<String, String> engine = new TreeMap<>();
        engine.put(Keys.MEMORY, number("memory.mib", config.memory_mib(), 0, MOST_MIB));
        engine.put(Keys.ARENA, oneOf("arena", config.arena(), ARENAS));
        engine.put(Keys.SEARCH, oneOf("cudnn.search", config.cudnn_search(), SEARCHES));
        engine.put(Keys.TF32, Boolean.toString(config.tf32()));
        engine.put(Keys.PARALLELISM, number("parallelism", config.parallelism(), 1, 64));
        engine.put(Keys.TENSORRT, Boolean.toString(config.tensorrt()));
        engine.put(Keys.FP16, Boolean.toString(config.tensorrt_fp16()));
        engine.put(Keys.INT8, Boolean.toString(config.tensorrt_int8()));
        engine.put(Keys.WORKSPACE, number("tensorrt.workspace.mib", config.tensorrt_workspace_mib(), 1, MOST_MIB));
        engine.put(Keys.ENGINES, home.resolve("variants").resolve("tensorrt").toString());
        number("load.seconds", config.load_seconds(), 1, 86_400);
        number("process.memory.mib", config.process_memory_mib(), 512, MOST_MIB);
        return new Settings(
                home,
                config.natives().isBlank()
                        ? ""
                        : Path.of(config.natives().strip())
                                .toAbsolutePath()
                                .normalize()
                                .toString(),
                config.isolate(),
                Arrays.stream(config.devices())
                        .map(String::strip)
                        .filter(d -> !d.isEmpty())
                        .toList(),
                engine,
                Duration.ofSeconds(config.load_seconds()),
                (long) config.process_memory_mib() << 20,
                config.probe_untrusted());
    }

    /** {@return true if the operator wants this device used} */
    boolean wants(int index, NvidiaHost.Gpu gpu) {
        return devices.isEmpty()
                || devices.stream()
                        .map(d -> d.toLowerCase(Locale.ROOT))
                        .anyMatch(d -> d.equals(Integer.toString(index))
                                || (!gpu.bus().isEmpty() && d.equals(gpu.bus().toLowerCase(Locale.ROOT)))
                                || (!gpu.uuid().isEmpty() && d.equals(gpu.uuid().toLowerCase(Locale.ROOT))));
    }

    private static String number(String name, int value, int min, int max) {
        if (value < min || value > max) {
            throw new IllegalArgumentException("%s is %d, expected %d to %d".formatted(name, value, min, max));
        }
        return Integer.toString(value);
    }

    private static String oneOf(String name, String value, List<String> expected) {
        String lower = value.strip().toLowerCase(Locale.ROOT);
        if (!expected.contains(lower)) {
            throw new IllegalArgumentException("%s is '%s', expected one of %s".formatted(name, value, expected));
        }
        return lower;
    }
}
