// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.inference.InputWriter;
import io.edgewright.api.inference.OutputReader;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The hot path: route, slot, write, run, read. Takes no lock and allocates nothing of its own while a slot is free.
 * Thread-safe.
 */
final class Calls {

    private static final Logger LOG = LoggerFactory.getLogger(Calls.class);

    /** The answer of a version that was closed just then: read the route again. */
    private static final Object CLOSED = new Object();

    /** The answer of a canary that could not do it: its fault, if the primary can. */
    private static final Object MISFIT = new Object();

    private static final int MOST_DEVICES = 5;

    private final Router router;
    private final BiConsumer<LoadedVersion, InferenceException> deviceFailed;

    /**
     * @param router where requests go
     * @param deviceFailed told when the device failed under a version; returns at once
     */
    Calls(Router router, BiConsumer<LoadedVersion, InferenceException> deviceFailed) {
        this.router = router;
        this.deviceFailed = deviceFailed;
    }

    /**
     * Answers one request, on the next device if the first is lost meanwhile.
     *
     * @param items how many requests this run answers
     * @param start when the oldest of them came
     */
    @SuppressWarnings("unchecked") // what a run gives is what the reader gave
    <R> R call(InputWriter writer, OutputReader<R> reader, Deadline deadline, int priority, int items, long start)
            throws InferenceException {
        boolean canaryTried = false;
        Observation misfit = null;
        int lost = 0;
        for (; ; ) {
            Route route = router.route();
            LoadedVersion primary = route.next();
            if (primary == null || (primary.isLost() && !route.lone())) {
                awaitAnother(route, primary, deadline);
                continue;
            }
            Observation canary = canaryTried ? null : route.canary();
            if (canary != null && ThreadLocalRandom.current().nextInt(100) < canary.percent()) {
                canaryTried = true;
                Object answer = tryCanary(canary, route, writer, reader, deadline, priority, items, start);
                if (answer != CLOSED && answer != MISFIT) {
                    return (R) answer;
                }
                misfit = answer == MISFIT ? canary : null;
                continue;
            }
            try {
                Object answer = once(primary, route, writer, reader, deadline, priority, items, start);
                if (answer != CLOSED) {
                    if (misfit != null) {
                        misfit.failed(Reason.INPUT_MISMATCH, items);
                    }
                    return (R) answer;
                }
            } catch (InferenceException e) {
                boolean elsewhere = e.reason() == Reason.DEVICE_UNAVAILABLE && primary.isLost() && !route.lone();
                if (!elsewhere || ++lost >= MOST_DEVICES) {
                    primary.recorder().failed(e.reason());
                    throw e;
                }
            }
        }
    }

    /** Answers one request from one version and no other, on the next of its devices if the first is lost meanwhile. */
    @SuppressWarnings("unchecked")
    <R> R callVersion(
            String version, InputWriter writer, OutputReader<R> reader, Deadline deadline, int priority, long start)
            throws InferenceException {
        int lost = 0;
        for (; ; ) {
            Route route = router.route();
            LoadedVersion wanted = route.version(version);
            if (wanted == null) {
                throw new InferenceException(
                        Reason.NOT_READY, "version " + version + " no longer serves; ask for one that does", null);
            }
            boolean moves = route.answers(wanted) && !route.lone();
            if (moves && wanted.isLost()) {
                awaitAnother(route, wanted, deadline);
                continue;
            }
            try {
                Object answer = once(wanted, route, writer, reader, deadline, priority, 1, start);
                if (answer != CLOSED) {
                    return (R) answer;
                }
            } catch (InferenceException e) {
                boolean elsewhere = e.reason() == Reason.DEVICE_UNAVAILABLE && moves && wanted.isLost();
                if (!elsewhere || ++lost >= MOST_DEVICES) {
                    wanted.recorder().failed(e.reason());
                    throw e;
                }
            }
        }
    }

    private void awaitAnother(Route route, @Nullable LoadedVersion primary, Deadline deadline)
            throws InferenceException {
        if (primary == null && !route.recovering()) {
            throw router.notReady(route);
        }
        int limit = primary == null ? 64 : Math.max(1, primary.spec().queueLength());
        if (!router.awaitOther(route, deadline, limit)) {
            throw new InferenceException(
                    deadline.passed() ? Reason.DEADLINE_EXCEEDED : Reason.DEVICE_UNAVAILABLE,
                    "the device was lost and no other has taken over in time",
                    null);
        }
    }

    /** Asks the canary; what goes wrong with it is counted against it, and the primary answers. */
    private Object tryCanary(
            Observation canary,
            Route route,
            InputWriter writer,
            OutputReader<?> reader,
            Deadline deadline,
            int priority,
            int items,
            long start)
            throws InferenceException {
        LoadedVersion candidate = canary.candidate();
        try {
            return once(candidate, route, writer, reader, deadline, priority, items, start);
        } catch (InferenceException e) {
            if (e.reason() == Reason.INPUT_MISMATCH) {
                return MISFIT;
            }
            canary.failed(e.reason(), items);
            if (e.reason() == Reason.DEADLINE_EXCEEDED) {
                throw e; // no time is left to ask the primary
            }
            return CLOSED;
        } catch (RuntimeException e) {
            LOG.debug("a caller's code failed with {}; the primary is asked", candidate.id(), e);
            return MISFIT;
        }
    }

