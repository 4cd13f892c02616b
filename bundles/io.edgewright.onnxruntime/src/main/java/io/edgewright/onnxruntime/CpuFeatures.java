// SPDX-License-Identifier: Apache-2.0
package io.edgewright.onnxruntime;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Reads the instruction set extensions that matrix kernels are chosen by. */
final class CpuFeatures {

    private static final Pattern RELEVANT =
            Pattern.compile("sse4_[12]|avx.*|fma|f16c|amx.*|asimd.*|fphp|i8mm|bf16|sve.*|sme(?!p).*");

    private CpuFeatures() {}

    static String read(Path cpuinfo) {
        try (var lines = Files.lines(cpuinfo, StandardCharsets.ISO_8859_1)) {
            return lines.filter(l -> l.startsWith("flags") || l.startsWith("Features"))
                    .findFirst()
                    .map(l -> Arrays.stream(
                                    l.substring(l.indexOf(':') + 1).strip().split("\\s+"))
                            .filter(f -> RELEVANT.matcher(f).matches())
                            .sorted()
                            .distinct()
                            .collect(Collectors.joining(",")))
                    .orElse("");
        } catch (IOException e) {
            return ""; // a system without /proc: not told
        }
    }
}
