// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.onnxruntime.graph.GraphRun;
import io.edgewright.onnxruntime.graph.SampleFile;
import java.io.IOException;
import java.nio.FloatBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Steps down the gradients that a graph gives, with Adam and a rate that falls like a cosine. */
final class Trainer {

    private static final Logger LOG = LoggerFactory.getLogger(Trainer.class);

    private static final int STEPS_PER_SAVE = 100;

    /** How far a statistic goes towards that of a batch. */
    private static final float FOLLOW = 0.05f;

    private final TrainingGraph graph;
    private final SampleFile samples;
    private final Learnt learnt;
    private final PassContext context;
    private final Schedule schedule;
    private final Map<String, float[]> sums = new HashMap<>();
    private double first = Double.NaN;
    private double smooth = Double.NaN;

    /**
     * How long and how fast.
     *
     * @param steps how many
     * @param rate at the start
     * @param parts how many batches of the graph one step has
     * @param batch how many samples the graph takes
     */
    record Schedule(int steps, double rate, int parts, int batch) {

        private static final double WARM_UP = 0.05;

        /** Adam knows nothing at first, so that the first steps are short. */
        double rate(int step) {
            double begun = Math.min(1, (step + 1) / (WARM_UP * steps));
            return begun * rate * 0.5 * (1 + Math.cos(Math.PI * step / steps));
        }
    }

    Trainer(TrainingGraph graph, SampleFile samples, Learnt learnt, Schedule schedule, PassContext context) {
        this.graph = graph;
        this.samples = samples;
        this.learnt = learnt;
        this.schedule = schedule;
        this.context = context;
        graph.weights().forEach(name -> sums.put(name, new float[learnt.value(name).length]));
    }

    /**
     * Trains to the end, or on from where a checkpoint of the same course is.
     *
     * @param file the graph
     * @param checkpoint where the state is kept meanwhile
     * @param course what is trained, and how
     */
    void run(Path file, Path checkpoint, String course) throws OptimizationException {
        restore(checkpoint, course);
        try (GraphRun run = GraphRun.open(file, samples.shapes(schedule.batch()))) {
            while (learnt.steps() < schedule.steps()) {
                int step = learnt.steps();
                if (context.cancelled()) {
                    save(checkpoint, course);
                }
                context.checkCancelled();
                step(run, step);
                if (learnt.steps() % STEPS_PER_SAVE == 0) {
                    save(checkpoint, course);
                }
                context.progress(
                        0.05 + 0.9 * step / schedule.steps(),
                        String.format(Locale.ROOT, "step %d of %d, loss %.4f", step + 1, schedule.steps(), smooth));
            }
        }
    }

    private void step(GraphRun run, int step) throws OptimizationException {
        sums.values().forEach(sum -> Arrays.fill(sum, 0));
        for (String name : graph.weights()) {
            run.input(Objective.STUDENT + name).floatBuffer().put(0, learnt.value(name));
        }
        double loss = 0;
        for (int part = 0; part < schedule.parts(); part++) {
            samples.read(run, chosen((long) step * schedule.parts() + part));
            run.run();
            loss += run.output(TrainingGraph.LOSS).floatBuffer().get(0) / schedule.parts();
            collect(run);
        }
        if (!Double.isFinite(loss)) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED,
                    "distill: the loss is %s at step %d, expected a finite number: a lower rate may do"
                            .formatted(loss, step));
        }
        first = Double.isNaN(first) ? loss : first;
        smooth = Double.isNaN(smooth) ? loss : smooth + 0.05 * (loss - smooth);
        learnt.begin();
        for (String name : graph.weights()) {
            learnt.move(name, sums.getOrDefault(name, new float[0]), schedule.rate(step));
        }
    }

    private void collect(GraphRun run) {
        for (String name : graph.weights()) {
            FloatBuffer gradient = run.output(TrainingGraph.GRADIENT + name).floatBuffer();
            float[] sum = sums.getOrDefault(name, new float[0]);
            for (int i = 0; i < sum.length; i++) {
                sum[i] += gradient.get(i) / schedule.parts();
            }
        }
        for (String name : graph.statistics()) {
            float[] batch = run.output(TrainingGraph.STATISTICS + name).toFloats();
            learnt.follow(name, batch, FOLLOW / schedule.parts());
        }
    }

    /** {@return the samples of a batch: each once before any is seen again, in an order that only depends on the round} */
    private int[] chosen(long batch) {
        int[] chosen = new int[schedule.batch()];
        for (int i = 0; i < chosen.length; i++) {
            long at = batch * chosen.length + i;
            chosen[i] = order(at / samples.size())[(int) (at % samples.size())];
        }
        return chosen;
    }

    private long orderedRound = -1;
    private int[] ordered = new int[0];

    private int[] order(long round) {
        if (round != orderedRound) {
            List<Integer> all = new ArrayList<>();
            for (int i = 0; i < samples.size(); i++) {
                all.add(i);
            }
            Collections.shuffle(all, new Random(round));
            ordered = all.stream().mapToInt(Integer::intValue).toArray();
            orderedRound = round;
        }
        return ordered;
    }

    /** {@return the loss of the first batch; NaN if the training went on from a checkpoint at its end} */
    double firstLoss() {
        return first;
    }

    /** {@return the loss of the last batches, smoothed} */
    double lastLoss() {
        return smooth;
    }

    private void restore(Path checkpoint, String course) {
        try {
            if (learnt.restore(checkpoint, course)) {
                LOG.info("Distillation goes on at step {} of {}", learnt.steps(), schedule.steps());
            }
        } catch (IOException e) {
            LOG.warn("Distillation begins anew: {} could not be read: {}", checkpoint, e.getMessage());
        }
    }

    private void save(Path checkpoint, String course) throws OptimizationException {
        try {
            learnt.save(checkpoint, course);
        } catch (IOException e) {
            throw new OptimizationException(
                    Reason.RESOURCES, checkpoint + " could not be written: " + e.getMessage(), e);
        }
    }
}
