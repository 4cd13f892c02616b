// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.sim;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/** The time and the faults of the simulated device. Thread-safe. */
final class SimulatedDevice {

    private static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(2);

    private final String id;
    private final boolean cancellable;
    private final AtomicLong runs = new AtomicLong();
    private final AtomicInteger running = new AtomicInteger();
    private volatile Behaviour behaviour;

    SimulatedDevice(String id, boolean cancellable, Behaviour behaviour) {
        this.id = id;
        this.cancellable = cancellable;
        this.behaviour = behaviour;
    }

    Behaviour behaviour() {
        return behaviour;
    }

    void behave(Behaviour next) {
        behaviour = next;
    }

    boolean cancellable() {
        return cancellable;
    }

    int running() {
        return running.get();
    }

    void requirePresent() throws InferenceException {
        if (!behaviour.present()) {
            throw new InferenceException(Reason.DEVICE_UNAVAILABLE, "simulated device " + id + " is unplugged", null);
        }
    }

    /** Takes the time of one run, and fails, hangs or breaks off as commanded. */
    void run(long modelMicros, BooleanSupplier cancelled) throws InferenceException {
        running.incrementAndGet();
        try {
            Behaviour now = behaviour;
            requirePresent();
            if (isEveryNth(runs.incrementAndGet(), now.failPercent())) {
                throw new InferenceException(
                        Reason.DEVICE_UNAVAILABLE, "simulated device " + id + " failed this run on command", null);
            }
            pass(now, modelMicros, cancelled);
            requirePresent();
        } finally {
            running.decrementAndGet();
        }
    }

    private void pass(Behaviour at, long modelMicros, BooleanSupplier cancelled) throws InferenceException {
        long jitter = at.jitterMicros() == 0 ? 0 : ThreadLocalRandom.current().nextLong(at.jitterMicros() + 1L);
        long nanos = TimeUnit.MICROSECONDS.toNanos((at.runMicros() + modelMicros + jitter) * at.slowFactor());
        long end = System.nanoTime() + nanos;
        boolean interrupted = false;
        while (behaviour.present() && (behaviour.hang() || (nanos > 0 && end - System.nanoTime() > 0))) {
            if (cancellable && cancelled.getAsBoolean()) {
                throw new InferenceException(
                        Reason.DEADLINE_EXCEEDED, "the run on simulated device " + id + " was cut off", null);
            }
            long left = behaviour.hang() ? LOOK_NANOS : Math.min(LOOK_NANOS, end - System.nanoTime());
            LockSupport.parkNanos(this, Math.max(1, left));
            interrupted |= Thread.interrupted(); // a device does not know of interrupts
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    /** {@return true for percent of the numbers, evenly spread and the same ones each time} */
    static boolean isEveryNth(long number, int percent) {
        return number * percent / 100 != (number - 1) * percent / 100;
    }
}
