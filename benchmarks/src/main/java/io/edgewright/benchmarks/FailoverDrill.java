// SPDX-License-Identifier: Apache-2.0
package io.edgewright.benchmarks;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.Deployments.DeviceState;
import io.edgewright.api.inference.Predictor;
import io.edgewright.api.inference.RequestOptions;
import io.edgewright.testkit.TestModels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Eight threads ask while a simulated NPU is unplugged, fails, hangs, becomes slow and returns, again and again, with a
 * simulated CPU as the second device; looks for requests that failed or were not answered within their deadline.
 */
final class FailoverDrill {

    private static final String NAME = "failover";
    private static final String SIMULATED = "io.edgewright.accelerator.sim";
    private static final String NPU = "sim:npu.0";
    private static final String CPU = "sim:cpu.0";
    private static final int THREADS = 8;
    private static final int SETUPS = 4;
    private static final int ANSWERS = 100; // that are awaited before the next thing happens
    private static final Duration DEADLINE = Duration.ofSeconds(2);
    private static final Map<String, Object> WELL =
            Map.of("present", true, "fail.percent", 0, "hang", false, "slow.factor", 1, "run.micros", 500);

    /** What the NPU does meanwhile. */
    private enum Phase {
        STEADY(Map.of()),
        UNPLUGGED(Map.of("present", false)),
        FAILING(Map.of("fail.percent", 100)),
        HANGING(Map.of("hang", true)),
        SLOW(Map.of("slow.factor", 100)),
        RETURNING(Map.of());

        private final Map<String, Object> command;

        Phase(Map<String, Object> command) {
            this.command = command;
        }

        boolean isFault() {
            return !command.isEmpty();
        }
    }

    /** One thread's times, apart for what the NPU did when the request was made. */
    private static final class Caller extends Thread {

        private final Map<Phase, Latencies> times = new EnumMap<>(Phase.class);

        Caller(Runnable task) {
            super(task, "caller");
            for (Phase phase : Phase.values()) {
                times.put(phase, new Latencies());
            }
        }

        Latencies of(Phase phase) {
            return Optional.ofNullable(times.get(phase)).orElseThrow();
        }
    }

    private final Platform platform;
    private final Report report;
    private final int rounds;
    private final AtomicLong answered = new AtomicLong();
    private final Map<Phase, AtomicLong> failed = new EnumMap<>(Phase.class);
    private final Map<String, Long> failures = new ConcurrentHashMap<>(); // what a caller was told, and how often
    private volatile Phase phase = Phase.STEADY;
    private long allFailed;

    private FailoverDrill(Platform platform, Report report, int rounds) {
        this.platform = platform;
        this.report = report;
        this.rounds = rounds;
    }

    /**
     * Drills and writes {@code failover.json}; exits with 1 if a request failed.
     *
     * @param arguments the build folder, and how often each fault strikes
     */
    public static void main(String[] arguments) throws Exception {
        Path target = Path.of(arguments[0]);
        int strikes = Integer.parseInt(arguments[1]);
        Platform platform = Platform.start(target, false, false, Map.of());
        Path file = target.resolve("models").resolve("failover.onnx");
        Files.createDirectories(file.getParent());
        Files.write(file, TestModels.add(1, List.of(1L)));
        platform.store(file, NAME, "1.0.0");
        platform.service(Settings.class, "")
                .create(
                        "io.edgewright.runtime",
                        "",
                        Map.of("recover.seconds", 0, "backoff.start.seconds", 1, "backoff.max.seconds", 1));
        var report = new Report("failover");
        var drill = new FailoverDrill(platform, report, Math.max(1, strikes / SETUPS));
        for (String placement : List.of("preferred", "spread")) {
            for (boolean cancellable : new boolean[] {true, false}) {
                drill.run(placement, cancellable);
            }
        }
        report.write(target);
        drill.failures.forEach((text, count) -> System.out.println(count + " failed: " + text));
        platform.stop();
        System.exit(drill.allFailed == 0 ? 0 : 1);
    }

