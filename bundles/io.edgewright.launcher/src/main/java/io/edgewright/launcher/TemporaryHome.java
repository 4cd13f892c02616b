// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.UserPrincipal;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.locks.LockSupport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The home of a gateway that lives as long as one command. One whose process was killed is deleted by a later command. */
final class TemporaryHome implements AutoCloseable {

    private static final String PREFIX = "edgewright-";
    private static final Duration PAUSE = Duration.ofMillis(20);

    /** A younger one may just be made: its process has not locked it yet. */
    private static final Duration YOUNG = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(TemporaryHome.class);

    private final Path folder;
    private final InstanceLock lock;
    private final UserPrincipal owner;
    private final PrintStream err;
    private final Duration patience;

    /**
     * Makes the folder, and holds it as long as this is open.
     *
     * @param parent where, such as the system's folder for temporary files
     * @param err told if it cannot be deleted
     * @param patience how long its deletion is tried again
     */
    TemporaryHome(Path parent, PrintStream err, Duration patience) throws IOException, CommandException {
        this.folder = Files.createTempDirectory(parent, PREFIX);
        this.lock = InstanceLock.take(folder);
        this.owner = owner(folder);
        this.err = err;
        this.patience = patience;
    }

    Path folder() {
        return folder;
    }

    /** {@return the system's folder for temporary files} */
    static Path place() {
        return Path.of(System.getProperty("java.io.tmpdir"));
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
        try {
            lock.close();
            deleteLeftovers();
        } catch (IOException | DirectoryIteratorException e) { // the command has not failed
            LOG.debug("What killed commands left in {} stays there", folder.getParent(), e);
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

    private void deleteLeftovers() throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(folder.resolveSibling(""), PREFIX + "*")) {
            for (Path other : folders) {
                deleteLeftover(other);
            }
        }
    }

    @SuppressWarnings("try") // the lock is held, not used
    private void deleteLeftover(Path other) {
        try {
            if (isLeftover(other)) {
                try (InstanceLock ignored = InstanceLock.take(other)) {
                    Folders.delete(other);
                }
            }
        } catch (IOException | UncheckedIOException | CommandException e) { // gone meanwhile, or in use
            LOG.debug("{} stays", other, e);
        }
    }

    /** Everybody may write where it lies: nothing is followed, and nobody else's is touched. */
    private boolean isLeftover(Path other) throws IOException {
        Instant modified =
                Files.getLastModifiedTime(other, LinkOption.NOFOLLOW_LINKS).toInstant();
        return Files.isDirectory(other, LinkOption.NOFOLLOW_LINKS)
                && owner.equals(owner(other))
                && modified.isBefore(Instant.now().minus(YOUNG))
                && Files.isRegularFile(InstanceLock.file(other), LinkOption.NOFOLLOW_LINKS);
    }

    private static UserPrincipal owner(Path folder) throws IOException {
        return Files.getOwner(folder, LinkOption.NOFOLLOW_LINKS);
    }
}
