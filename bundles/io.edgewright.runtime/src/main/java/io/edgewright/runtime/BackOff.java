// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;

/** Remembers what failed, so that it is not tried again at once: the pause doubles each time. Not thread-safe. */
final class BackOff {

    private record Failure(int times, long untilNanos, String message) {}

    private static final long SOON_NANOS = 1_000_000;
    private static final int MANY = 100; // then those of drivers that are gone are dropped

    private final Time time;
    private final Supplier<RuntimeSettings> settings;
    private final Map<String, Failure> failures = new HashMap<>();
    private final Set<String> awaited = new HashSet<>(); // what failed or was left alone since nextTry was asked

    BackOff(Time time, Supplier<RuntimeSettings> settings) {
        this.time = time;
        this.settings = settings;
    }

    static Duration after(int failures, RuntimeSettings settings) {
        Duration pause = settings.backOffStart().multipliedBy(1L << Math.min(20, Math.max(0, failures - 1)));
        return pause.compareTo(settings.backOffMax()) > 0 ? settings.backOffMax() : pause;
    }

    /** Remembers a failure. {@return how long it is left alone} */
    Duration failed(String key, String message) {
        Failure before = failures.get(key);
        int times = before == null ? 1 : before.times + 1;
        Duration pause = after(times, settings.get());
        if (failures.size() >= MANY) {
            failures.values().removeIf(f -> time.nanos() - f.untilNanos >= 0);
        }
        failures.put(key, new Failure(times, time.nanos() + pause.toNanos(), message));
        awaited.add(key);
        return pause;
    }

    void succeeded(String key) {
        failures.remove(key);
        awaited.remove(key);
    }

    /** {@return why it failed the last time, if it is to be left alone still} */
    Optional<String> blocked(String key) {
        Failure failure = failures.get(key);
        if (failure == null || time.nanos() - failure.untilNanos >= 0) {
            return Optional.empty();
        }
        awaited.add(key);
        return Optional.of(failure.message);
    }

    /**
     * {@return how long until the first of those left alone may be tried again; never zero: a pause that ended since it was
     * looked at ends soon, or nobody would look again}
     */
    Optional<Duration> nextTry() {
        long now = time.nanos();
        Optional<Duration> next = failures.entrySet().stream()
                .filter(f -> awaited.contains(f.getKey()) || f.getValue().untilNanos - now > 0)
                .map(f -> Duration.ofNanos(Math.max(SOON_NANOS, f.getValue().untilNanos - now)))
                .min(Duration::compareTo);
        awaited.clear();
        return next;
    }

    void clear() {
        failures.clear();
        awaited.clear();
    }
}
