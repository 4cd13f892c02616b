// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** The home of a gateway that lives as long as one command. */
final class TemporaryHome implements AutoCloseable {

    private static final Duration PAUSE = Duration.ofMillis(20);

    private final Path folder;
    private final PrintStream err;
    private final Duration patience;

    /**
     * Makes the folder.
     *
     * @param err told if it cannot be deleted
     * @param patience how long its deletion is tried again
     */
    TemporaryHome(PrintStream err, Duration patience) throws IOException {
        this.folder = Files.createTempDirectory("edgewright-");
        this.err = err;
        this.patience = patience;
    }

    Path folder() {
        return folder;
    }

    /** Deletes it. What ends late may write there for a moment longer; the command has not failed if the folder stays. */
    @Override
    public void close() {
        boolean interrupted = Thread.interrupted(); // this must not be cut short
        long end = System.nanoTime() + patience.toNanos();
        String failure = delete();
        while (!failure.isEmpty() && System.nanoTime() - end < 0) {
            LockSupport.parkNanos(PAUSE.toNanos());
            interrupted |= Thread.interrupted();
            failure = delete();
        }
        if (!failure.isEmpty()) {
            err.println("edgewright: the temporary folder " + folder + " could not be deleted: " + failure);
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return why it is still there; empty if it is gone} */
    private String delete() {
        try {
            Folders.delete(folder);
            return "";
        } catch (IOException | UncheckedIOException e) { // a file came, or went, meanwhile
            return e.toString();
        }
    }
}
