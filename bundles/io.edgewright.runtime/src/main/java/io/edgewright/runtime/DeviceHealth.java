// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** How one device has behaved: its circuit breaker. Not thread-safe. */
final class DeviceHealth {

    /** A call into a driver that does not return. */
    private record Stuck(AcceleratorDriver driver, String message) {}

    private final Map<Object, Stuck> stuck = new LinkedHashMap<>(); // by the call
    private Accelerator accelerator;
    private boolean present = true;
    private boolean everLost;
    private int failures;
    private int absences;
    private long failedNanos;
    private long blockedUntil;
    private long healthySince;
    private long absentSince;
    private String message = "";
    private String absence = "";

    DeviceHealth(Accelerator accelerator) {
        this.accelerator = accelerator;
    }

    Accelerator accelerator() {
        return accelerator;
    }

    boolean isPresent() {
        return present;
    }

    long absentSince() {
        return absentSince;
    }

    /** Its driver names it. */
    void seen(Accelerator now, long nanos) {
        accelerator = now;
        if (!present && everLost) {
            healthySince = nanos;
        }
        present = true;
    }

    /**
     * Nobody names it any more.
     *
     * @param counts whether that is held against it: a driver that is replaced says nothing about its devices
     */
    void gone(String why, boolean counts, long nanos) {
        present = false;
        everLost = true;
        absence = why;
        absentSince = nanos;
        if (counts) {
            absences++;
            failedNanos = nanos;
        }
    }

    /** {@return how long it is left out; failures while it is left out already are part of the same trouble} */
    Duration failed(String why, long nanos, RuntimeSettings settings) {
        message = why;
        everLost = true;
        if (failures == 0 || nanos - blockedUntil >= 0) {
            failures++;
            failedNanos = nanos;
            blockedUntil = nanos + BackOff.after(failures, settings).toNanos();
            healthySince = blockedUntil;
        }
        return Duration.ofNanos(blockedUntil - nanos);
    }

    /** What failed under another driver may work under a new one. */
    void forgive() {
        failures = 0;
        absences = 0;
    }

    void stuck(Object call, AcceleratorDriver driver, String why) {
        stuck.put(call, new Stuck(driver, why));
        everLost = true;
    }

    /** {@return true if the call was stuck} */
    boolean cameBack(Object call, long nanos) {
        if (stuck.remove(call) == null) {
            return false;
        }
        healthySince = nanos;
        return true;
    }

    /** Forgets the calls into a driver that was stopped. */
    void forget(AcceleratorDriver driver) {
        stuck.values().removeIf(s -> s.driver() == driver);
    }

    /** {@return what does not return; empty if all does} */
    Optional<String> stuckIn(AcceleratorDriver driver) {
        return stuck.values().stream()
                .filter(s -> s.driver() == driver)
                .map(Stuck::message)
                .findFirst();
    }

    boolean isBlocked(long nanos) {
        return failures > 0 && nanos - blockedUntil < 0;
    }

    long blockedUntil() {
        return blockedUntil;
    }

    /** {@return how long until serving may return to it: the longer, the more often it was lost} */
    Duration untilTrusted(long nanos, RuntimeSettings settings) {
        if (!everLost) {
            return Duration.ZERO; // it never failed: a new device is used at once
        }
        long since = failures > 0 ? Math.max(blockedUntil, healthySince) : healthySince;
        long extra = absences > 1 ? BackOff.after(absences - 1, settings).toNanos() : 0;
        return Duration.ofNanos(Math.max(0, since + settings.recover().toNanos() + extra - nanos));
    }

    /** Forgets old trouble once it has served well for long enough. */
    void serving(long nanos, RuntimeSettings settings) {
        Duration proof = settings.backOffMax().plus(settings.recover());
        if (failures + absences > 0 && nanos - failedNanos > proof.toNanos()) {
            forgive();
        }
    }

    /** {@return its trouble in words; empty if it had none} */
    String trouble() {
        if (failures > 0) {
            return "failed %d times, the last time: %s".formatted(failures, message);
        }
        return absences > 0 ? "was gone %d times".formatted(absences) : "";
    }

    String absence() {
        return absence;
    }
}
