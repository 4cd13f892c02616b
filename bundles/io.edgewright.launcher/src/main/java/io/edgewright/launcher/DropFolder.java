// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.wiring.FrameworkWiring;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Installs the jars of a folder as bundles, and follows the folder while the gateway runs: a driver dropped in works
 * within two seconds, a replaced one is updated, a removed one is uninstalled. A file counts when it has been the same for
 * one look at the folder, so that one that is still being copied is left alone.
 */
final class DropFolder implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(DropFolder.class);
    private static final String LOCATION = "drop:";
    private static final long LOOK_MILLIS = 1000;

    /** How a file looked, to see that it changed. */
    private record Look(long size, long modifiedMillis) {}

    private final BundleContext context;
    private final Path folder;
    private final ScheduledExecutorService looks;
    private @Nullable ScheduledFuture<?> following;
    private final Map<Path, Look> lastSeen = new HashMap<>();
    private final Map<Path, Look> handled = new HashMap<>();
    private String trouble = ""; // of the last look

    DropFolder(BundleContext context, Path folder) throws IOException {
        this.context = context;
        this.folder = Files.createDirectories(folder);
        this.looks = Executors.newSingleThreadScheduledExecutor(task -> {
            var thread = new Thread(task, "edgewright-drop-folder");
            thread.setDaemon(true);
            return thread;
        });
    }

    /** Installs what is there now and follows the folder from now on. */
    void start() throws IOException {
        lastSeen.putAll(look());
        follow();
        following = looks.scheduleWithFixedDelay(this::follow, LOOK_MILLIS, LOOK_MILLIS, TimeUnit.MILLISECONDS);
    }

    @Override
    public void close() {
        if (following != null) {
            following.cancel(false);
        }
        looks.shutdownNow();
    }

    /** Looks once. Never throws: a failure would end the schedule. */
    void follow() {
        try {
            Map<Path, Look> now = look();
            trouble = "";
            List<Bundle> refresh = new ArrayList<>();
            for (Path file : List.copyOf(handled.keySet())) {
                if (!now.containsKey(file)) {
                    uninstall(file, refresh);
                }
            }
            now.forEach((file, look) -> {
                if (look.equals(lastSeen.get(file)) && !look.equals(handled.get(file))) {
                    handled.put(file, look);
                    installOrUpdate(file, refresh);
                }
            });
            boolean changed = !refresh.isEmpty();
            lastSeen.clear();
            lastSeen.putAll(now);
            if (changed) {
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION)
                        .adapt(FrameworkWiring.class)
                        .refreshBundles(refresh, event -> startAll());
            }
        } catch (IOException | UncheckedIOException e) {
            if (!trouble.equals(e.toString())) { // once: each second again would drive all else out of the log
                LOG.warn("Cannot look into {}: {}", folder, e.toString());
            }
            trouble = e.toString();
        } catch (IllegalStateException e) {
            LOG.debug("The framework stops", e);
        }
    }

    private Map<Path, Look> look() throws IOException {
        Map<Path, Look> found = new TreeMap<>();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.filter(f -> f.getFileName().toString().endsWith(".jar"))
                    .toList()) {
                var attributes = Files.readAttributes(file, BasicFileAttributes.class);
                if (attributes.isRegularFile()) {
                    found.put(
                            file,
                            new Look(
                                    attributes.size(),
                                    attributes.lastModifiedTime().toMillis()));
                }
            }
        }
        return found;
    }

    private void installOrUpdate(Path file, List<Bundle> refresh) {
        Bundle bundle = context.getBundle(LOCATION + file.getFileName());
        try (InputStream content = Files.newInputStream(file)) {
            if (bundle == null) {
                bundle = context.installBundle(LOCATION + file.getFileName(), content);
                LOG.info("Installed {} {} from {}", bundle.getSymbolicName(), bundle.getVersion(), file);
            } else {
                bundle.update(content);
                LOG.info("Updated {} to {} from {}", bundle.getSymbolicName(), bundle.getVersion(), file);
            }
            refresh.add(bundle);
        } catch (IOException | BundleException e) {
            LOG.error("{} was not installed, replace it by one that is a bundle: {}", file, e.getMessage());
        }
    }

    private void uninstall(Path file, List<Bundle> refresh) {
        handled.remove(file);
        Bundle bundle = context.getBundle(LOCATION + file.getFileName());
        if (bundle == null) {
            return;
        }
        try {
            bundle.uninstall();
            refresh.add(bundle);
            LOG.info("Uninstalled {}, its file is gone", bundle.getSymbolicName());
        } catch (BundleException e) {
            LOG.error("{} was not uninstalled: {}", bundle.getSymbolicName(), e.getMessage());
        }
    }

    /** Those that lacked something before may find it now. */
    private void startAll() {
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            boolean idle = (bundle.getState() & (Bundle.INSTALLED | Bundle.RESOLVED)) != 0;
            if (bundle.getLocation().startsWith(LOCATION) && idle && !fragment) {
                try {
                    bundle.start();
                } catch (BundleException e) {
                    LOG.error("{} does not start: {}", bundle.getSymbolicName(), e.getMessage());
                }
            }
        }
    }
}
