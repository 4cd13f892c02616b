// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.isolation.EngineSpec;
import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import java.util.zip.CRC32C;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What a process of its own needs for {@link CpuEngine}. Thread-safe. */
final class CpuProcess {

    private static final Logger LOG = LoggerFactory.getLogger(CpuProcess.class);

    /** A process of a session must not share with another, whose model may crash it. */
    private static final String NUMBER = "number";

    private final AtomicLong numbers = new AtomicLong();
    private final String fingerprint;

    /** @param found what the engine found in this process; a verdict holds for equal ones */
    CpuProcess(Map<String, String> found) {
        var crc = new CRC32C();
        crc.update(found.getOrDefault(CpuEngine.FEATURES, "").getBytes(StandardCharsets.UTF_8));
        fingerprint = "onnxruntime-" + found.getOrDefault(CpuEngine.VERSION, "") + "-"
                + HexFormat.of().toHexDigits((int) crc.getValue());
    }

    /** {@return a process that only tries models} */
    EngineSpec forTrial(Settings settings) {
        return spec(settings, Map.of(CpuEngine.TRIAL, "true"));
    }

    /** {@return a process for one session} */
    EngineSpec forSession(Settings settings) {
        return spec(settings, Map.of(NUMBER, Long.toString(numbers.incrementAndGet()), CpuEngine.SPIN, "false"));
    }

    private EngineSpec spec(Settings settings, Map<String, String> special) {
        Map<String, String> all = new HashMap<>(special);
        try {
            List<Path> libraries = OrtRuntime.loadedLibraries();
            all.put(CpuEngine.LIBRARY, libraries.get(0).toString());
            all.put(CpuEngine.JNI_LIBRARY, libraries.get(1).toString());
        } catch (IOException e) {
            LOG.warn(
                    "Where this process has ONNX Runtime from is not known, another may not find it: {}", e.toString());
        }
        long buffers = settings.probeMemoryBytes();
        return new EngineSpec(
                CpuEngine.class,
                fingerprint,
                all,
                Map.of("ORT_DISABLE_TELEMETRY", "1"),
                List.of("-Xmx128m", "-XX:MaxDirectMemorySize=" + buffers, "-XX:TieredStopAtLevel=1"),
                settings.probeTime(),
                settings.probeMemoryBytes());
    }
}
