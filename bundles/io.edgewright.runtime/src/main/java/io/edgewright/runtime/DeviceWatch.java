// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.io.IOException;
import java.nio.file.ClosedWatchServiceException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Watches the folders of device nodes, such as {@code /dev/dri}, and tells when nodes came or went; those that follow each
 * other closely are told once. Folders that come later are watched from then on. One thread of its own.
 */
final class DeviceWatch implements Runnable, AutoCloseable {

    /** Below {@code /dev}: GPUs, accelerators, and USB devices, which are in a folder for each bus. */
    private static final List<String> FOLDERS = List.of("", "dri", "accel", "bus", "bus/usb");

    private static final String BUSES = "bus/usb";
    private static final Logger LOG = LoggerFactory.getLogger(DeviceWatch.class);

    private final Path root;
    private final Duration quiet;
    private final Runnable changed;
    private final @Nullable WatchService service;
    private final Thread thread;

    /**
     * @param root usually {@code /dev}
     * @param quiet for how long nothing must have changed before it is told
     * @param changed told on this watch's thread
     */
    DeviceWatch(Path root, Duration quiet, Runnable changed) {
        this.root = root;
        this.quiet = quiet;
        this.changed = changed;
        this.service = open(root);
        this.thread = new Thread(this, "edgewright-device-watch");
        thread.setDaemon(true);
    }

    void start() {
        watchFolders();
        thread.start();
    }

    @Override
    public void run() {
        WatchService from = service;
        try {
            while (from != null) {
                drain(from.take());
                for (WatchKey key = next(from); key != null; key = next(from)) {
                    drain(key);
                }
                watchFolders();
                LOG.debug("device nodes below {} have changed", root);
                changed.run();
            }
        } catch (ClosedWatchServiceException e) {
            LOG.debug("{} is watched no longer", root);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Override
    public void close() {
        WatchService open = service;
        if (open != null) {
            try {
                open.close();
            } catch (IOException e) {
                LOG.warn("the watch of {} could not be closed: {}", root, e.toString());
            }
        }
    }

    private @Nullable WatchKey next(WatchService from) throws InterruptedException {
        return from.poll(quiet.toNanos(), TimeUnit.NANOSECONDS);
    }

    private static void drain(WatchKey key) {
        key.pollEvents();
        key.reset(); // false once its folder is gone, which its parent tells as well
    }

    private void watchFolders() {
        for (String folder : FOLDERS) {
            watch(root.resolve(folder));
        }
        Path buses = root.resolve(BUSES);
        if (Files.isDirectory(buses)) {
            try (DirectoryStream<Path> each = Files.newDirectoryStream(buses)) {
                each.forEach(this::watch);
            } catch (IOException e) {
                LOG.debug("{} cannot be read: {}", buses, e.toString());
            }
        }
    }

    /** Watching what is watched already changes nothing. */
    private void watch(Path folder) {
        WatchService to = service;
        if (to != null && Files.isDirectory(folder)) {
            try {
                folder.register(to, StandardWatchEventKinds.ENTRY_CREATE, StandardWatchEventKinds.ENTRY_DELETE);
            } catch (IOException e) {
                LOG.info(
                        "{} cannot be watched, so its devices are found by the periodic rescan only: {}",
                        folder,
                        e.toString());
            }
        }
    }

    private static @Nullable WatchService open(Path root) {
        if (!Files.isDirectory(root)) {
            return null;
        }
        try {
            return FileSystems.getDefault().newWatchService();
        } catch (IOException e) {
            LOG.info("{} cannot be watched, so devices are found by the periodic rescan only: {}", root, e.toString());
            return null;
        }
    }
}
