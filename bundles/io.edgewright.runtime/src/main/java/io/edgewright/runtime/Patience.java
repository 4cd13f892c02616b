// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** What happens while a deployment's last device is away, and for how long. One thread at a time. */
final class Patience {

    private final Services services;
    private final Serving serving;
    private @Nullable String device; // the one that is waited for; null if none is
    private long endNanos;

    Patience(Services services, Serving serving) {
        this.services = services;
        this.serving = serving;
    }

    /** {@return true from when the last device was lost until there is one again, or for as long as there is patience} */
    boolean isWaiting() {
        return device != null;
    }

    /** There is a device. */
    void end() {
        device = null;
    }

    /**
     * There is no device for what serves: what a driver has loaded that is being replaced answers on if it can; otherwise
     * requests wait.
     */
    void waitFor(String lost, List<String> problems, Consumer<Duration> wakeIn) {
        if (device == null) {
            device = lost;
            endNanos = services.time().nanos()
                    + services.settings().get().patience().toNanos();
        }
        if (left() > 0 && serving.keepOrphans()) {
            problems.add(
                    0,
                    "the driver of device %s has gone; what it has loaded answers until another does, for %d s at the most"
                            .formatted(
                                    lost, services.settings().get().patience().toSeconds()));
            wakeIn.accept(Duration.ofNanos(left()));
        } else {
            serving.nothing(true, "waits for device " + lost + " to come back");
        }
    }

    /** Nothing serves: those who wait are refused once the device has been gone for too long. */
    void waitOnOrGiveUp(List<String> problems, Consumer<Duration> wakeIn) {
        if (device == null) {
            return;
        }
        String why = "lost device " + device + ", and there is no other for it";
        problems.add(0, why);
        if (left() > 0) {
            wakeIn.accept(Duration.ofNanos(left()));
        } else {
            serving.nothing(false, why);
            device = null;
        }
    }

    private long left() {
        return endNanos - services.time().nanos();
    }
}
