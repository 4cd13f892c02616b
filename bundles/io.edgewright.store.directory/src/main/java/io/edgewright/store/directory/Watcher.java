// SPDX-License-Identifier: Apache-2.0
package io.edgewright.store.directory;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.FileSystems;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One thread that scans every so often, sooner when the system tells of a change, and soon again while files change. */
final class Watcher implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Watcher.class);

    /** How long a file must stay as it is before it is read. */
    private static final Duration SETTLE = Duration.ofMillis(500);

    /**
     * What a scan says.
     *
     * @param folders to watch until the next scan
     * @param settling true to scan again soon
     */
    record Result(Set<Path> folders, boolean settling) {

        Result {
            folders = Set.copyOf(folders);
        }
    }

    interface Scan {

        Result scan() throws IOException;
    }

    private final Duration poll;
    private final boolean watch;
    private final Scan scan;
    private final Thread thread;
    private final CountDownLatch stopped = new CountDownLatch(1);

    Watcher(String name, Duration poll, boolean watch, Scan scan) {
        this.poll = poll;
        this.watch = watch;
        this.scan = scan;
        this.thread = new Thread(this, name);
        this.thread.setDaemon(true);
    }

    void start() {
        thread.start();
    }

    void stop() {
        stopped.countDown();
        thread.interrupt();
        try {
            thread.join(10_000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void run() {
        try (WatchService service = watch ? open() : null) {
            Set<WatchKey> watched = Set.of();
            boolean over = false;
            while (!over) {
                Result result = scanOnce();
                Duration pause = result.settling() ? SETTLE : poll;
                if (service == null || result.settling()) {
                    over = stopped.await(pause.toMillis(), TimeUnit.MILLISECONDS);
                } else {
                    Set<WatchKey> before = watched;
                    watched = register(service, result.folders());
                    // what happened between the scan and a new watch is known to nobody: look again
                    over = before.containsAll(watched) ? await(service, pause) : stopped.getCount() == 0;
                }
            }
        } catch (InterruptedException e) {
            LOG.debug("{} ends", thread.getName());
        } catch (IOException e) {
            LOG.warn("{} could not close its watch: {}", thread.getName(), e.toString());
        }
    }

    private Result scanOnce() {
        try {
            return scan.scan();
        } catch (IOException e) {
            LOG.warn("{}: the folder cannot be read, trying again in {}: {}", thread.getName(), poll, e.toString());
            return new Result(Set.of(), false);
        } catch (RuntimeException e) {
            LOG.error("{}: a scan failed, trying again in {}", thread.getName(), poll, e); // the thread must go on
            return new Result(Set.of(), false);
        }
    }

    /** {@return true if it is over} */
    private boolean await(WatchService service, Duration pause) throws InterruptedException {
        for (WatchKey key = service.poll(pause.toMillis(), TimeUnit.MILLISECONDS); key != null; key = service.poll()) {
            key.pollEvents(); // what happened does not matter: the scan looks at everything
            key.reset();
        }
        return stopped.getCount() == 0;
    }

    private Set<WatchKey> register(WatchService service, Set<Path> folders) {
        Set<WatchKey> keys = new HashSet<>();
        for (Path folder : folders) {
            try {
                keys.add(folder.register(
                        service,
                        StandardWatchEventKinds.ENTRY_CREATE,
                        StandardWatchEventKinds.ENTRY_MODIFY,
                        StandardWatchEventKinds.ENTRY_DELETE));
            } catch (IOException | ClosedWatchServiceException e) {
                LOG.debug(
                        "{} is not watched, only looked at every {}", folder, poll, e); // it may be gone or come later
            }
        }
        return keys;
    }

    private static @Nullable WatchService open() {
        try {
            return FileSystems.getDefault().newWatchService();
        } catch (IOException | UnsupportedOperationException e) {
            LOG.warn("The system cannot watch folders, looking at them instead: {}", e.toString());
            return null;
        }
    }
}
