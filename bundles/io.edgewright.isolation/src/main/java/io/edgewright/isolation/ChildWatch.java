// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import io.edgewright.isolation.ProcessEnded.Ending;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches a child process: keeps its last words, looks at its memory, and tells how it ended; its folders are deleted then.
 * Thread-safe.
 */
final class ChildWatch {

    private static final Logger LOG = LoggerFactory.getLogger(ChildWatch.class);

    /** How often a running child's memory is looked at. */
    private static final Duration LOOK = Duration.ofMillis(50);

    private static final Duration LONGEST_LOOK = Duration.ofMillis(400);

    /** SIGHUP, SIGINT, SIGKILL, SIGTERM: no engine sends them. */
    private static final Set<Integer> FROM_OUTSIDE = Set.of(1, 2, 9, 15);

    private static final Duration LAST_WORDS = Duration.ofSeconds(2);
    private static final int KEPT = 16 * 1024;
    /** What a Java process begins its report of a crash with; before it stands what the engine said. */
    private static final String JVM_REPORT = "#\n# A fatal error";

    private static final Pattern SIGNAL = Pattern.compile("# +(SIG[A-Z]+|EXCEPTION_[A-Z_]+)");
    private static final Pattern RSS = Pattern.compile("VmRSS:\\s+(\\d+) kB");

    private final Process process;
    private final Folders.Pair folders;
    private final long memoryBytes;
    private final StringBuilder words = new StringBuilder(); // guarded by itself
    private final CompletableFuture<Void> listening = new CompletableFuture<>();
    private final AtomicReference<ProcessEnded> killed = new AtomicReference<>();
    private final CompletableFuture<ProcessEnded> end = new CompletableFuture<>();
    private volatile boolean started;

    ChildWatch(Process process, Folders.Pair folders, long memoryBytes) {
        this.process = process;
        this.folders = folders;
        this.memoryBytes = memoryBytes;
        Thread drain = thread(this::drain, "output");
        thread(() -> watch(drain), "watch");
    }

    boolean isAlive() {
        return !end.isDone() && process.isAlive();
    }

    long pid() {
        return process.pid();
    }

    /** {@return done once it can be connected to, or failed if it ends before} */
    CompletableFuture<Void> listening() {
        return listening;
    }

    /** Says that what goes wrong from here on is not this project's doing. */
    void started() {
        started = true;
    }

    void kill(Ending ending, String why) {
        killed.compareAndSet(null, new ProcessEnded(ending, why));
        process.destroyForcibly();
    }

    /** Ends it: by itself if it does so in time. */
    void close(Duration time) {
        killed.compareAndSet(null, new ProcessEnded(Ending.CLOSED, "it was closed"));
        try {
            if (!process.waitFor(time.toNanos(), TimeUnit.NANOSECONDS)) {
                LOG.warn("Process {} did not end by itself within {} s and is killed", pid(), time.toSeconds());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
        await(LAST_WORDS.multipliedBy(2));
    }

    /**
     * Waits for the end, and no longer than that: then it is killed. An interrupt of this thread is kept for later.
     *
     * @return how it ended
     */
    ProcessEnded await(Duration time) {
        boolean interrupted = false;
        long until = System.nanoTime() + time.toNanos();
        try {
            for (boolean patient = true; ; ) {
                try {
                    ProcessEnded known = end.get(until - System.nanoTime(), TimeUnit.NANOSECONDS);
                    return new ProcessEnded(known.ending(), known.detail());
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (TimeoutException e) {
                    if (!patient) {
                        return new ProcessEnded(Ending.BROKEN, "it was killed, but has not ended since");
                    }
                    patient = false;
                    kill(Ending.CRASHED, "it closed its connection");
                    until = System.nanoTime() + LAST_WORDS.multipliedBy(2).toNanos();
                } catch (ExecutionException e) {
                    throw new IllegalStateException("the watch of a process failed", e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private void drain() {
        byte[] chunk = new byte[4096];
        try (InputStream in = process.getInputStream()) {
            for (int n = in.read(chunk); n >= 0; n = in.read(chunk)) {
                String text = new String(chunk, 0, n, StandardCharsets.UTF_8);
                synchronized (words) {
                    words.append(text);
                    int marker = listening.isDone() ? -1 : words.indexOf(Wire.LISTENING);
                    if (marker >= 0) {
                        words.delete(marker, marker + Wire.LISTENING.length());
                        listening.complete(null);
                    }
                    words.delete(0, Math.max(0, words.length() - KEPT));
                }
            }
        } catch (IOException e) {
            LOG.debug("The output of process {} could not be read to its end: {}", pid(), e.toString());
        }
    }

    private void watch(Thread drain) {
        int exit = awaitExit();
        joined(drain, LAST_WORDS); // another process that it has started may hold its output open
        ProcessEnded ended = judge(exit, words());
        listening.completeExceptionally(ended);
        try {
            process.getOutputStream().close();
            folders.delete();
        } catch (IOException e) {
            LOG.warn("What process {} left behind could not be deleted: {}", pid(), e.toString());
        }
        end.complete(ended);
    }

    private int awaitExit() {
        long start = System.nanoTime();
        while (true) {
            try {
                // later on a look is worth less
                long age = System.nanoTime() - start;
                if (process.waitFor(
                        Math.min(LOOK.toNanos() + age / 50, LONGEST_LOOK.toNanos()), TimeUnit.NANOSECONDS)) {
                    return process.exitValue();
                }
            } catch (InterruptedException e) {
                LOG.debug("Nobody interrupts the watch of a process", e);
            }
            long resident = residentBytes(process.pid());
            if (resident > memoryBytes) {
                kill(
                        Ending.EXCEEDED,
                        "it took %d MiB of memory, allowed are %d MiB".formatted(resident >> 20, memoryBytes >> 20));
            }
        }
    }

    private ProcessEnded judge(int exit, String output) {
        ProcessEnded ended = killed.get();
        if (ended == null) {
            ended = judgeExit(exit, output);
        }
        boolean early = !started && ended.ending() != Ending.CLOSED;
        return early ? new ProcessEnded(Ending.BROKEN, ended.detail()) : ended;
    }

    private static ProcessEnded judgeExit(int exit, String output) {
        Matcher signal = SIGNAL.matcher(output);
        if (signal.find()) {
            String said = output.substring(0, Math.max(0, output.indexOf(JVM_REPORT)));
            String words = said.isBlank() ? "" : "; it said: " + tail(said.strip());
            return new ProcessEnded(Ending.CRASHED, "signal " + signal.group(1) + words);
        }
        String last = output.isBlank() ? "" : "; " + tail(output.strip());
        int number = exit - 128;
        if (FROM_OUTSIDE.contains(number)) {
            return new ProcessEnded(
                    Ending.KILLED, "signal " + number + " from outside, maybe for lack of memory" + last);
        }
        String how = "exit code " + exit + (number > 0 ? " (signal " + number + ")" : "");
        return new ProcessEnded(Ending.CRASHED, how + last);
    }

    private String words() {
        synchronized (words) {
            return words.toString();
        }
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

    private static void joined(Thread thread, Duration time) {
        try {
            thread.join(time.toMillis());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private Thread thread(Runnable work, String what) {
        var thread = new Thread(work, "edgewright-isolation-" + process.pid() + "-" + what);
        thread.setDaemon(true);
        thread.start();
        return thread;
    }
}
