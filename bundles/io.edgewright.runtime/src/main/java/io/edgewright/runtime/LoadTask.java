// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.runtime.LoadFailure.Fault;
import java.time.Duration;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One load, on a thread of its own, as a driver may take long or not return at all. Who waits may leave; what is loaded
 * nevertheless is closed, unless somebody waits again by then. Thread-safe.
 */
final class LoadTask implements Runnable {

    /** Loads. */
    @FunctionalInterface
    interface Work {
        LoadedVersion load() throws LoadFailure;
    }

    private static final long LOOK_MILLIS = 50; // how often a waiter looks whether to go on waiting

    private final Found place;
    private final LoadSpec spec;
    private final Work work;
    private final Consumer<LoadTask> whenLate;
    private boolean done; // guarded by this, as all below
    private boolean left;
    private @Nullable LoadedVersion version;
    private @Nullable LoadFailure failure;
    private @Nullable Throwable error;

    /**
     * @param work loads
     * @param whenLate told when it has ended and nobody waited any more
     */
    LoadTask(Found place, LoadSpec spec, Work work, Consumer<LoadTask> whenLate) {
        this.place = place;
        this.spec = spec;
        this.work = work;
        this.whenLate = whenLate;
    }

    @Override
    public void run() {
        LoadedVersion loaded = null;
        LoadFailure failed = null;
        Throwable broken = null;
        try {
            loaded = work.load();
        } catch (LoadFailure e) {
            failed = e;
        } catch (RuntimeException | Error e) { // whatever it is, somebody waits for it on another thread
            broken = e;
        }
        boolean late;
        synchronized (this) {
            late = left;
            version = late ? null : loaded;
            failure = failed;
            error = broken;
            done = true;
            notifyAll();
        }
        if (late) {
            if (loaded != null) {
                loaded.close();
            }
            whenLate.accept(this);
        }
    }

    /** {@return true if it is under way still, for this device and these settings, and somebody may wait for it again} */
    synchronized boolean rejoin(Found other, LoadSpec wanted) {
        if (done || !place.isSame(other) || !spec.equals(wanted)) {
            return false;
        }
        left = false;
        return true;
    }

    /**
     * Waits for the version.
     *
     * @param most for how long
     * @param enough tells that there is something more urgent to do
     * @return the version; null if it was not there in time: then this has been left
     */
    @Nullable
    LoadedVersion await(Time time, Duration most, BooleanSupplier enough) throws LoadFailure {
        long end = time.nanos() + most.toNanos();
        synchronized (this) {
            try {
                while (!done && end - time.nanos() > 0 && !enough.getAsBoolean()) {
                    wait(LOOK_MILLIS);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (!done) {
                left = true;
                return null;
            }
            if (failure != null) {
                throw failure;
            }
            if (error != null) {
                throw new LoadFailure(Fault.DEVICE, "loading broke off: " + error, error);
            }
            return version;
        }
    }
}
