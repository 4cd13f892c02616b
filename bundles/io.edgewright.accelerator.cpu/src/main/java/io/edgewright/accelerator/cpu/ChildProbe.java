// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import io.edgewright.onnxruntime.OrtRuntime;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Tries a model in a Java process of its own, with bounded time and memory, and tells how that process ended. */
final class ChildProbe {

    /** How often a running child's memory is looked at. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private static final Pattern SIGNAL = Pattern.compile("# +(SIG[A-Z]+|EXCEPTION_[A-Z_]+)");
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final Path java;
    private final Path folder;

    /** How a child ended. */
    enum Ending {
        /** It outlived the model. */
        SURVIVED,
        /** The model killed it, and will do so again. */
        CRASHED,
        /** It was killed for taking too long or too much memory; that may depend on the moment. */
        EXCEEDED,
        /** It did not get as far as the model. */
        BROKEN
    }

    /**
     * An ending and what is to say about it.
     *
     * @param detail for people: a signal, a limit, the child's last words
     */
    record Outcome(Ending ending, String detail) {}

    /**
     * @param folder where each trial gets a folder of its own
     */
    ChildProbe(Path java, Path folder) {
        this.java = java;
        this.folder = folder.resolve(process());
    }

    /** Deletes what a killed process left behind in its trials. */
    static void deleteLeftovers(Path folder) throws IOException {
        if (Files.isDirectory(folder)) {
            try (Stream<Path> runs = Files.list(folder)) {
                for (Path run : runs.filter(r -> !r.endsWith(process())).toList()) {
                    delete(run);
                }
            }
        }
    }

    /** The number alone comes again after a restart, in a container even always. */
    private static String process() {
        ProcessHandle process = ProcessHandle.current();
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start;
    }

    /** {@return the Java launcher of this process, if it has one: a slimmed-down Java may lack it} */
    static Optional<Path> javaOfThisProcess() {
        Path java = Path.of(System.getProperty("java.home", "."), "bin", "java");
        return Files.isExecutable(java) ? Optional.of(java) : Optional.empty();
    }

    /**
     * Tries a model.
     *
     * @param model the file
     * @param limit the time for it
     * @param memoryBytes what the child may have resident
     * @throws IOException if the child could not be started
     * @throws InterruptedException if this thread was interrupted; the child is gone then
     */
    Outcome tryOut(Path model, Duration limit, long memoryBytes) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(Files.createDirectories(folder), "trial")
                .toAbsolutePath();
        try {
            String classPath = ProbeClassPath.build(work);
            Path report = work.resolve("report");
            Path output = work.resolve("output");
            var builder = new ProcessBuilder(command(classPath, model, report, limit))
                    .directory(work.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile());
            builder.environment().clear(); // no settings that would change the child, and no secrets to it
            builder.environment().put("PATH", "/usr/bin:/bin");
            builder.environment().put("ORT_DISABLE_TELEMETRY", "1");
            Process child = builder.start();
            try {
                child.getOutputStream().close();
                String exceeded = await(child, limit, memoryBytes);
                return exceeded.isEmpty()
                        ? judge(child.exitValue(), read(report), read(output))
                        : new Outcome(read(report).isEmpty() ? Ending.BROKEN : Ending.EXCEEDED, exceeded);
            } finally {
                child.destroyForcibly().waitFor();
            }
        } finally {
            delete(work);
        }
    }

    private List<String> command(String classPath, Path model, Path report, Duration limit) throws IOException {
        List<Path> libraries = OrtRuntime.loadedLibraries();
        return List.of(
                java.toString(),
                "-Xmx128m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-XX:-UsePerfData",
                "-XX:-CreateCoredumpOnCrash",
                "-XX:ErrorFile=crash.log",
                "-Donnxruntime.native.onnxruntime.path=" + libraries.get(0),
                "-Donnxruntime.native.onnxruntime4j_jni.path=" + libraries.get(1),
                "-Djava.io.tmpdir=.",
                "-cp",
                classPath,
                ProbeMain.class.getName(),
                model.toAbsolutePath().toString(),
                report.toString(),
                Long.toString(limit.toMillis() / 2));
    }

    /** {@return empty if the child ended by itself, else what it exceeded} */
    private static String await(Process child, Duration limit, long memoryBytes) throws InterruptedException {
        long end = System.nanoTime() + limit.toNanos();
        while (!child.waitFor(LOOK.toMillis(), TimeUnit.MILLISECONDS)) {
            if (System.nanoTime() - end > 0) {
                return "it was not done after " + limit.toSeconds() + " s";
            }
            long resident = residentBytes(child.pid());
            if (resident > memoryBytes) {
                return "it took %d MiB of memory, allowed are %d MiB".formatted(resident >> 20, memoryBytes >> 20);
            }
        }
        return "";
    }

    private static Outcome judge(int exit, String report, String output) {
        if (report.equals(ProbeMain.SURVIVED) && exit == 0) {
            return new Outcome(Ending.SURVIVED, "");
        }
        Matcher signal = SIGNAL.matcher(output);
        if (!report.isEmpty() && signal.find()) {
            return new Outcome(Ending.CRASHED, "signal " + signal.group(1));
        }
        String how = "exit code " + exit + (exit > 128 ? " (signal " + (exit - 128) + ")" : "");
        String last = output.isBlank() ? "no output" : tail(output.strip());
        // a Java error ends with a small exit code and would do no harm here
        return new Outcome(report.isEmpty() || exit < 128 ? Ending.BROKEN : Ending.CRASHED, how + "; " + last);
    }

    private static String tail(String text) {
        String flat = text.replaceAll("\\s+", " ");
        return flat.length() > 300 ? "..." + flat.substring(flat.length() - 300) : flat;
    }

    private static long residentBytes(long pid) {
        try {
            Matcher rss = RSS.matcher(Files.readString(Path.of("/proc/" + pid + "/status")));
            return rss.find() ? Long.parseLong(rss.group(1)) * 1024 : 0;
        } catch (IOException e) {
            return 0; // it has just ended, or the system does not tell
        }
    }

    private static String read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "";
        }
        byte[] bytes;
        try (var in = Files.newInputStream(file)) {
            bytes = in.readNBytes(64 * 1024);
        }
        return new String(bytes, StandardCharsets.UTF_8).strip();
    }

    private static void delete(Path work) throws IOException {
        try (Stream<Path> files = Files.walk(work)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
