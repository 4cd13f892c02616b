// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher.log;

import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.LocalDateTime;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Writes log lines to standard error, and to a file that is rotated by size. Thread-safe. */
public final class LogOutput {

    /** The process has one: SLF4J finds its backend by itself and hands nothing over. */
    static final LogOutput PROCESS = new LogOutput(System.err);

    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern("uuuu-MM-dd HH:mm:ss.SSS");
    private static final int OLD_FILES = 4;

    private final PrintStream screen;
    private volatile Level level = Level.WARN;
    private volatile boolean onScreen = true;
    private @Nullable Path file;
    private @Nullable OutputStream stream; // no channel: an interrupted thread that logs would close it
    private long size;
    private long limit;

    LogOutput(PrintStream screen) {
        this.screen = screen;
    }

    /** {@return the one of this process} */
    public static LogOutput ofProcess() {
        return PROCESS;
    }

    /**
     * Sets the least level that is written. Libraries below us ({@code org.} and {@code com.}) tell one level less.
     *
     * @param least the level
     */
    public void setLevel(Level least) {
        level = least;
    }

    /**
     * Switches standard error off, as while a command redraws its own line.
     *
     * @param shown false: only to the file
     */
    public void setOnScreen(boolean shown) {
        onScreen = shown;
    }

    /**
     * Opens a log file and appends to it.
     *
     * @param target the file; older ones are named {@code .1} (the newest) to {@code .4}
     * @param limitBytes the size at which it is rotated
     * @throws IOException if it cannot be opened
     */
    public synchronized void openFile(Path target, long limitBytes) throws IOException {
        closeFile();
        file = target;
        limit = limitBytes;
        stream = open(target);
    }

    /**
     * Closes the log file, if there is one.
     *
     * @throws IOException if what was written could not be kept
     */
    public synchronized void closeFile() throws IOException {
        file = null;
        closeStream();
    }

    boolean isEnabled(Level wanted, String logger) {
        boolean ours = logger.startsWith("io.edgewright.");
        Level least = ours || level.toInt() >= Level.WARN.toInt() ? level : Level.WARN;
        return wanted.toInt() >= least.toInt();
    }

    void write(Level at, String logger, String message, @Nullable Throwable failure) {
        String line = "%s %-5s [%s] %s - %s%n"
                .formatted(
                        TIME.format(LocalDateTime.now()),
                        at,
                        Thread.currentThread().getName(),
                        logger,
                        printable(message));
        if (failure != null) {
            var trace = new StringWriter();
            failure.printStackTrace(new PrintWriter(trace));
            line += printable(trace.toString().stripTrailing()) + System.lineSeparator();
        }
        if (onScreen) {
            screen.print(line);
        }
        append(line);
    }

    /** A message may hold what a stranger sent: it must not forge lines or move the cursor. */
    private static String printable(String message) {
        for (int i = 0; i < message.length(); i++) {
            char c = message.charAt(i);
            if (c < ' ' && c != '\t' && c != '\n' || c == '\u007f') {
                return message.replaceAll("[\\x00-\\x08\\x0b-\\x1f\\x7f]", "?").replace("\n", "\n    ");
            }
        }
        return message.replace("\n", "\n    ");
    }

    private synchronized void append(String line) {
        Path current = file;
        if (current == null) {
            return;
        }
        try {
            byte[] bytes = line.getBytes(StandardCharsets.UTF_8);
            if (size > 0 && size + bytes.length > limit) {
                rotate(current);
            }
            OutputStream to = stream == null ? open(current) : stream; // it could not be opened at the last rotation
            stream = to;
            to.write(bytes);
            size += bytes.length; // only what is there: lines for which there is no room must not rotate old ones away
        } catch (IOException e) {
            // there is nowhere else to tell it, and a full disk must not stop the gateway
            screen.println("cannot write the log file " + current + ": " + e);
        }
    }

    private void rotate(Path current) throws IOException {
        closeStream();
        for (int i = OLD_FILES; i > 0; i--) {
            Path from = i == 1 ? current : current.resolveSibling(current.getFileName() + "." + (i - 1));
            if (Files.exists(from)) {
                Files.move(
                        from,
                        current.resolveSibling(current.getFileName() + "." + i),
                        StandardCopyOption.REPLACE_EXISTING);
            }
        }
    }

    private OutputStream open(Path target) throws IOException {
        Path folder = target.toAbsolutePath().getParent();
        if (folder != null) {
            Files.createDirectories(folder);
        }
        var opened = new FileOutputStream(target.toFile(), true);
        size = Files.size(target);
        return opened;
    }

    private void closeStream() throws IOException {
        OutputStream open = stream;
        stream = null;
        if (open != null) {
            open.close();
        }
    }
}
