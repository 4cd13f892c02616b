// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.inference.Deployments.IdleDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The devices of all drivers, and how each has behaved: a device that fails is left out for a while that doubles each
 * time (circuit breaker), one in which a call does not return until it does or its driver is restarted. Drivers are asked on
 * lanes of their own, so one that blocks costs nobody more than a short wait. Thread-safe.
 */
final class Devices {

    private static final Duration LATE = Duration.ofSeconds(1);
    private static final Duration FIRST_ANSWER = Duration.ofSeconds(3);
    private static final int MOST_ABSENT = 64;

    private final Time time;
    private final Supplier<RuntimeSettings> settings;
    private final Executor executor;
    private final Runnable whenLate;
    private final List<DriverLane> lanes = new CopyOnWriteArrayList<>();
    private final Map<String, DeviceHealth> healths = new LinkedHashMap<>(); // guarded by this

    /**
     * @param executor where drivers are asked
     * @param whenLate told when a driver has answered so late that nobody waited for it
     */
    Devices(Time time, Supplier<RuntimeSettings> settings, Executor executor, Runnable whenLate) {
        this.time = time;
        this.settings = settings;
        this.executor = executor;
        this.whenLate = whenLate;
    }

    void add(AcceleratorDriver driver) {
        var lane = new DriverLane(driver, executor, time, LATE, whenLate);
        lanes.add(lane);
        await(List.of(lane.ask(false)), FIRST_ANSWER);
        update();
        forgive(lane);
    }

    private synchronized void forgive(DriverLane lane) {
        for (Accelerator accelerator : lane.answer().devices()) {
            DeviceHealth health = healths.get(accelerator.id());
            if (health != null) {
                health.forgive();
            }
        }
    }

    void remove(AcceleratorDriver driver) {
        lanes.removeIf(lane -> lane.driver() == driver);
        synchronized (this) {
            healths.values().forEach(health -> health.forget(driver));
        }
        update();
    }

    /** Asks the drivers which devices there are; waits a moment for those that are not late already. */
    void look() {
        await(
                lanes.stream()
                        .filter(lane -> lane.owes().compareTo(LATE) < 0)
                        .map(lane -> lane.ask(false))
                        .toList(),
                LATE);
        update();
    }

    /** {@return completes when the driver has said which devices it has now} */
    CompletableFuture<Void> changed(AcceleratorDriver driver) {
        return lane(driver)
                .map(lane -> lane.ask(false).thenRun(this::update))
                .orElseGet(() -> CompletableFuture.completedFuture(null));
    }

    /** Has all drivers look again. {@return completes when all have} */
    CompletableFuture<Void> rescan() {
        return CompletableFuture.allOf(
                        lanes.stream().map(lane -> lane.ask(true)).toArray(CompletableFuture[]::new))
                .thenRun(this::update);
    }

    /** {@return the drivers that have not answered for too long} */
    List<IdleDriver> silentDrivers() {
        return lanes.stream()
                .filter(this::isSilent)
                .map(lane -> new IdleDriver(lane.answer().name(), silence(lane)))
                .toList();
    }

    private boolean isSilent(DriverLane lane) {
        return lane.owes().compareTo(settings.get().stuck()) > 0;
    }

