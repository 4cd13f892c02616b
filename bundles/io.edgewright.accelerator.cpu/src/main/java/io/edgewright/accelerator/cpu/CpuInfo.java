// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What the system says about its processor.
 *
 * @param vendor such as {@code AMD}; empty if unknown
 * @param model such as {@code AMD EPYC}; the architecture if unknown
 * @param cores the logical cores that this process may use, 1 or more
 * @param physicalCores the physical ones among them, 1 or more
 */
record CpuInfo(String vendor, String model, int cores, int physicalCores) {

    static CpuInfo read(Path cpuinfo) {
        int cores = Runtime.getRuntime().availableProcessors();
        List<String> lines;
        try {
            lines = Files.readAllLines(cpuinfo, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            lines = List.of(); // a system without /proc: the architecture has to do
        }
        String model = first(lines, "model name", first(lines, "Model", System.getProperty("os.arch", "unknown")));
        return new CpuInfo(vendorOf(lines, model), model, cores, physical(lines, cores));
    }

    /** {@return such as {@code 2 cores of an AMD EPYC, avx2, fma}} */
    String describe(String features) {
        String what = (cores == 1 ? "1 core of " : cores + " cores of ") + model;
        return features.isEmpty() ? what : what + ", " + features.replace(",", ", ");
    }

    private static String vendorOf(List<String> lines, String model) {
        String id =
                first(lines, "vendor_id", first(lines, "CPU implementer", "")).toLowerCase(Locale.ROOT);
        if (id.contains("amd") || model.contains("AMD")) {
            return "AMD";
        }
        if (id.contains("intel") || model.contains("Intel")) {
            return "Intel";
        }
        return id.startsWith("0x41") ? "Arm" : "";
    }

    private static int physical(List<String> lines, int cores) {
        Set<String> seen = new HashSet<>();
        String socket = "";
        for (String line : lines) {
            if (line.startsWith("physical id")) {
                socket = valueOf(line);
            } else if (line.startsWith("core id")) {
                seen.add(socket + "/" + valueOf(line));
            }
        }
        return seen.isEmpty() ? cores : Math.min(seen.size(), cores);
    }

    private static String first(List<String> lines, String key, String fallback) {
        return lines.stream()
                .filter(line -> line.startsWith(key) && line.contains(":"))
                .map(CpuInfo::valueOf)
                .findFirst()
                .orElse(fallback);
    }

    private static String valueOf(String line) {
        return line.substring(line.indexOf(':') + 1).strip();
    }
}
