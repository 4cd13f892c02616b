// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.TestModels;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commands that are ended by SIGTERM end in order, and those over a home of their own leave nothing behind. */
class CommandSignalIT {

    private static final Duration LIMIT = Duration.ofSeconds(120);

    @TempDir
    Path folder;

    @Test
    void optimizeEndedWhileItWorks() throws Exception {
        Path model = folder.resolve("model.onnx");
        Files.write(model, TestModels.perceptron(1, 1, 2000, 2000, 2000));
        endsCleanly( // later steps may be over before they are told
                "[  0 %]", 130, "optimize", model.toString(), "--passes", "graph", "--calibration", samples(2000));
    }

    @Test
    void demoEndedWhileItCounts() throws Exception {
        endsCleanly("frames", 0, "demo", "--port", "0");
    }

    @Test
    void demoEndedWhileItStarts() throws Exception {
        endsCleanly("Local model store in", 130, "demo", "--port", "0", "--verbose");
    }

    @Test
    void aGatewayEndedWhileItStartsStopsInOrder() throws Exception {
        String home = folder.resolve("home").toString();
        String said = endsCleanly("starts with home", 0, "start", "--port", "0", "--home", home);
        assertThat(said).contains("Stopped");
    }

    /** Ends the command once it has said this word, and expects its exit code. */
    private String endsCleanly(String word, int code, String... command) throws Exception {
        Path temporary = Files.createDirectory(folder.resolve("tmp"));
        Path log = folder.resolve("command.log");
        Process process = start(temporary, log.toFile(), command);
        try {
            awaitWord(process, log, word);
            process.destroy();
            assertThat(process.waitFor(LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }
        String said = Files.readString(log);
        assertThat(process.exitValue()).as(said).isEqualTo(code);
        assertThat(said).doesNotContain("Exception", "\tat ", "could not be deleted");
        assertThat(temporary).isEmptyDirectory();
        return said;
    }

    private static Process start(Path temporary, File log, String... command) throws IOException {
        List<String> words = new ArrayList<>();
        words.add(Path.of(System.getProperty("edgewright.gateway"), "bin", "edgewright")
                .toString());
        words.addAll(Arrays.asList(command));
        var builder = new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log);
        builder.environment().put("EDGEWRIGHT_NO_ARCHIVE", "1");
        builder.environment().put("EDGEWRIGHT_JAVA_OPTS", "-Djava.io.tmpdir=" + temporary);
        return builder.start();
    }

    private static void awaitWord(Process process, Path log, String word) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!Files.readString(log).contains(word)) {
            assertThat(process.isAlive() && System.nanoTime() - end < 0)
                    .as("'%s' was expected, found: %s", word, Files.readString(log))
                    .isTrue();
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
        }
    }

    /** {@return a folder with one sample [1, length] of zeros as NumPy writes it (format 1.0)} */
    private String samples(int length) throws IOException {
        String header = "{'descr': '<f4', 'fortran_order': False, 'shape': (1, %d), }".formatted(length);
        byte[] start = ("\u0093NUMPY\u0001\u0000" + (char) 118 + "\u0000" + header + " ".repeat(117 - header.length())
                        + "\n")
                .getBytes(StandardCharsets.ISO_8859_1);
        Path samples = Files.createDirectory(folder.resolve("samples"));
        Files.write(samples.resolve("zeros.npy"), Arrays.copyOf(start, start.length + length * Float.BYTES));
        return samples.toString();
    }
}