    private Object once(
            LoadedVersion version,
            Route route,
            InputWriter writer,
            OutputReader<?> reader,
            Deadline deadline,
            int priority,
            int items,
            long start)
            throws InferenceException {
        if (route.fleet() == null) {
            return inSlot(version, route, writer, reader, deadline, priority, items, start);
        }
        version.pace().enter(); // so that the next one sees how many are before it
        try {
            return inSlot(version, route, writer, reader, deadline, priority, items, start);
        } finally {
            version.pace().leave();
        }
    }

    private Object inSlot(
            LoadedVersion version,
            Route route,
            InputWriter writer,
            OutputReader<?> reader,
            Deadline deadline,
            int priority,
            int items,
            long start)
            throws InferenceException {
        PooledSlot slot = acquire(version, writer.shapes(), deadline, priority);
        if (slot == null) {
            return CLOSED;
        }
        boolean mine = true;
        try {
            long acquired = System.nanoTime();
            write(writer, slot, version);
            long written = System.nanoTime();
            PooledSlot.Outcome outcome = run(slot, deadline, written);
            if (outcome != PooledSlot.Outcome.RAN) {
                mine = false;
                throw left(outcome, version);
            }
            long ran = System.nanoTime();
            Object answer = reader instanceof VersionReader<?> ours
                    ? ours.read(slot.tensors(), version)
                    : reader.read(slot.tensors());
            slot.counters().success(items, start, acquired, written, ran, System.nanoTime());
            slot.ran(ran - written, ran);
            show(route, version, slot, writer, items, ran);
            return answer;
        } finally {
            if (mine) {
                slot.release();
            }
        }
    }

    /** Lets a shadow and others see what was answered, where there are any. */
    private static void show(
            Route route, LoadedVersion version, PooledSlot slot, InputWriter writer, int items, long now) {
        Observation shadow = route.shadow();
        if (shadow != null && route.answers(version)) {
            shadow.offer(slot.tensors(), version, writer);
        }
        Tap tap = route.tap();
        if (tap != null && items == 1 && route.answers(version)) {
            tap.offer(slot, version, now);
        }
    }

    private @Nullable PooledSlot acquire(
            LoadedVersion version, Map<String, List<Long>> shapes, Deadline deadline, int priority)
            throws InferenceException {
        try {
            return version.acquire(shapes, deadline, priority);
        } catch (InferenceException e) {
            if (e.reason() == Reason.DEVICE_UNAVAILABLE && shapes.isEmpty()) {
                lose(version, e); // with shapes of the caller's own it may be their size
            }
            throw e;
        }
    }

    private static void write(InputWriter writer, PooledSlot slot, LoadedVersion version) throws InferenceException {
        try {
            if (writer instanceof CheckedWriter ours) {
                ours.check(version);
            }
            writer.write(slot.tensors());
        } catch (IllegalArgumentException e) {
            throw new InferenceException(Reason.INPUT_MISMATCH, String.valueOf(e.getMessage()), e);
        }
    }

    private PooledSlot.Outcome run(PooledSlot slot, Deadline deadline, long now) throws InferenceException {
        try {
            return slot.run(deadline, now);
        } catch (InferenceException e) {
            if (e.reason() == Reason.DEVICE_UNAVAILABLE) {
                lose(slot.version(), e);
            } else if (e.reason() == Reason.DEADLINE_EXCEEDED && !deadline.passed()) {
                var hangs = new InferenceException(Reason.DEVICE_UNAVAILABLE, hung(slot, now), e);
                lose(slot.version(), hangs);
                throw hangs;
            }
            throw e;
        } catch (RuntimeException | LinkageError e) { // a driver is foreign code, and may be half gone
            var gone = new InferenceException(Reason.DEVICE_UNAVAILABLE, "the driver failed: " + e, e);
            lose(slot.version(), gone);
            throw gone;
        }
    }

    /** {@return what to say of a run that was cut off before its time was over} */
    private static String hung(PooledSlot slot, long startNanos) {
        return "a run was cut off after %d ms, as it usually takes %.3f ms"
                .formatted((System.nanoTime() - startNanos) / 1_000_000, slot.usualNanos() / 1e6);
    }

    private void lose(LoadedVersion version, InferenceException e) {
        if (version.lose()) {
            deviceFailed.accept(version, e);
        }
    }

    private static InferenceException left(PooledSlot.Outcome outcome, LoadedVersion version) {
        return outcome == PooledSlot.Outcome.LATE
                ? new InferenceException(
                        Reason.DEADLINE_EXCEEDED,
                        "the run on " + version.device().id() + " was not done in time and goes on unheeded",
                        null)
                : new InferenceException(
                        Reason.DEVICE_UNAVAILABLE, "device " + version.device().id() + " is stuck", null);
    }
}