    private static void await(List<CompletableFuture<Void>> answers, Duration most) {
        try {
            CompletableFuture.allOf(answers.toArray(CompletableFuture[]::new))
                    .get(most.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException | ExecutionException e) {
            // what they said before counts until they answer; a lane reports failures itself
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Compares what the drivers say with what was there. */
    private synchronized void update() {
        Map<String, Found> now = present();
        long nanos = time.nanos();
        now.forEach((id, found) -> healths.computeIfAbsent(id, i -> new DeviceHealth(found.accelerator()))
                .seen(found.accelerator(), nanos));
        healths.forEach((id, health) -> {
            if (health.isPresent() && !now.containsKey(id)) {
                String driver = health.accelerator().driver();
                Optional<DriverLane> lane = lanes.stream()
                        .filter(l -> l.answer().name().equals(driver))
                        .findFirst();
                health.gone(
                        lane.map(l -> "driver " + driver + " "
                                        + (l.answer().idle().isEmpty()
                                                ? "names it no longer"
                                                : "says: " + l.answer().idle()))
                                .orElse("its driver " + driver + " is not there"),
                        lane.isPresent(),
                        nanos);
            }
        });
        List<String> absent = healths.entrySet().stream()
                .filter(e -> !e.getValue().isPresent())
                .sorted(Comparator.comparingLong(e -> e.getValue().absentSince()))
                .map(Map.Entry::getKey)
                .toList();
        absent.stream().limit(Math.max(0, absent.size() - MOST_ABSENT)).forEach(healths::remove);
    }

    /** {@return all devices, the first driver that names an id wins} */
    Map<String, Found> present() {
        Map<String, Found> found = new LinkedHashMap<>();
        for (DriverLane lane : lanes) {
            for (Accelerator accelerator : lane.answer().devices()) {
                found.putIfAbsent(accelerator.id(), new Found(lane.driver(), accelerator));
            }
        }
        return found;
    }

    /** {@return those that were there and are gone} */
    synchronized List<Accelerator> absent() {
        return healths.values().stream()
                .filter(health -> !health.isPresent())
                .map(DeviceHealth::accelerator)
                .toList();
    }

    boolean isPresent(Found place) {
        Found now = present().get(place.id());
        return now != null && now.isSame(place);
    }

    /** {@return true if the driver is not only without that device, but not there} */
    boolean isDriverGone(Found place) {
        return lane(place.driver()).isEmpty();
    }

    List<IdleDriver> idleDrivers() {
        return lanes.stream()
                .filter(lane -> lane.answer().devices().isEmpty())
                .map(lane -> new IdleDriver(
                        lane.answer().name(),
                        isSilent(lane) ? silence(lane) : lane.answer().idle()))
                .toList();
    }

    /** {@return the devices for one of the formats in order of preference, healthy or not} */
    List<Found> candidates(List<String> preferences, List<String> formats) {
        List<Found> all = present().values().stream()
                .filter(f -> formats.stream().anyMatch(f.accelerator().formats()::contains))
                .toList();
        if (preferences.isEmpty()) {
            return all.stream().sorted(Comparator.comparingInt(Devices::byKind)).toList();
        }
        List<Found> ordered = new ArrayList<>();
        for (String wish : preferences) {
            all.stream().filter(f -> matches(wish, f) && !ordered.contains(f)).forEach(ordered::add);
        }
        return ordered;
    }

    /** {@return true if something may be loaded on the device now} */
    boolean isUsable(Found place) {
        Optional<DriverLane> lane = lane(place.driver());
        synchronized (this) {
            DeviceHealth health = healths.get(place.id());
            return lane.filter(this::isSilent).isEmpty()
                    && (health == null
                            || (health.stuckIn(place.driver()).isEmpty() && !health.isBlocked(time.nanos())));
        }
    }

    /** {@return true if a call into the driver for this device does not return} */
    synchronized boolean isStuck(Found place) {
        DeviceHealth health = healths.get(place.id());
        return health != null && health.stuckIn(place.driver()).isPresent();
    }

    /** {@return how long until serving may return to this device; zero if it may, empty if nobody knows} */
    Optional<Duration> untilTrusted(Found place) {
        boolean silent = lane(place.driver()).filter(this::isSilent).isPresent();
        synchronized (this) {
            DeviceHealth health = healths.get(place.id());
            if (silent || isStuck(place)) {
                return Optional.empty();
            }
            return Optional.of(health == null ? Duration.ZERO : health.untilTrusted(time.nanos(), settings.get()));
        }
    }

    /** Leaves the device out for a while. {@return that while} */
    Duration failed(Found place, String message) {
        look();
        synchronized (this) {
            return isPresent(place)
                    ? health(place).failed(message, time.nanos(), settings.get())
                    : Duration.ZERO; // it was unplugged or its driver is being replaced: that is no failure of its own
        }
    }

    /**
     * Leaves the device out until the call returns.
     *
     * @param call what to name when it does
     */
    synchronized void stuck(Object call, Found place, String message) {
        health(place).stuck(call, place.driver(), message);
    }

    synchronized void cameBack(Object call, Found place) {
        health(place).cameBack(call, time.nanos());
    }

    /** Forgets old failures of a device that has served well for long enough. */
    synchronized void serving(Found place) {
        health(place).serving(time.nanos(), settings.get());
    }

    /** {@return how the device is: state, why, and when that ends} */
    DeviceCondition condition(Found place) {
        @Nullable DriverLane lane = lane(place.driver()).orElse(null);
        synchronized (this) {
            DeviceHealth health = healths.get(place.id());
            return lane == null || health == null
                    ? DeviceCondition.READY
                    : DeviceCondition.of(health, place, isSilent(lane) ? silence(lane) : "", time, settings.get());
        }
    }

    /** {@return how a device is that is gone} */
    synchronized DeviceCondition absence(String id) {
        DeviceHealth health = healths.get(id);
        return health == null ? DeviceCondition.READY : DeviceCondition.absent(health, time);
    }

    /** {@return why the device is left out now; empty if it is not} */
    String message(Found place) {
        DeviceCondition condition = condition(place);
        return condition.isLeftOut() ? condition.message() : "";
    }

    private DeviceHealth health(Found place) {
        return healths.computeIfAbsent(place.id(), i -> new DeviceHealth(place.accelerator()));
    }

    private Optional<DriverLane> lane(AcceleratorDriver driver) {
        return lanes.stream().filter(lane -> lane.driver() == driver).findFirst();
    }

    private static String silence(DriverLane lane) {
        return "driver " + lane.answer().name() + " has not answered for "
                + lane.owes().toSeconds() + " s when asked for its devices";
    }

    static boolean matches(String wish, Found found) {
        Accelerator accelerator = found.accelerator();
        return wish.equals(accelerator.id())
                || wish.equalsIgnoreCase(accelerator.driver())
                || wish.equalsIgnoreCase(accelerator.kind().name());
    }

    private static int byKind(Found found) {
        AcceleratorKind kind = found.accelerator().kind();
        return kind == AcceleratorKind.REMOTE ? 2 : kind == AcceleratorKind.CPU ? 1 : 0;
    }
}
