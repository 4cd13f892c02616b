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
 * @param probeRequired true if they are refused where that is not possible
 * @param probeTime how long a trial may take
 * @param probeMemoryBytes how much memory a trial may take
 */
record Settings(
        Path home, boolean cache, boolean probe, boolean probeRequired, Duration probeTime, long probeMemoryBytes) {

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
                config.probe_required(),
                Duration.ofSeconds(config.probe_seconds()),
                (long) config.probe_memory_mib() << 20);
    }

    Path variantFolder() {
        return home.resolve("variants").resolve("ort");
    }

    Path vettedFolder() {
        return home.resolve("variants").resolve("vetted");
    }

    Path probeFolder() {
        return home.resolve("run").resolve("probe");
    }
}
