// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.util.concurrent.TimeUnit;

/** Holds the route and lets those wait whose device was lost until there is another. Thread-safe. */
final class Router {

    /** A request waits that long at the most for a device that takes over; its own deadline may be earlier. */
    private static final long MOST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final String deployment;
    private final Object lock = new Object();
    private int waiting; // guarded by lock
    private volatile Route route = new Route(null, null, null, false, false, 0, null, "is starting");

    Router(String deployment) {
        this.deployment = deployment;
    }

    Route route() {
        return route;
    }

    void publish(Route next) {
        synchronized (lock) {
            route = next;
            lock.notifyAll();
        }
    }

    /** Waits until the route is another than the one given; {@return true if it is, false if the time is over}. */
    boolean awaitOther(Route old, Deadline deadline, int limit) throws InferenceException {
        long end = System.nanoTime() + Math.min(MOST_NANOS, deadline.remainingNanos());
        synchronized (lock) {
            if (route == old && waiting >= limit) {
                throw new InferenceException(
                        Reason.QUEUE_FULL,
                        waiting + " requests wait already for a device to take over, at most " + limit + " may",
                        null);
            }
            waiting++;
            try {
                for (long left = end - System.nanoTime(); route == old && left > 0; left = end - System.nanoTime()) {
                    TimeUnit.NANOSECONDS.timedWait(lock, left);
                }
                return route != old;
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            } finally {
                waiting--;
            }
        }
    }

    /** {@return the error of a request that nobody can answer} */
    InferenceException notReady(Route at) {
        return new InferenceException(Reason.NOT_READY, "deployment " + deployment + " " + at.message(), null);
    }
}
