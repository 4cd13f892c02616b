// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import java.time.Duration;
import java.util.Map;
import java.util.function.BiConsumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a version once, on whatever its buffers hold, to know how fast its device is now: no request pays for it. */
final class Remeasure implements Runnable {

    private static final Logger LOG = LoggerFactory.getLogger(Remeasure.class);
    private static final int LOWEST = -100;
    private static final Duration MOST = Duration.ofSeconds(60);

    private final LoadedVersion version;
    private final BiConsumer<LoadedVersion, InferenceException> deviceFailed;

    Remeasure(LoadedVersion version, BiConsumer<LoadedVersion, InferenceException> deviceFailed) {
        this.version = version;
        this.deviceFailed = deviceFailed;
    }

    @Override
    public void run() {
        if (!version.pace().beginMeasuring()) {
            return;
        }
        try {
            measure();
        } catch (InferenceException e) {
            if (e.reason() == Reason.DEVICE_UNAVAILABLE && version.lose()) {
                deviceFailed.accept(version, e);
            }
            LOG.debug("{}: its speed was not measured: {}", version.id(), e.getMessage());
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code
            LOG.debug("{}: its speed was not measured", version.id(), e);
        } finally {
            version.pace().endMeasuring();
        }
    }

    private void measure() throws InferenceException {
        Deadline deadline = Deadline.in(MOST);
        PooledSlot slot = version.acquire(Map.of(), deadline, LOWEST);
        if (slot == null) {
            return;
        }
        boolean mine = true;
        try {
            long start = System.nanoTime();
            if (slot.run(deadline, start) != PooledSlot.Outcome.RAN) {
                mine = false;
                return;
            }
            long now = System.nanoTime();
            version.pace().measured(now - start, now);
        } finally {
            if (mine) {
                slot.release();
            }
        }
    }
}
