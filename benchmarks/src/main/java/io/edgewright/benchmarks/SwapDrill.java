// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.event.EventSink;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.api.inference.ServedVersion;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import org.osgi.framework.Bundle;
import org.osgi.framework.wiring.FrameworkWiring;

/**
 * Eight threads ask without a pause: first undisturbed, then a million times while the model's version and the driver's
 * bundle are swapped in turn after every ten thousand answers. Looks for a request that failed or was answered wrongly, and
 * for what the swaps cost those that were not. The thread that swaps sleeps until there is something to do: on a machine with
 * as many cores as it has, one that looks every millisecond would be what is measured.
 */
final class SwapDrill {

    private static final String NAME = "drill";
    private static final int THREADS = 8;
    private static final int SWAPS = 100;
    private static final long CALLS = 1_000_000;
    private static final long STEADY_CALLS = 500_000;
    private static final long PATIENCE_SECONDS = 60;

    private final Platform platform;
    private final Predictor predictor;
    private final Deployments deployments;
    private final Semaphore news = new Semaphore(0); // one for each thing that may end what is waited for
    private final float[] request = Workload.SIGNAL.request();
    private final List<float[]> answers = new ArrayList<>();
    private final AtomicBoolean stop = new AtomicBoolean();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong wrong = new AtomicLong();
    private final Map<String, Long> failures = new ConcurrentHashMap<>(); // what a caller was told, and how often
    private volatile boolean counting;
    private volatile long due = STEADY_CALLS; // tell when there were that many calls
    private volatile Phase phase = Phase.STEADY;

    private SwapDrill(Platform platform, Predictor predictor) throws Exception {
        this.platform = platform;
        this.predictor = predictor;
        this.deployments = platform.service(Deployments.class, "");
        platform.context().registerService(EventSink.class, event -> news.release(), null);
    }

    /** What happens meanwhile. */
    private enum Phase {
        /** Nothing, and there was no swap yet. */
        STEADY,
        /** Nothing, between two swaps. */
        BETWEEN,
        MODEL_SWAP,
        DRIVER_SWAP
    }

    /** One thread's times, apart for what happened meanwhile. */
    private static final class Caller extends Thread {

        private final Map<Phase, Latencies> times = new EnumMap<>(Phase.class);

        Caller(Runnable task, int number) {
            super(task, "caller-" + number);
            for (Phase phase : Phase.values()) {
                times.put(phase, new Latencies());
            }
        }

        Latencies of(Phase phase) {
            return Optional.ofNullable(times.get(phase)).orElseThrow();
        }

        void record(Phase phase, long nanos) {
            of(phase).add(nanos);
        }
    }

