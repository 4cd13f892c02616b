// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.ServedVersion;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;

/** Finds moments in which the deployments leave the machine alone, so that measuring neither disturbs nor is disturbed. */
final class Quiet {

    private static final Duration LOOK = Duration.ofMillis(50);
    private static final Duration PATIENCE = Duration.ofSeconds(2); // then it is measured all the same, in turns
    private static final Duration LEAST_PATIENCE = Duration.ofMillis(50);
    private static final double BUSY = 0.2; // share of the time that deployments ran models

    private final Supplier<List<Deployments>> deployments;
    private Duration patience = PATIENCE; // less each time in vain: there may be no quiet moment at all

    Quiet(Supplier<List<Deployments>> deployments) {
        this.deployments = deployments;
    }

    /** Waits until the deployments are quiet, or for a while. One thread at a time. */
    void await() {
        long end = System.nanoTime() + patience.toNanos();
        if (idle()) {
            return;
        }
        do {
            long before = busyNanos();
            long start = System.nanoTime();
            LockSupport.parkNanos(LOOK.toNanos());
            long passed = System.nanoTime() - start;
            if (busyNanos() - before < BUSY * passed) {
                patience = PATIENCE;
                return;
            }
        } while (System.nanoTime() < end && !Thread.currentThread().isInterrupted());
        Duration half = patience.dividedBy(2);
        patience = half.compareTo(LEAST_PATIENCE) > 0 ? half : LEAST_PATIENCE;
    }

    private boolean idle() {
        return served().isEmpty();
    }

    private long busyNanos() {
        return served().stream().mapToLong(v -> v.statistics().inferNanos()).sum();
    }

    private List<ServedVersion> served() {
        return deployments.get().stream()
                .flatMap(d -> d.list().stream())
                .map(DeploymentStatus::served)
                .flatMap(List::stream)
                .toList();
    }
}
