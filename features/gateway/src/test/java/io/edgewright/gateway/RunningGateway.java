// SPDX-License-Identifier: Apache-2.0
package io.edgewright.gateway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A gateway that runs in a process of its own until it is closed. */
final class RunningGateway implements AutoCloseable {

    private static final Duration LIMIT = Duration.ofSeconds(120);

    private final Path home;
    private final Path log;
    private final Process process;

    private RunningGateway(Path home, Path log, Process process) {
        this.home = home;
        this.log = log;
        this.process = process;
    }

    static RunningGateway start(Path home, String... options) throws IOException {
        Files.createDirectories(home);
        Path log = home.resolveSibling(home.getFileName() + ".log");
        List<String> words = new ArrayList<>(List.of("start", "--home", home.toString(), "--port", "0"));
        words.addAll(List.of(options));
        Process process =
                Packaged.begin(home.resolveSibling(home.getFileName() + ".out"), log, words.toArray(new String[0]));
        return new RunningGateway(home, log, process);
    }

    Path home() {
        return home;
    }

    String log() throws IOException {
        return Files.readString(log);
    }

    /** Waits until the log says something. */
    void awaitLog(String text) throws IOException {
        long end = System.nanoTime() + LIMIT.toNanos();
        while (!log().contains(text)) {
            if (!process.isAlive() || System.nanoTime() > end) {
                throw new AssertionError("expected '" + text + "' in the log, found:\n" + log());
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }

    /** Ends it as a service manager does, and tells the exit code. */
    int terminate() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
            throw new AssertionError("the gateway did not stop within 30 s of SIGTERM");
        }
        return process.exitValue();
    }

    void kill() throws InterruptedException {
        process.destroyForcibly();
        process.waitFor(30, TimeUnit.SECONDS);
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