    /**
     * Drills and writes {@code swap.json}.
     *
     * @param arguments the build folder
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        Platform platform = Platform.start(target, false, false, Map.of());
        for (int version = 1; version <= 2; version++) {
            Path file = target.resolve("models").resolve("drill-" + version + ".onnx");
            Files.createDirectories(file.getParent());
            Files.write(file, TestModels.signalNet(version, 256));
            platform.store(file, NAME, version + ".0.0");
        }
        Predictor predictor = platform.deploy(NAME, NAME, "1.0.0", Map.of("rollout", "immediate"));
        new SwapDrill(platform, predictor).run(target);
        platform.stop();
        System.exit(0);
    }

    private void run(Path target) throws Exception {
        answers.add(ask());
        swapModel("2.0.0");
        answers.add(ask());
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            callers.add(caller(i));
        }
        Thread.sleep(3000); // the compiler is at work
        counting = true;
        awaitCalls(STEADY_CALLS);
        long begin = System.nanoTime();
        for (int i = 0; i < SWAPS; i++) {
            phase = Phase.BETWEEN;
            awaitCalls(STEADY_CALLS + i * (CALLS / SWAPS));
            if (i % 2 == 0) {
                phase = Phase.MODEL_SWAP;
                swapModel(i % 4 == 0 ? "1.0.0" : "2.0.0");
            } else {
                phase = Phase.DRIVER_SWAP;
                swapDriver(i % 4 == 1);
            }
        }
        phase = Phase.BETWEEN;
        awaitCalls(STEADY_CALLS + CALLS);
        stop.set(true);
        for (Caller caller : callers) {
            caller.join();
        }
        report(target, callers, (System.nanoTime() - begin) / 1e9);
    }

    private void report(Path target, List<Caller> callers, double seconds) throws Exception {
        Map<Phase, Latencies> times = new EnumMap<>(Phase.class);
        for (Phase each : Phase.values()) {
            var sum = new Latencies();
            callers.forEach(c -> sum.add(c.of(each)));
            times.put(each, sum);
        }
        var report = new Report("swap");
        report.row(
                "calls",
                calls.get(),
                "model swaps",
                SWAPS / 2,
                "driver swaps",
                SWAPS / 2,
                "failed",
                failures.values().stream().mapToLong(Long::longValue).sum(),
                "wrong",
                wrong.get(),
                "seconds",
                seconds);
        var swapped = new Latencies();
        times.forEach((each, found) -> {
            if (each != Phase.STEADY) {
                swapped.add(found);
            }
        });
        double steady = steadyP99(times);
        report(
                report,
                "STEADY, no swaps",
                Optional.ofNullable(times.get(Phase.STEADY)).orElseThrow(),
                steady);
        report(report, "100 SWAPS, all calls", swapped, steady);
        times.forEach((each, found) -> {
            if (each != Phase.STEADY) {
                report(report, "of these " + each, found, steady);
            }
        });
        report.write(target);
        failures.forEach((text, count) -> System.out.println(count + " failed: " + text));
    }

    private static void report(Report report, String meanwhile, Latencies found, double steadyP99) {
        report.row(
                "meanwhile", meanwhile,
                "calls", found.count(),
                "p50 us", found.quantileMicros(0.5),
                "p90 us", found.quantileMicros(0.9),
                "p99 us", found.quantileMicros(0.99),
                "p99 vs steady", found.quantileMicros(0.99) / steadyP99,
                "longest ms", found.mostMicros() / 1e3);
    }

    private static double steadyP99(Map<Phase, Latencies> times) {
        return Optional.ofNullable(times.get(Phase.STEADY)).orElseThrow().quantileMicros(0.99);
    }

    private Caller caller(int number) {
        var holder = new Caller[1];
        holder[0] = new Caller(() -> call(holder[0]), number);
        holder[0].start();
        return holder[0];
    }

    private void call(Caller me) {
        float[] answer = new float[Workload.SIGNAL.outputElements()];
        while (!stop.get()) {
            Phase before = phase;
            long start = System.nanoTime();
            try {
                ask(answer);
                check(answer);
            } catch (InferenceException e) {
                failures.merge(e.reason() + ": " + e.getMessage(), 1L, Long::sum);
            }
            if (counting) {
                Phase during = before == Phase.STEADY || before == Phase.BETWEEN ? phase : before;
                me.record(during, System.nanoTime() - start);
                if (calls.incrementAndGet() == due) {
                    news.release();
                }
            }
        }
    }

    private float[] ask() throws InferenceException {
        float[] answer = new float[Workload.SIGNAL.outputElements()];
        ask(answer);
        return answer;
    }

    private void ask(float[] answer) throws InferenceException {
        predictor.predict(
                inputs -> inputs.input("input").floatBuffer().put(0, request),
                outputs -> outputs.output("output").floatBuffer().get(0, answer),
                RequestOptions.DEFAULT);
    }

    private void check(float[] answer) {
        for (float[] expected : answers) {
            if (Math.abs(expected[0] - answer[0]) < 1e-4 && Math.abs(expected[4] - answer[4]) < 1e-4) {
                return;
            }
        }
        wrong.incrementAndGet();
    }

    private void swapModel(String version) throws Exception {
        platform.change(NAME, Map.of("version", version));
        awaitNews(version + " to serve", () -> deployments
                .find(NAME)
                .flatMap(DeploymentStatus::primary)
                .filter(v -> v.manifest().id().version().toString().equals(version))
                .isPresent());
    }

    /** Stops and starts the driver, or installs its jar anew, which gives it a new class loader. */
    private void swapDriver(boolean update) throws Exception {
        Bundle driver = platform.bundle("io.edgewright.accelerator.cpu");
        Instant before = Instant.now();
        if (update) {
            driver.update();
            var refreshed = new AtomicBoolean();
            platform.context().getBundle(0).adapt(FrameworkWiring.class).refreshBundles(List.of(driver), event -> {
                refreshed.set(true);
                news.release();
            });
            awaitNews("the driver's new class loader", refreshed::get);
        } else {
            driver.stop();
            driver.start();
        }
        awaitNews("the new driver to serve", () -> deployments
                .find(NAME)
                .flatMap(DeploymentStatus::primary)
                .filter(primary -> isNew(primary, before))
                .isPresent());
    }

    private void awaitCalls(long count) throws Exception {
        due = count;
        awaitNews(count + " calls", () -> calls.get() >= count);
    }

    private void awaitNews(String what, Callable<Boolean> condition) throws Exception {
        while (!condition.call()) {
            if (!news.tryAcquire(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
                throw new IllegalStateException("waited " + PATIENCE_SECONDS + " s in vain for " + what);
            }
        }
    }

    private static boolean isNew(ServedVersion primary, Instant before) {
        return Duration.between(before, primary.since()).compareTo(Duration.ofMillis(-1)) > 0;
    }
}
