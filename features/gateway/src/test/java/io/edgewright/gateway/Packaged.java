// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** The gateway as it was packaged, run as a user runs it. */
final class Packaged {

    static final Path FOLDER =
            Path.of(System.getProperty("edgewright.gateway", "target/gateway")).toAbsolutePath();

    /** The script that starts it. */
    static final String PROGRAM = FOLDER.resolve("bin/edgewright").toString();

    private static final long LIMIT_SECONDS = 180;

    /**
     * How a command ended.
     *
     * @param code its exit code
     * @param out standard output
     * @param err standard error
     */
    record Ended(int code, String out, String err) {}

    private Packaged() {}

    static Process begin(Path out, Path err, String... words) throws IOException {
        return begin(Map.of(), out, err, command(words));
    }

    private static List<String> command(String... words) {
        List<String> command = new ArrayList<>(List.of(PROGRAM));
        command.addAll(List.of(words));
        return command;
    }

    private static Process begin(Map<String, String> environment, Path out, Path err, List<String> command)
            throws IOException {
        var builder = new ProcessBuilder(command)
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectOutput(out.toFile())
                .redirectError(err.toFile());
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("EDGEWRIGHT_NO_ARCHIVE", "1");
        builder.environment().putAll(environment);
        return builder.start();
    }

    /** Runs a command to its end. */
    static Ended run(String... words) throws IOException, InterruptedException {
        return run(Map.of(), command(words));
    }

    /** Runs a command that calls {@link #PROGRAM}, with more environment variables, to its end. */
    static Ended run(Map<String, String> environment, List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("edgewright", ".out");
        Path err = Files.createTempFile("edgewright", ".err");
        try {
            Process process = begin(environment, out, err, command);
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(String.join(" ", command) + " did not end within " + LIMIT_SECONDS + " s: "
                        + Files.readString(err));
            }
            return new Ended(
                    process.exitValue(),
                    Files.readString(out, StandardCharsets.UTF_8),
                    Files.readString(err, StandardCharsets.UTF_8));
        } finally {
            Files.delete(out);
            Files.delete(err);
        }
    }
}
