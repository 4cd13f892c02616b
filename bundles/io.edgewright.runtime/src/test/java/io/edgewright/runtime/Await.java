// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.locks.LockSupport;

/** Waits until something is so. */
final class Await {

    private static final Duration MOST = Duration.ofSeconds(20);

    private Await() {}

    static void until(String what, Callable<Boolean> condition) throws Exception {
        long end = System.nanoTime() + MOST.toNanos();
        while (!condition.call()) {
            assertThat(System.nanoTime() - end)
                    .as("waited %s until %s", MOST, what)
                    .isNegative();
            LockSupport.parkNanos(500_000);
        }
    }
}
