// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorDriver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Asks one driver for its devices, one call at a time and never on the thread of who wants to know: a driver may block. What
 * it last said is kept. Thread-safe.
 */
final class DriverLane {

    /**
     * What a driver said.
     *
     * @param name its name
     * @param devices its devices
     * @param idle why it has none; empty while it has one
     */
    record Answer(String name, List<Accelerator> devices, String idle) {}

    private static final Logger LOG = LoggerFactory.getLogger(DriverLane.class);

    private final AcceleratorDriver driver;
    private final Serial serial;
    private final Time time;
    private final Duration late;
    private final Runnable whenLate;
    private volatile Answer answer;
    private @Nullable CompletableFuture<Void> next; // guarded by this, as the next three are
    private boolean wantsRescan;
    private boolean asking;
    private long sinceNanos;
    private boolean failed; // by the lane's thread only

    /**
     * @param late after what time nobody waits for an answer any more
     * @param whenLate told when such an answer came after all
     */
    DriverLane(AcceleratorDriver driver, Executor executor, Time time, Duration late, Runnable whenLate) {
        this.driver = driver;
        this.serial = new Serial(executor);
        this.time = time;
        this.late = late;
        this.whenLate = whenLate;
        this.answer = new Answer(driver.getClass().getSimpleName(), List.of(), "has not named its devices yet");
    }

    AcceleratorDriver driver() {
        return driver;
    }

    Answer answer() {
        return answer;
    }

    /**
     * Has the driver asked soon.
     *
     * @param rescan whether it is to look again first
     * @return completes when it has answered a question put from now on
     */
    CompletableFuture<Void> ask(boolean rescan) {
        CompletableFuture<Void> done;
        synchronized (this) {
            wantsRescan |= rescan;
            if (next != null) {
                return next;
            }
            done = new CompletableFuture<>();
            next = done;
        }
        serial.execute(this::run);
        return done;
    }

    /** {@return how long the driver has owed an answer; zero if it owes none} */
    synchronized Duration owes() {
        return asking ? Duration.ofNanos(time.nanos() - sinceNanos) : Duration.ZERO;
    }

    private void run() {
        CompletableFuture<Void> done;
        boolean rescan;
        synchronized (this) {
            done = next;
            next = null;
            rescan = wantsRescan;
            wantsRescan = false;
            asking = true;
            sinceNanos = time.nanos();
        }
        try {
            answer = answer(rescan);
            failed = false;
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code, and may be half gone
            answer = new Answer(answer.name(), List.of(), "failed when asked for its devices: " + e);
            if (!failed) {
                failed = true;
                LOG.warn(
                        "driver {} failed when asked for its devices",
                        driver.getClass().getName(),
                        e);
            }
        } finally {
            boolean tooLate = owes().compareTo(late) >= 0;
            synchronized (this) {
                asking = false;
            }
            if (done != null) {
                done.complete(null);
            }
            if (tooLate) {
                whenLate.run();
            }
        }
    }

    private Answer answer(boolean rescan) {
        if (rescan) {
            driver.rescan();
        }
        List<Accelerator> devices = List.copyOf(driver.accelerators());
        String idle = devices.isEmpty() ? driver.unavailable().orElse("has no device") : "";
        return new Answer(driver.name(), devices, idle);
    }
}
