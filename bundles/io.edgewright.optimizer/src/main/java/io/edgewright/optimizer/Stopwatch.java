// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import io.edgewright.api.optimize.Latency;
import io.edgewright.api.optimize.OptimizationException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Times models in turns, so that what else the machine does hits all of them alike. */
final class Stopwatch {

    private static final int WARM_UPS = 3;
    private static final int MOST_ROUNDS = 300;
    private static final int LEAST_ROUNDS = 5;

    /** A turn is at least this long, as the clock and the caches need a while. */
    private static final long TURN_NANOS = 500_000;

    private static final int MOST_RUNS = 50; // of one turn

    /** On a machine that is never quiet, measuring takes that many times as long, and no more. */
    private static final int MOST_WAITING = 4;

    /**
     * What was measured of one model.
     *
     * @param latency of single runs
     * @param turns the median run of each turn, in nanoseconds
     */
    record Timing(Latency latency, double[] turns) {

        /** {@return how many times as fast as the other: the median of the turns side by side} */
        double speedupOver(Timing other) {
            double[] ratios = new double[Math.min(turns.length, other.turns.length)];
            Arrays.setAll(ratios, i -> other.turns[i] / turns[i]);
            Arrays.sort(ratios);
            return ratios.length == 0 ? Double.NaN : ratios[ratios.length / 2];
        }
    }

    private Stopwatch() {}

    /**
     * {@return one timing for each model}
     *
     * @param models with their inputs in place
     * @param time how long to measure all of them together
     * @param beforeRound called before each round: waits for a quiet moment, throws to break off
     */
    static List<Timing> measure(List<Bench> models, Duration time, Pause beforeRound) throws OptimizationException {
        List<List<Long>> runs = new ArrayList<>();
        List<List<Double>> turns = new ArrayList<>();
        int[] perTurn = new int[models.size()];
        for (int m = 0; m < models.size(); m++) {
            runs.add(new ArrayList<>());
            turns.add(new ArrayList<>());
            perTurn[m] = runsPerTurn(models.get(m));
        }
        long spent = 0;
        long begun = System.nanoTime();
        for (int round = 0; round < MOST_ROUNDS; round++) {
            long waited = System.nanoTime() - begun;
            if (round >= LEAST_ROUNDS && (spent >= time.toNanos() || waited >= MOST_WAITING * time.toNanos())) {
                break;
            }
            beforeRound.await();
            long start = System.nanoTime();
            for (int i = 0; i < models.size(); i++) {
                int m = (i + round) % models.size(); // nobody is always first
                turns.get(m).add(turn(models.get(m), perTurn[m], runs.get(m)));
            }
            spent += System.nanoTime() - start;
        }
        List<Timing> timings = new ArrayList<>();
        for (int m = 0; m < models.size(); m++) {
            timings.add(new Timing(
                    latency(runs.get(m)),
                    turns.get(m).stream().mapToDouble(Double::doubleValue).toArray()));
        }
        return timings;
    }

    /** Waits for a quiet moment. */
    @FunctionalInterface
    interface Pause {
        void await() throws OptimizationException;
    }

    private static int runsPerTurn(Bench model) throws OptimizationException {
        long best = Long.MAX_VALUE;
        for (int i = 0; i < WARM_UPS; i++) {
            best = Math.min(best, model.time());
        }
        return (int) Math.max(1, Math.min(MOST_RUNS, TURN_NANOS / Math.max(1, best)));
    }

    private static double turn(Bench model, int count, List<Long> runs) throws OptimizationException {
        model.time(); // the other model has taken the caches
        long[] times = new long[count];
        for (int i = 0; i < count; i++) {
            times[i] = model.time();
            runs.add(times[i]);
        }
        Arrays.sort(times);
        return times[count / 2];
    }

    private static Latency latency(List<Long> runs) {
        List<Long> sorted = runs.stream().sorted().toList();
        return new Latency(
                Duration.ofNanos(sorted.get(sorted.size() / 2)),
                Duration.ofNanos(sorted.get(Math.min(sorted.size() - 1, sorted.size() * 95 / 100))),
                sorted.size());
    }
}
