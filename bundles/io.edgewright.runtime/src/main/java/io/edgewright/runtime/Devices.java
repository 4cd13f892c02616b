// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.inference.Deployments.IdleDriver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The devices of all drivers, and how each has behaved: a device that fails is left out for a while that doubles each
 * time (circuit breaker), one that is stuck until its run comes back or its driver is restarted. Thread-safe.
 */
final class Devices {

    private static final class Health {
        private int failures;
        private long failedNanos;
        private long blockedUntil;
        private long healthySince;
        private boolean everLost;
        private boolean present;
        private String message = "";
        private @Nullable AcceleratorDriver stuckDriver;
    }

    private static final Logger LOG = LoggerFactory.getLogger(Devices.class);

    private final Time time;
    private final Supplier<RuntimeSettings> settings;
    private final List<AcceleratorDriver> drivers = new CopyOnWriteArrayList<>();
    private final Map<AcceleratorDriver, String> broken = new ConcurrentHashMap<>(); // what they failed with
    private final Map<String, Health> healths = new HashMap<>(); // guarded by this

    Devices(Time time, Supplier<RuntimeSettings> settings) {
        this.time = time;
        this.settings = settings;
    }

    void add(AcceleratorDriver driver) {
        drivers.add(driver);
        rescan();
        forgive(driver);
    }

    /** What failed under the driver before may work under this one. */
    private synchronized void forgive(AcceleratorDriver driver) {
        for (Accelerator accelerator : devicesOf(driver)) {
            Health health = healths.get(accelerator.id());
            if (health != null) {
                health.failures = 0;
            }
        }
    }

    void remove(AcceleratorDriver driver) {
        drivers.remove(driver);
        broken.remove(driver);
        rescan();
    }

    /** Looks which devices came and went. */
    synchronized void rescan() {
        Map<String, Found> now = present();
        long nanos = time.nanos();
        now.keySet().forEach(id -> {
            Health health = healths.computeIfAbsent(id, i -> new Health());
            if (!health.present && health.everLost) {
                health.healthySince = nanos;
            }
            health.present = true;
        });
        healths.forEach((id, health) -> {
            if (health.present && !now.containsKey(id)) {
                health.present = false;
                health.everLost = true;
            }
        });
    }

    /** {@return all devices, the first driver that names an id wins} */
    Map<String, Found> present() {
        Map<String, Found> found = new LinkedHashMap<>();
        for (AcceleratorDriver driver : drivers) {
            for (Accelerator accelerator : devicesOf(driver)) {
                found.putIfAbsent(accelerator.id(), new Found(driver, accelerator));
            }
        }
        return found;
    }

    boolean isPresent(Found place) {
        Found now = present().get(place.id());
        return now != null && now.isSame(place);
    }

    List<IdleDriver> idleDrivers() {
        return drivers.stream()
                .filter(d -> devicesOf(d).isEmpty())
                .map(d -> new IdleDriver(
                        d.name(),
                        Optional.ofNullable(broken.get(d)).or(d::unavailable).orElse("has no device")))
                .toList();
    }

    /** {@return what the driver names; nothing if it fails, which must not keep others from being served} */
    private List<Accelerator> devicesOf(AcceleratorDriver driver) {
        try {
            List<Accelerator> devices = driver.accelerators();
            broken.remove(driver);
            return devices;
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code, and may be half gone
            if (broken.put(driver, "failed when asked for its devices: " + e) == null) {
                LOG.warn(
                        "driver {} failed when asked for its devices",
                        driver.getClass().getName(),
                        e);
            }
            return List.of();
        }
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

    /** {@return true if the device may be tried now} */
    synchronized boolean isUsable(Found place) {
        Health health = healths.get(place.id());
        return health == null
                || (health.stuckDriver != place.driver() && time.nanos() - health.blockedUntil >= 0)
                || health.failures == 0 && health.stuckDriver != place.driver();
    }

    synchronized boolean isStuck(Found place) {
        Health health = healths.get(place.id());
        return health != null && health.stuckDriver == place.driver();
    }

    /** {@return how long until serving may return to this device; zero if it may, empty if nobody knows} */
    synchronized Optional<Duration> untilTrusted(Found place) {
        Health health = healths.get(place.id());
        if (health == null) {
            return Optional.of(Duration.ZERO);
        }
        if (health.stuckDriver == place.driver()) {
            return Optional.empty();
        }
        if (!health.everLost && health.failures == 0) {
            return Optional.of(Duration.ZERO); // it never failed: a new driver is used at once
        }
        long since = health.failures > 0 ? Math.max(health.blockedUntil, health.healthySince) : health.healthySince;
        long left = since + settings.get().recover().toNanos() - time.nanos();
        return Optional.of(Duration.ofNanos(Math.max(0, left)));
    }

    /** Leaves the device out for a while. {@return that while} */
    synchronized Duration failed(Found place, String message) {
        if (!drivers.contains(place.driver())) {
            return Duration.ZERO; // the driver was being replaced: that says nothing about the device
        }
        Health health = healths.computeIfAbsent(place.id(), i -> new Health());
        health.failures++;
        health.failedNanos = time.nanos();
        health.message = message;
        Duration pause = BackOff.after(health.failures, settings.get());
        health.blockedUntil = health.failedNanos + pause.toNanos();
        health.everLost = true;
        health.healthySince = health.blockedUntil;
        return pause;
    }

    synchronized void stuck(Found place, String message) {
        Health health = healths.computeIfAbsent(place.id(), i -> new Health());
        health.stuckDriver = place.driver();
        health.message = message;
        health.everLost = true;
    }

    synchronized void cameBack(Found place) {
        Health health = healths.get(place.id());
        if (health != null && health.stuckDriver == place.driver()) {
            health.stuckDriver = null;
            health.healthySince = time.nanos();
        }
    }

    /** Forgets old failures of a device that has served well for long enough. */
    synchronized void serving(Found place) {
        Health health = healths.get(place.id());
        Duration proof = settings.get().backOffMax().plus(settings.get().recover());
        if (health != null && health.failures > 0 && time.nanos() - health.failedNanos > proof.toNanos()) {
            health.failures = 0;
        }
    }

    /** {@return why the device is left out now; empty if it is not} */
    synchronized String message(Found place) {
        Health health = healths.get(place.id());
        if (health == null || isUsable(place)) {
            return "";
        }
        if (health.stuckDriver == place.driver()) {
            return "is stuck: " + health.message;
        }
        long left = Duration.ofNanos(health.blockedUntil - time.nanos()).toSeconds() + 1;
        return "failed %d times, the last time: %s; tried again in %d s"
                .formatted(health.failures, health.message, left);
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