    private void run(String placement, boolean cancellable) throws Exception {
        Map<String, Object> npu = new HashMap<>(WELL);
        npu.putAll(Map.of("device.id", NPU, "cancellable", cancellable));
        Settings settings = platform.service(Settings.class, "");
        String npuPid = settings.create(SIMULATED, "npu", npu).pid();
        String cpuPid = settings.create(SIMULATED, "cpu", Map.of("device.id", CPU, "kind", "CPU", "run.micros", 2000))
                .pid();
        Predictor predictor = platform.deploy(
                NAME, NAME, "1.0.0", Map.of("placement", placement, "accelerators", new String[] {NPU, CPU}));
        for (Phase each : Phase.values()) {
            failed.put(each, new AtomicLong());
        }
        var stop = new AtomicBoolean();
        List<Caller> callers = new ArrayList<>();
        for (int i = 0; i < THREADS; i++) {
            var holder = new Caller[1];
            holder[0] = new Caller(() -> call(predictor, holder[0], stop));
            callers.add(holder[0]);
        }
        callers.forEach(Thread::start);
        awaitReady();
        for (int i = 0; i < rounds; i++) {
            for (Phase fault : Phase.values()) {
                if (fault.isFault()) {
                    strike(settings, npuPid, fault);
                }
            }
        }
        stop.set(true);
        for (Caller caller : callers) {
            caller.join();
        }
        tell(placement, cancellable, callers);
        platform.remove(NAME);
        settings.delete(npuPid);
        settings.delete(cpuPid);
    }

    private void strike(Settings settings, String pid, Phase fault) throws Exception {
        phase = fault;
        settings.update(pid, fault.command);
        awaitAnswers();
        phase = Phase.RETURNING;
        settings.update(pid, WELL);
        awaitReady();
        awaitAnswers();
        phase = Phase.STEADY;
        awaitAnswers();
    }

    private void awaitAnswers() throws Exception {
        long before = answered.get();
        Platform.await(ANSWERS + " answers", () -> answered.get() >= before + ANSWERS);
    }

    /** Waits until the NPU is used again, first of all devices. */
    private void awaitReady() throws Exception {
        Deployments deployments = platform.service(Deployments.class, "");
        Platform.await(
                "the NPU to serve again",
                () -> deployments.devices().stream()
                                .anyMatch(d -> d.accelerator().id().equals(NPU) && d.state() == DeviceState.READY)
                        && deployments
                                .find(NAME)
                                .flatMap(d -> d.primary())
                                .filter(v -> v.accelerator().equals(NPU))
                                .isPresent());
    }

    private void call(Predictor predictor, Caller me, AtomicBoolean stop) {
        var options = RequestOptions.within(DEADLINE);
        while (!stop.get()) {
            Phase during = phase;
            long start = System.nanoTime();
            try {
                float answer = predictor.predict(
                        inputs -> inputs.input("x").floatBuffer().put(0, 1),
                        outputs -> outputs.output("y").floatBuffer().get(0),
                        options);
                if (answer != 2) {
                    fail(during, "wrong answer " + answer);
                }
            } catch (InferenceException e) {
                fail(during, e.reason() + ": " + e.getMessage());
            }
            long nanos = System.nanoTime() - start;
            me.of(during).add(nanos);
            answered.incrementAndGet();
        }
    }

    private void fail(Phase during, String what) {
        Optional.ofNullable(failed.get(during)).orElseThrow().incrementAndGet();
        failures.merge(during + ", " + what, 1L, Long::sum);
    }

    private void tell(String placement, boolean cancellable, List<Caller> callers) {
        for (Phase each : Phase.values()) {
            var sum = new Latencies();
            callers.forEach(c -> sum.add(c.of(each)));
            long bad = Optional.ofNullable(failed.get(each)).orElseThrow().get();
            allFailed += bad;
            report.row(
                    "placement",
                    placement,
                    "runs",
                    cancellable ? "can be cut off" : "cannot",
                    "the NPU is",
                    each.toString(),
                    "times",
                    each.isFault() ? rounds : each == Phase.RETURNING ? rounds * 4 : 1,
                    "calls",
                    sum.count(),
                    "failed",
                    bad,
                    "p50 ms",
                    sum.quantileMicros(0.5) / 1e3,
                    "p99 ms",
                    sum.quantileMicros(0.99) / 1e3,
                    "longest ms",
                    sum.mostMicros() / 1e3);
        }
    }
}
