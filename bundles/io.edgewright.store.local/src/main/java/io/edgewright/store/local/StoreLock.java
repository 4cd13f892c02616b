// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.local;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second process, or a second store of this one, out of a folder. The system frees the lock when a process dies.
 * The holder's name is in a file of its own: closing any other channel to a locked file would free the lock (POSIX).
 */
final class StoreLock implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(StoreLock.class);

    private final FileChannel channel;
    private final Path holder;

    private StoreLock(FileChannel channel, Path holder) {
        this.channel = channel;
        this.holder = holder;
    }

    static StoreLock take(Path folder) throws IOException {
        Files.createDirectories(folder);
        Path holder = folder.resolve(".lock-holder");
        String known = read(holder);
        if (known.equals(process())) {
            throw inUse(folder, "this process, by another store");
        }
        FileChannel channel =
                FileChannel.open(folder.resolve(".lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        try {
            if (channel.tryLock() == null) {
                channel.close();
                throw inUse(folder, "process " + known);
            }
        } catch (OverlappingFileLockException e) {
            throw new IOException(
                    inUse(folder, "this process, by another store").getMessage(), e);
        }
        try {
            Files.writeString(holder, process());
        } catch (IOException e) {
            // a full disk must not keep the store from starting: only there models can be removed from it
            LOG.warn("Could not write {}, which names the process that holds the lock: {}", holder, e.toString());
        }
        return new StoreLock(channel, holder);
    }

    private static String read(Path holder) {
        try {
            return Files.exists(holder)
                    ? Files.readString(holder, StandardCharsets.UTF_8).strip()
                    : "unknown";
        } catch (IOException e) {
            LOG.warn("Could not read {}, which is written anew: {}", holder, e.toString());
            return "unknown"; // it only names who holds the lock
        }
    }

    @Override
    public void close() throws IOException {
        if (channel.isOpen()) {
            try {
                Files.deleteIfExists(holder);
            } finally {
                channel.close();
            }
        }
    }

    /** {@return this process; a number alone comes again after a restart, in a container even always} */
    static String process() {
        ProcessHandle process = ProcessHandle.current();
        long start = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + start;
    }

    private static IOException inUse(Path folder, String holder) {
        return new IOException(
                "the models in '" + folder + "' are in use by " + holder + ": stop it, or give this one another home");
    }
}
