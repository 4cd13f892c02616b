// SPDX-License-Identifier: Apache-2.0
package io.edgewright.it.kura.probe;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Predicate;
import org.osgi.framework.BundleContext;
import org.osgi.util.tracker.ServiceTracker;

/** Waits on conditions, bounded. */
final class Await {

    private static final Duration LIMIT = Duration.ofSeconds(60);

    private Await() {}

    /** Asks until the answer is accepted; fails after a minute with the last answer. */
    static <T> T until(String what, Callable<T> question, Predicate<T> accepted) throws Exception {
        long end = System.nanoTime() + LIMIT.toNanos();
        T answer = question.call();
        while (!accepted.test(answer)) {
            if (System.nanoTime() > end) {
                throw new AssertionError("waited " + LIMIT + " for " + what + ", last seen: " + answer);
            }
            LockSupport.parkNanos(Duration.ofMillis(20).toNanos());
            answer = question.call();
        }
        return answer;
    }

    /** {@return the service, once it is there} */
    static <T> T service(BundleContext context, Class<T> type) throws Exception {
        var tracker = new ServiceTracker<T, T>(context, type, null);
        tracker.open();
        try {
            if (tracker.waitForService(LIMIT.toMillis()) != null) {
                return context.getService(tracker.getServiceReference()); // once more, as close() gives one back
            }
            throw new AssertionError("waited " + LIMIT + " for a service " + type.getName());
        } finally {
            tracker.close();
        }
    }

    static void equal(Object expected, Object found) {
        if (!expected.equals(found)) {
            throw new AssertionError("expected " + expected + ", found " + found);
        }
    }
}
