// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The framework's storage, which is a cache and made anew at each start. The one before is put aside and deleted when the
 * start is over, as deleting takes longer than all else that is done with files then. A gateway that does not live that long
 * leaves one behind; when there are several, the next start deletes them first.
 */
final class Storage {

    private static final String NAME = "felix-cache";
    private static final String OLD = NAME + "-";

    /** So many may be left of gateways that ended at once. */
    private static final int MOST_OLD = 3;

    /** By then what starts has written its files: they would wait for the deletions on the same disk. */
    private static final Duration CLEAN_UP_DELAY = Duration.ofSeconds(10);

    private static final Logger LOG = LoggerFactory.getLogger(Storage.class);

    private final Path run;

    /**
     * Changes nothing yet.
     *
     * @param run the folder in which it lies
     */
    Storage(Path run) {
        this.run = run;
    }

    /** {@return where the new one is to be made: nothing is there, if that could be had} */
    Path renew() {
        if (old().size() >= MOST_OLD) {
            deleteOld();
        }
        Path storage = run.resolve(NAME);
        try {
            Files.move(storage, run.resolve(OLD + System.currentTimeMillis()));
        } catch (IOException e) {
            LOG.debug("The framework deletes its storage itself, if there is one", e);
        }
        return storage;
    }

    /** Deletes the one before after a while, on another thread. */
    void deleteOldLater() {
        CompletableFuture.delayedExecutor(CLEAN_UP_DELAY.toSeconds(), TimeUnit.SECONDS)
                .execute(this::deleteOld);
    }

    private void deleteOld() {
        for (Path folder : old()) {
            try {
                Folders.delete(folder);
            } catch (IOException e) {
                LOG.warn("Cannot delete the framework's old storage {}; it can be deleted by hand", folder, e);
            }
        }
    }

    private List<Path> old() {
        List<Path> old = new ArrayList<>();
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(run, OLD + "*")) {
            folders.forEach(old::add);
        } catch (IOException | DirectoryIteratorException e) {
            LOG.debug("No old storage is known in {}", run, e); // the first start, or a command's home that is gone
        }
        return old;
    }
}
