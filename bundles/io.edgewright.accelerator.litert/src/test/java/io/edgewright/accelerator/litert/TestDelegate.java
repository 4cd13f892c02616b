// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.litert;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Assumptions;

/** Builds {@code src/test/c/test_delegate.c}; the test is skipped, and says so, where there is no gcc. */
final class TestDelegate {

    private static final Path SOURCE = Path.of("src", "test", "c", "test_delegate.c");
    private static final Path FOLDER = Path.of("target", "delegate").toAbsolutePath();

    private TestDelegate() {}

    static Path build() {
        return build("libtest_delegate.so");
    }

    static Path build(String file, String... flags) {
        Path library = FOLDER.resolve(file);
        List<String> command =
                new ArrayList<>(List.of("-shared", "-fPIC", "-O1", "-Wall", "-Werror", "-fvisibility=hidden"));
        command.addAll(List.of("-o", library.toString(), SOURCE.toString()));
        command.addAll(List.of(flags));
        gcc(command);
        return library;
    }

    /** A library that needs another one, which is not there. */
    static Path needing(String missing) {
        Path other = FOLDER.resolve("lib" + missing + ".so");
        try {
            Path empty =
                    Files.writeString(Files.createDirectories(FOLDER).resolve("empty.c"), "int edgewright_empty;\n");
            gcc(List.of("-shared", "-fPIC", "-o", other.toString(), empty.toString()));
            Path library = build("libneeding.so", "-L" + FOLDER, "-Wl,--no-as-needed", "-l" + missing);
            Files.delete(other);
            return library;
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private static void gcc(List<String> arguments) {
        List<String> command = new ArrayList<>(List.of("gcc"));
        command.addAll(arguments);
        try {
            Files.createDirectories(FOLDER);
            Process process;
            try {
                process = new ProcessBuilder(command).redirectErrorStream(true).start();
            } catch (IOException e) {
                Assumptions.abort("skipped: there is no gcc to build the test delegate with (" + e.getMessage() + ")");
                return;
            }
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(60, TimeUnit.SECONDS) || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new AssertionError("gcc failed: " + said);
            }
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
