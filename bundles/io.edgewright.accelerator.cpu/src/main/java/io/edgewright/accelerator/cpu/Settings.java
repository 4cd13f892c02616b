// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.api.config.Home;
import java.nio.file.Path;
import java.time.Duration;

/**
 * The driver's settings, checked.
 *
 * @param home the folder edgewright.home
 * @param cache true if optimized models are kept on disk
 * @param probe true if models of unknown origin are tried in a process of their own
 * @param probeTime how long a trial, or a load in a process of its own, may take
 * @param probeMemoryBytes how much memory such a process may take
 * @param isolate true if each session gets a process of its own
 */
record Settings(Path home, boolean cache, boolean probe, Duration probeTime, long probeMemoryBytes, boolean isolate) {

    static Settings of(CpuDriver.Config config) {
        if (config.probe_seconds() < 1 || config.probe_seconds() > 3600) {
            throw new IllegalArgumentException("probe.seconds is " + config.probe_seconds() + ", expected 1 to 3600");
        }
        if (config.probe_memory_mib() < 64) {
            throw new IllegalArgumentException(
                    "probe.memory.mib is " + config.probe_memory_mib() + ", expected 64 or more");
        }
        return new Settings(
                Home.folder(config.home()),
                config.cache(),
                config.probe_untrusted(),
                Duration.ofSeconds(config.probe_seconds()),
                (long) config.probe_memory_mib() << 20,
                config.isolate());
    }

    Path variantFolder() {
        return home.resolve("variants").resolve("ort");
    }
}
