// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Keeps two gateways off one home. The operating system frees it, however the process ends. */
final class InstanceLock implements AutoCloseable {

    private final FileChannel channel;

    private InstanceLock(FileChannel channel) {
        this.channel = channel;
    }

    /** {@return the file that is locked} */
    static Path file(Path home) {
        return home.resolve("run").resolve("lock");
    }

    static InstanceLock take(Path home) throws IOException, CommandException {
        Path file = file(home);
        Files.createDirectories(file.resolveSibling(""));
        FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        FileLock lock = null;
        try {
            lock = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            // held within this process: told below like any other holder
        } catch (IOException e) {
            channel.close();
            throw new CommandException(
                    Exit.FAILED,
                    "%s cannot be locked, which keeps two gateways off one home: %s; expected a file system with locks, choose another --home"
                            .formatted(file, e.getMessage()),
                    e);
        }
        if (lock == null) {
            channel.close();
            String holder = GatewayFile.read(home)
                    .map(g -> " (process " + g.pid() + ", " + g.url() + ")")
                    .orElse("");
            throw new CommandException(
                    Exit.HOME_IN_USE,
                    "another gateway runs on " + home + holder + "; stop it, or give this one its own --home",
                    null);
        }
        return new InstanceLock(channel);
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
