// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.event.Level;

final class LogOutputTest {

    @TempDir
    Path dir;

    private final ByteArrayOutputStream screen = new ByteArrayOutputStream();
    private final LogOutput output = new LogOutput(new PrintStream(screen, true, StandardCharsets.UTF_8));

    @Test
    void rotatesBySizeAndKeepsTheLastFour() throws IOException {
        Path file = dir.resolve("log/edgewright.log");
        output.openFile(file, 300);
        for (int i = 0; i < 40; i++) {
            output.write(Level.INFO, "io.edgewright.x", "line " + i, null);
        }
        output.closeFile();

        try (var files = Files.list(dir.resolve("log"))) {
            assertThat(files.map(f -> f.getFileName().toString()))
                    .containsExactlyInAnyOrder(
                            "edgewright.log",
                            "edgewright.log.1",
                            "edgewright.log.2",
                            "edgewright.log.3",
                            "edgewright.log.4");
        }
        assertThat(file).content().contains("line 39");
        assertThat(Files.size(file)).isLessThanOrEqualTo(300);
        assertThat(dir.resolve("log/edgewright.log.1")).content().doesNotContain("line 39");
    }

    @Test
    void goesOnWhenWhatKeptItFromRotatingIsOver() throws IOException {
        Path file = dir.resolve("c.log");
        Path obstacle = Files.createDirectories(dir.resolve("c.log.4/in the way"));
        output.openFile(file, 100);
        for (int i = 0; i < 20; i++) {
            output.write(Level.INFO, "io.edgewright.x", "line " + i, null);
        }
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("cannot write the log file " + file);

        Files.delete(obstacle);
        output.write(Level.INFO, "io.edgewright.x", "afterwards", null);
        output.closeFile();

        assertThat(file).content().contains("afterwards");
    }

    @Test
    void keepsTheOldOnesWhileTheDiskIsFull() throws IOException {
        Path old = Files.writeString(dir.resolve("d.log.1"), "how it began");
        Path file = Files.createSymbolicLink(dir.resolve("d.log"), Path.of("/dev/full"));
        output.openFile(file, 300);
        for (int i = 0; i < 40; i++) {
            output.write(Level.INFO, "io.edgewright.x", "line " + i, null);
        }
        output.closeFile();

        assertThat(old).hasContent("how it began");
        assertThat(screen.toString(StandardCharsets.UTF_8)).contains("cannot write the log file " + file);
    }

    @Test
    void appendsToTheFileOfTheLastStart() throws IOException {
        Path file = Files.writeString(dir.resolve("a.log"), "before\n");
        output.openFile(file, 10_000);
        output.write(Level.WARN, "io.edgewright.x", "after", new IOException("disk"));
        output.closeFile();

        assertThat(file).content().startsWith("before\n").contains("WARN", "after", "java.io.IOException: disk");
    }

    @Test
    void goesOnAfterAnInterruptedThreadHasLogged() throws IOException {
        Path file = dir.resolve("b.log");
        output.openFile(file, 10_000);
        Thread.currentThread().interrupt();
        output.write(Level.INFO, "io.edgewright.x", "while interrupted", null);
        boolean stillInterrupted = Thread.interrupted();
        output.write(Level.INFO, "io.edgewright.x", "afterwards", null);
        output.closeFile();

        assertThat(stillInterrupted).isTrue();
        assertThat(file).content().contains("while interrupted", "afterwards");
    }

    @Test
    void letsLibrariesSayLessThanUs() {
        output.setLevel(Level.INFO);
        assertThat(output.isEnabled(Level.INFO, "io.edgewright.runtime.X")).isTrue();
        assertThat(output.isEnabled(Level.INFO, "org.eclipse.jetty.server.Server"))
                .isFalse();
        assertThat(output.isEnabled(Level.WARN, "org.eclipse.jetty.server.Server"))
                .isTrue();
        assertThat(output.isEnabled(Level.DEBUG, "io.edgewright.runtime.X")).isFalse();
    }

    @Test
    void letsNoMessageForgeALine() {
        output.write(Level.INFO, "io.edgewright.x", "bad\r\n2026-01-01 ERROR \u001b[2Jforged", null);

        assertThat(screen.toString(StandardCharsets.UTF_8))
                .contains("bad?\n    2026-01-01 ERROR ?[2Jforged")
                .doesNotContain("\u001b");
    }

    @Test
    void letsNoExceptionForgeALineEither() {
        output.write(
                Level.WARN, "io.edgewright.x", "it failed", new IOException("no\r\n2026-01-01 ERROR \u001b[2Jforged"));
        output.write(Level.INFO, "io.edgewright.x", "next", null);
        assertThat(screen.toString(StandardCharsets.UTF_8))
                .contains("no?\n    2026-01-01 ERROR ?[2Jforged")
                .doesNotContain("\n2026-01-01", "\u001b")
                .contains("\n    \tat ")
                .containsPattern("\n[0-9][^\n]+next");
    }

    @Test
    void formatsWhatSlf4jAndTheLogServiceHandOver() {
        var logger = new LineLogger("io.edgewright.x", output);

        logger.warn("{} of {} failed", 1, 2, new IllegalStateException("why"));

        assertThat(screen.toString(StandardCharsets.UTF_8))
                .contains("WARN", "io.edgewright.x - 1 of 2 failed", "IllegalStateException: why");
    }
}
