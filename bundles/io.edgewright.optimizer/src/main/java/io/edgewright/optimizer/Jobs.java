// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.CalibrationSource;
import io.edgewright.api.optimize.Measurement;
import io.edgewright.api.optimize.Optimization;
import io.edgewright.api.optimize.Optimization.State;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.OptimizationRequest;
import io.edgewright.api.optimize.Variant;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests, one worked on at a time, in the order in which they came. Each is in a file of its own, so that the work goes
 * on after a restart. Thread-safe.
 */
final class Jobs implements Runnable {

    /** How the message of a request begins that waits for something to be installed or plugged in. */
    static final String MISSING = "waits: ";

    private static final Logger LOG = LoggerFactory.getLogger(Jobs.class);
    private static final Duration LOOK = Duration.ofSeconds(5);
    private static final Duration FIRST_PAUSE = Duration.ofSeconds(10);
    private static final Duration LONGEST_PAUSE = Duration.ofMinutes(10);
    private static final int MOST_ENDED = 100; // requests that are remembered

    private final RequestFiles files;
    private final Services services;
    private final Consumer<Optimization> whenChanged;
    private final Map<String, Job> jobs = new LinkedHashMap<>(); // guarded by this
    private boolean closed; // guarded by this
    private boolean woken; // guarded by this: since the worker looked last

    /**
     * @param folder where the requests are
     * @param whenChanged told when the state of one has changed
     */
    Jobs(Path folder, Services services, Consumer<Optimization> whenChanged) {
        this.files = new RequestFiles(folder);
        this.services = services;
        this.whenChanged = whenChanged;
    }

    /** One request. */
    private static final class Job {

        private volatile Optimization status;
        private volatile boolean cancelled;
        private boolean working; // guarded by the jobs, as the next
        private boolean again;
        private long notBefore = System.nanoTime();
        private Duration pause = FIRST_PAUSE;

        Job(Optimization status) {
            this.status = status;
        }
    }

    /** Reads what a former process left. */
    void read() throws IOException {
        List<Optimization> all = files.read();
        synchronized (this) {
            for (Optimization one : all) {
                jobs.put(one.id(), new Job(one.ended() ? one : next(one, State.WAITING, "goes on after a restart")));
            }
        }
    }

    Optimization request(OptimizationRequest request) {
        String id = Digests.ofText(Json.write(request)).substring(0, 16);
        Job job;
        synchronized (this) {
            job = jobs.get(id);
            if (job != null && job.status.state() != State.CANCELLED) {
                return job.status;
            }
            job = new Job(fresh(id, request));
            jobs.put(id, job);
            forgetOldest();
        }
        files.write(job.status);
        wake();
        return job.status;
    }

    synchronized List<Optimization> list() {
        return jobs.values().stream()
                .map(j -> j.status)
                .sorted(Comparator.comparing(Optimization::since).reversed())
                .toList();
    }

    synchronized Optional<Optimization> find(String id) {
        return Optional.ofNullable(jobs.get(id)).map(j -> j.status);
    }

    /** {@return the keys of the variants that requests have chosen} */
    Set<String> chosen() {
        return list().stream().map(Optimization::chosen).collect(Collectors.toSet());
    }

    /** {@return the requests that are calibrated with what a deployment sees} */
    List<String> calibratedWith(String deployment) {
        var source = new CalibrationSource(CalibrationSource.Kind.LIVE, deployment, "");
        return list().stream()
                .filter(o -> o.state() != State.CANCELLED)
                .filter(o -> o.request().calibration().equals(source))
                .map(Optimization::id)
                .toList();
    }

    void cancel(String id) {
        Job job;
        boolean waits;
        synchronized (this) {
            job = jobs.get(id);
            if (job == null || job.status.ended()) {
                return;
            }
            job.cancelled = true;
            waits = job.status.state() == State.WAITING;
        }
        if (waits) {
            change(job, next(job.status, State.CANCELLED, "was called off"));
        }
        wake();
    }

    /** Has a request done afresh; one that is worked on is broken off before. */
    void again(String id) {
        Job job;
        synchronized (this) {
            job = jobs.get(id);
            if (job == null) {
                return;
            }
            job.again = true;
            job.cancelled |= job.working;
        }
        beginAgain(job);
    }

    private void beginAgain(Job job) {
        synchronized (this) {
            if (!job.again || job.working || closed) {
                return;
            }
            job.again = false;
            job.cancelled = false;
        }
        change(job, fresh(job.status.id(), job.status.request()));
        wake();
    }

    private synchronized boolean isBegunAgain(Job job) {
        return job.again;
    }

    private synchronized void working(Job job, boolean now) {
        job.working = now;
    }

    void forget(String id) {
        synchronized (this) {
            Job job = jobs.get(id);
            if (job != null && !job.status.ended()) {
                throw new IllegalStateException("request " + id + " is " + job.status.state() + "; cancel it first");
            }
            jobs.remove(id);
        }
        files.delete(id);
    }

    /** Has the worker look at what waits: something came or went. */
    synchronized void wake() {
        woken = true;
        notifyAll();
    }

