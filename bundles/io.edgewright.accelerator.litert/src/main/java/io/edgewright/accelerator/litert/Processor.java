// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * What the system says about its processor.
 *
 * @param vendor such as {@code AMD}; empty if unknown
 * @param description such as {@code 2 cores of AMD EPYC}
 */
record Processor(String vendor, String description) {

    static Processor read() {
        List<String> lines;
        try {
            lines = Files.readAllLines(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            lines = List.of(); // a system without /proc: the architecture has to do
        }
        String model = first(lines, "model name", first(lines, "Model", System.getProperty("os.arch", "unknown")));
        String id = first(lines, "vendor_id", first(lines, "CPU implementer", ""));
        String vendor =
                id.contains("AMD") ? "AMD" : id.contains("Intel") ? "Intel" : id.startsWith("0x41") ? "Arm" : "";
        int cores = Runtime.getRuntime().availableProcessors();
        return new Processor(vendor, cores + (cores == 1 ? " core of " : " cores of ") + model);
    }

    private static String first(List<String> lines, String key, String fallback) {
        return lines.stream()
                .filter(line -> line.startsWith(key) && line.contains(":"))
                .map(line -> line.substring(line.indexOf(':') + 1).strip())
                .findFirst()
                .orElse(fallback);
    }
}
