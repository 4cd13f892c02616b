// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/** Remembers what failed, so that it is not tried again at once: the pause doubles each time. Not thread-safe. */
final class BackOff {

    private record Failure(int times, long untilNanos, String message) {}

    private final Time time;
    private final Supplier<RuntimeSettings> settings;
    private final Map<String, Failure> failures = new HashMap<>();

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
        failures.put(key, new Failure(times, time.nanos() + pause.toNanos(), message));
        return pause;
    }

    void succeeded(String key) {
        failures.remove(key);
    }

    /** {@return why it failed the last time, if it is to be left alone still} */
    Optional<String> blocked(String key) {
        Failure failure = failures.get(key);
        return failure == null || time.nanos() - failure.untilNanos >= 0
                ? Optional.empty()
                : Optional.of(failure.message);
    }

    /** {@return how long until the first of those left alone may be tried again} */
    Optional<Duration> nextTry() {
        long now = time.nanos();
        return failures.values().stream()
                .map(f -> Duration.ofNanos(f.untilNanos - now))
                .filter(d -> !d.isNegative() && !d.isZero())
                .min(Duration::compareTo);
    }

    void clear() {
        failures.clear();
    }
}