    synchronized void close() {
        closed = true;
        jobs.values().forEach(j -> j.cancelled = true);
        notifyAll();
    }

    /** The worker: ends when this is closed. */
    @Override
    public void run() {
        Job job = take();
        while (job != null) {
            working(job, true);
            work(job);
            working(job, false);
            beginAgain(job); // if that was asked for meanwhile
            job = take();
        }
    }

    private @Nullable Job take() {
        while (!isClosed()) {
            for (Job job : waiting()) {
                if (isReady(job)) { // without the lock, as it asks stores and drivers
                    return job;
                }
            }
            pause();
        }
        return null;
    }

    private synchronized List<Job> waiting() {
        woken = false;
        long now = System.nanoTime();
        return jobs.values().stream()
                .filter(j -> j.status.state() == State.WAITING && now - j.notBefore >= 0)
                .toList();
    }

    private synchronized void pause() {
        try {
            if (!woken && !closed) {
                wait(LOOK.toMillis());
            }
        } catch (InterruptedException e) {
            closed = true; // whoever interrupts the worker wants it to end
            Thread.currentThread().interrupt();
        }
    }

    private boolean isReady(Job job) {
        Optional<String> missing = new Work(job.status.request(), services, new JobDesk(job)).missing();
        missing.filter(m -> !job.status.message().endsWith(m))
                .ifPresent(m -> change(job, next(job.status, State.WAITING, MISSING + m)));
        return missing.isEmpty();
    }

    private void work(Job job) {
        change(job, next(job.status, State.RUNNING, "begins"));
        try {
            Work.Result result = new Work(job.status.request(), services, new JobDesk(job)).run();
            Optimization now = job.status;
            change(
                    job,
                    new Optimization(
                            now.id(),
                            now.request(),
                            State.DONE,
                            1,
                            result.message(),
                            Instant.now(),
                            now.samples(),
                            now.original(),
                            result.variants(),
                            result.chosen()));
        } catch (NotThereException e) {
            change(job, next(job.status, State.WAITING, MISSING + e.getMessage()));
        } catch (OptimizationException e) {
            failed(job, e);
        } catch (RuntimeException | Error e) { // passes and drivers are foreign code; the worker must go on
            LOG.error("request {} broke off", job.status.id(), e);
            change(job, next(job.status, State.FAILED, "broke off: " + e));
        }
    }

    private void failed(Job job, OptimizationException e) {
        String message = String.valueOf(e.getMessage());
        if (job.cancelled || e.reason() == Reason.CANCELLED) {
            if (isClosed() || isBegunAgain(job)) {
                return; // the file says RUNNING: it goes on after the restart
            }
            change(job, next(job.status, State.CANCELLED, "was called off"));
        } else if (e.reason() == Reason.DEVICE) {
            synchronized (this) {
                job.notBefore = System.nanoTime() + job.pause.toNanos();
                job.pause = job.pause.multipliedBy(2).compareTo(LONGEST_PAUSE) > 0
                        ? LONGEST_PAUSE
                        : job.pause.multipliedBy(2);
            }
            change(job, next(job.status, State.WAITING, "waits after a failure of the device: " + message));
        } else {
            change(job, next(job.status, State.FAILED, message));
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void change(Job job, Optimization next) {
        job.status = next;
        files.write(next);
        whenChanged.accept(next);
    }

    private static Optimization fresh(String id, OptimizationRequest request) {
        return new Optimization(
                id, request, State.WAITING, 0, "waits for its turn", Instant.now(), 0, Measurement.NONE, List.of(), "");
    }

    private static Optimization next(Optimization now, State state, String message) {
        return new Optimization(
                now.id(),
                now.request(),
                state,
                state == State.WAITING ? 0 : now.fraction(),
                message,
                Instant.now(),
                now.samples(),
                now.original(),
                now.variants(),
                now.chosen());
    }

    private void forgetOldest() {
        List<Job> ended = jobs.values().stream()
                .filter(j -> j.status.ended())
                .sorted(Comparator.comparing(j -> j.status.since()))
                .toList();
        for (Job old : ended.subList(0, Math.max(0, ended.size() - MOST_ENDED))) {
            jobs.remove(old.status.id());
            files.delete(old.status.id());
        }
    }

    /** Keeps the status of a job up to date while it is worked on. */
    private final class JobDesk implements Work.Desk {

        private final Job job;

        JobDesk(Job job) {
            this.job = job;
        }

        @Override
        public void report(double fraction, String message) {
            Optimization now = job.status;
            job.status = new Optimization(
                    now.id(),
                    now.request(),
                    now.state(),
                    fraction,
                    message,
                    now.since(),
                    now.samples(),
                    now.original(),
                    now.variants(),
                    now.chosen());
        }

        @Override
        public void report(int samples, Measurement original, List<Variant> variants) {
            Optimization now = job.status;
            job.status = new Optimization(
                    now.id(),
                    now.request(),
                    now.state(),
                    now.fraction(),
                    now.message(),
                    now.since(),
                    samples,
                    original,
                    variants,
                    now.chosen());
            files.write(job.status);
        }

        @Override
        public boolean cancelled() {
            return job.cancelled || Thread.currentThread().isInterrupted();
        }
    }
}
