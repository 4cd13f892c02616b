// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.event.Event;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments.Device;
import io.edgewright.api.inference.Deployments.IdleDriver;
import io.edgewright.api.inference.InferenceTap;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.optimize.Optimizer;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** All deployments, and what they share. Thread-safe. */
final class Core implements Watchdog.Listener {

    private static final Logger LOG = LoggerFactory.getLogger(Core.class);
    private static final Duration LEAVE = Duration.ofSeconds(3);
    private static final Duration QUIET = Duration.ofMillis(500);
    private static final Duration RESCAN = Duration.ofSeconds(10);

    private final RuntimeThreads threads;
    private final Watchdog watchdog;
    private final DeviceWatch nodes = new DeviceWatch(Path.of("/dev"), QUIET, this::rescanSoon);
    private final Services services;
    private final NativeHeap heap = new NativeHeap();
    private final Map<String, List<Entry>> entries = new LinkedHashMap<>(); // guarded by this
    private volatile RuntimeSettings settings;

    /** One configuration of a deployment; the first of a name is served, those after it are duplicates. */
    static final class Entry {

        private DeploymentSettings wish;
        private final Consumer<Predictor> whenServed;
        private @Nullable DeploymentController controller;

        Entry(DeploymentSettings wish, Consumer<Predictor> whenServed) {
            this.wish = wish;
            this.whenServed = whenServed;
        }
    }

    Core(
            RuntimeSettings settings,
            Path folder,
            MemoryAdmission.Reader memory,
            RuntimeThreads threads,
            Time time,
            Consumer<Event> events,
            Supplier<@Nullable Optimizer> optimizer,
            Supplier<List<InferenceTap>> taps) {
        this.settings = settings;
        this.threads = threads;
        this.watchdog = new Watchdog(settings.stuck(), this, threads.runners());
        var catalog = new Catalog();
        var loader = new Loader(
                new MemoryAdmission(memory, this::settings), new SelfTest(), watchdog, this::free, threads.runners());
        this.services = new Services(
                time,
                threads.control(),
                threads.runners(),
                catalog,
                new Devices(time, this::settings, threads.runners(), this::requestAll),
                loader,
                this::settings,
                folder,
                events,
                optimizer,
                taps);
        try {
            DurableFiles.deleteLeftovers(folder);
        } catch (IOException e) {
            LOG.warn("{} could not be cleaned: {}", folder, e.toString());
        }
    }

    /** Begins to watch runs and devices. */
    void start() {
        watchdog.start();
        nodes.start();
        rescanLater();
    }

    /** Has the drivers look again from time to time; one that is busy looking is not asked twice. */
    private void rescanLater() {
        Duration pause = settings.rescan();
        services.time().later(pause.isZero() ? Duration.ofMinutes(1) : pause, () -> {
            if (!settings.rescan().isZero()) {
                rescanSoon();
            }
            rescanLater();
        });
    }

    /** Has the drivers look again; returns at once. */
    private void rescanSoon() {
        var unused = services.devices().rescan().thenRun(this::requestAll);
        assert unused != null;
    }

    RuntimeSettings settings() {
        return settings;
    }

    Services services() {
        return services;
    }

    void configure(RuntimeSettings next) {
        settings = next;
        watchdog.stuckAfter(next.stuck());
        requestAll();
    }

    /** Adds a deployment. The consumer gets its predictor now, or when the other one of that name is removed. */
    Entry add(DeploymentSettings wish, Consumer<Predictor> whenServed) {
        var entry = new Entry(wish, whenServed);
        boolean first;
        synchronized (this) {
            List<Entry> same = entries.computeIfAbsent(wish.name(), n -> new ArrayList<>());
            same.add(entry);
            first = same.size() == 1;
        }
        if (first) {
            serve(entry);
        } else {
            LOG.error("deployment {} is configured twice; the second is not served", wish.name());
        }
        return entry;
    }

    synchronized void modify(Entry entry, DeploymentSettings wish) {
        entry.wish = wish;
        DeploymentController controller = entry.controller;
        if (controller != null) {
            controller.modify(wish);
        }
    }

    void remove(Entry entry, boolean deleted) {
        DeploymentController controller;
        synchronized (this) {
            controller = entry.controller;
        }
        if (controller != null) {
            await(controller.close(deleted));
        }
        Entry next = null;
        Set<String> left;
        synchronized (this) {
            List<Entry> same = entries.getOrDefault(entry.wish.name(), new ArrayList<>());
            same.remove(entry);
            if (same.isEmpty()) {
                entries.remove(entry.wish.name());
            } else if (controller != null) {
                next = same.get(0);
            }
            left = Set.copyOf(entries.keySet());
        }
        if (next != null) {
            serve(next);
        }
        if (deleted) {
            History.sweep(services.folder(), left);
        }
    }

    void addDriver(AcceleratorDriver driver) {
        services.devices().add(driver);
        requestAll();
    }

