// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.plugin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Builds small libraries from src/test/c, and finds real providers that were fetched. */
final class NativeLibraries {

    private NativeLibraries() {}

    /**
     * {@return OpenVINO's own plug-in; on a processor that is not Intel's, behind one that lets it see an Intel processor}
     *
     * @param folder where that one is built
     */
    static Path openVino(Path folder) throws IOException, InterruptedException {
        Path library = fetched("EDGEWRIGHT_OPENVINO");
        String cpu = Files.readString(Path.of("/proc/cpuinfo"), StandardCharsets.ISO_8859_1);
        return cpu.contains("GenuineIntel")
                ? library
                : build(folder, "any_vendor", "-DREAL=\"" + library + "\"", "-Wl,-z,nodelete");
    }

    /** {@return ggml's plug-in, which takes any processor} */
    static Path ggml() {
        return fetched("EDGEWRIGHT_GGML");
    }

    /** {@return a library from src/test/c; the test is skipped where there is no C compiler} */
    static Path build(Path folder, String source, String... flags) throws IOException, InterruptedException {
        Path target = folder.resolve("lib" + source + ".so");
        List<String> command = new ArrayList<>(List.of("gcc", "-shared", "-fPIC", "-O1", "-o", target.toString()));
        command.add(Path.of("src/test/c", source + ".c").toAbsolutePath().toString());
        command.addAll(List.of(flags));
        command.add("-ldl");
        run(folder, command);
        return target;
    }

    /** {@return a library that needs another one, which is gone} */
    static Path buildNeedy(Path folder) throws IOException, InterruptedException {
        Path needed = build(folder, "no_plugin");
        Path target = folder.resolve("libneedy.so");
        run(
                folder,
                List.of(
                        "gcc",
                        "-shared",
                        "-fPIC",
                        "-Wl,--no-as-needed",
                        "-o",
                        target.toString(),
                        Path.of("src/test/c/no_device.c").toAbsolutePath().toString(),
                        "-L" + folder,
                        "-lno_plugin"));
        Files.delete(needed);
        return target;
    }

    private static void run(Path folder, List<String> command) throws IOException, InterruptedException {
        boolean there = List.of(System.getenv().getOrDefault("PATH", "").split(":")).stream()
                .anyMatch(p -> Files.isExecutable(Path.of(p, "gcc")));
        Assumptions.assumeTrue(there, "skipped: no gcc to build a library with");
        Path output = Files.createTempFile(folder, "gcc", ".txt");
        Process gcc = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start();
        assertThat(gcc.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(gcc.exitValue()).as(Files.readString(output)).isZero();
    }

    private static Path fetched(String variable) {
        String path = System.getenv().getOrDefault(variable, "");
        Assumptions.assumeTrue(
                !path.isEmpty() && Files.isRegularFile(Path.of(path)),
                () -> "skipped: " + variable + " names no library; tools/fetch-providers.sh gets one");
        return Path.of(path);
    }
}