    /** Waits a little until nothing that needs the driver is served on its devices any more, as it is about to stop. */
    void removeDriver(AcceleratorDriver driver) {
        services.devices().remove(driver);
        requestAll();
        long end = System.nanoTime() + LEAVE.toNanos();
        synchronized (this) {
            try {
                while (isNeeded(driver) && System.nanoTime() - end < 0) {
                    wait(20);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        }
    }

    void addStore(ModelStore store, Map<String, Object> properties) {
        services.catalog().add(store, properties);
        requestAll();
    }

    void removeStore(ModelStore store) {
        services.catalog().remove(store);
        requestAll();
    }

    /** Looks at devices that changed, and then at all deployments; returns at once. */
    void driverChanged(AcceleratorDriver driver) {
        var unused = services.devices().changed(driver).thenRun(this::requestAll);
        assert unused != null;
    }

    /** Has all drivers look again for devices, and waits a while for them. */
    void rescan() {
        try {
            services.devices().rescan().get(RESCAN.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            LOG.warn("not every driver has answered within {} s of looking for devices", RESCAN.toSeconds());
        } catch (ExecutionException e) {
            throw new IllegalStateException("looking for devices failed: " + e.getCause(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        requestAll();
    }

    void requestAll() {
        controllers().forEach(DeploymentController::request);
    }

    synchronized List<DeploymentController> controllers() {
        return entries.values().stream()
                .flatMap(List::stream)
                .map(e -> e.controller)
                .filter(c -> c != null)
                .toList();
    }

    DeploymentController controller(String name) {
        return controllers().stream()
                .filter(c -> c.settings().name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("there is no deployment '" + name + "', there are "
                        + controllers().stream().map(c -> c.settings().name()).toList()));
    }

    List<DeploymentStatus> list() {
        List<DeploymentStatus> all = new ArrayList<>();
        for (DeploymentController controller : controllers()) {
            all.add(controller.status());
        }
        synchronized (this) {
            entries.values().forEach(same -> same.stream().skip(1).forEach(e -> all.add(duplicate(e.wish))));
        }
        all.sort(Comparator.comparing(DeploymentStatus::name));
        return all;
    }

    List<DeploymentEvent> history(String name, int limit) {
        if (limit < 1) {
            throw new IllegalArgumentException("limit is " + limit + ", expected 1 or more");
        }
        if (!name.matches("[A-Za-z0-9_-][A-Za-z0-9._-]{0,99}")) {
            return List.of(); // no deployment can have had that name
        }
        return new History(services.folder(), name).last(limit);
    }

    List<Device> describeDevices() {
        Devices devices = services.devices();
        devices.look();
        return Stream.concat(
                        devices.present().values().stream()
                                .map(found -> describe(found.accelerator(), devices.condition(found))),
                        devices.absent().stream().map(gone -> describe(gone, devices.absence(gone.id()))))
                .toList();
    }

    private Device describe(Accelerator accelerator, DeviceCondition condition) {
        List<String> users = controllers().stream()
                .filter(c -> c.isOn(accelerator.id()))
                .map(c -> c.settings().name())
                .toList();
        return new Device(accelerator, condition.state(), condition.message(), condition.retry(), users);
    }

    List<IdleDriver> idleDrivers() {
        return services.devices().idleDrivers();
    }

    @Override
    public void stuck(PooledSlot slot, Duration running) {
        LoadedVersion version = slot.version();
        String message = (slot.isCancelHanging() ? "the call that cancels a run of " : "a run of ")
                + version.manifest().id() + " has not ended for "
                + (running.toMillis() < 10_000 ? running.toMillis() + " ms" : running.toSeconds() + " s");
        LOG.error("device {} is stuck: {}", version.device().id(), message);
        services.devices().stuck(slot, version.place(), message);
        version.lose();
        controllers().forEach(DeploymentController::request);
    }

    @Override
    public void cameBack(PooledSlot slot) {
        LOG.info(
                "device {}: the run that was given up has ended",
                slot.version().device().id());
        services.devices().cameBack(slot, slot.version().place());
        controllers().forEach(DeploymentController::request);
    }

    void close() {
        await(CompletableFuture.allOf(
                controllers().stream().map(c -> c.close(false)).toArray(CompletableFuture[]::new)));
        threads.close();
        watchdog.close();
        nodes.close();
    }

    private void serve(Entry entry) {
        DeploymentController controller;
        synchronized (this) {
            if (entries.getOrDefault(entry.wish.name(), List.of()).indexOf(entry) != 0 || entry.controller != null) {
                return; // it was removed, or another thread serves it already
            }
            controller = new DeploymentController(entry.wish, services);
            entry.controller = controller;
        }
        // without the lock: registering a service calls foreign code
        entry.whenServed.accept(controller.predictor());
        controller.request();
    }

    private synchronized boolean isNeeded(AcceleratorDriver driver) {
        return controllers().stream()
                .flatMap(c -> c.serving().versions().stream())
                .anyMatch(version -> version.place().driver() == driver && !version.outlivesDriver());
    }

    private DeploymentStatus duplicate(DeploymentSettings wish) {
        return new DeploymentStatus(
                wish.name(),
                wish.model(),
                wish.version().toString(),
                DeploymentStatus.State.FAILED,
                "another deployment is named '" + wish.name() + "'; give this configuration another name or delete it",
                services.time().now(),
                List.of(),
                Optional.empty(),
                0);
    }

    /** Frees a version whose last slot was given back, on a thread of the runtime's. */
    private void free(LoadedVersion version) {
        try {
            threads.runners().execute(() -> {
                version.free();
                heap.trim();
            });
        } catch (RejectedExecutionException e) {
            version.free();
        }
    }

    private static void await(CompletableFuture<Void> done) {
        try {
            done.get(LEAVE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            LOG.warn("a deployment is being loaded still and stops when that is done");
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
