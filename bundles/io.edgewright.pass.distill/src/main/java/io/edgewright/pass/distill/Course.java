// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassContext;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.onnxruntime.graph.SampleFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.zip.CRC32;

/** One distillation from start to end. */
final class Course {

    /** From so many samples on, the statistics of a batch say something. */
    private static final int ENOUGH_FOR_STATISTICS = 16;

    private final OnnxModel teacher;
    private final OnnxModel student;
    private final Settings settings;
    private final PassContext context;

    /** Both models in the form of FloatModel.plain; the student gets new weights. */
    Course(OnnxModel teacher, OnnxModel student, Settings settings, PassContext context) {
        this.teacher = teacher;
        this.student = student;
        this.settings = settings;
        this.context = context;
    }

    /**
     * Trains, and writes the student.
     *
     * @param from the student's file
     */
    PassResult run(Path from, Path target) throws OptimizationException, IOException {
        List<TensorSpec> inputs = specs(teacher.graph().inputs());
        if (!inputs.equals(specs(student.graph().inputs()))
                || !names(teacher.graph()).equals(names(student.graph()))) {
            throw new OptimizationException(
                    Reason.UNSUPPORTED,
                    "distill: the student takes %s and gives %s, expected %s and %s as the teacher"
                            .formatted(
                                    student.graph().inputs(), names(student.graph()), inputs, names(teacher.graph())));
        }
        if (context.calibrationSize() < Settings.FEWEST_SAMPLES) {
            throw new OptimizationException(
                    Reason.NO_CALIBRATION,
                    "distill: there are %d calibration samples, expected %d or more"
                            .formatted(context.calibrationSize(), Settings.FEWEST_SAMPLES));
        }
        try (SampleFile samples = SampleFile.of(
                context, inputs, settings.samples(), context.workFolder().resolve("samples"))) {
            return train(samples, from, target);
        }
    }

    private PassResult train(SampleFile samples, Path from, Path target) throws OptimizationException, IOException {
        Path file = context.workFolder().resolve("training.onnx");
        long each = TrainingGraph.write(teacher, student, samples.shapes(1), settings.objective(), false, file)
                .bytesPerSample();
        long fitting = Math.max(1, settings.memoryBytes() / each);
        int batch = samples.batch((int) Math.min(settings.batch(), fitting));
        boolean batchStatistics = settings.normalization() == Settings.Normalization.BATCH
                || settings.normalization() == Settings.Normalization.AUTO && batch >= ENOUGH_FOR_STATISTICS;
        TrainingGraph graph = TrainingGraph.write(
                teacher, student, samples.shapes(batch), settings.objective(), batchStatistics, file);
        var learnt = new Learnt();
        graph.weights().forEach(name -> learnt.addWeight(name, numbers(name)));
        graph.statistics().forEach(name -> learnt.addStatistic(name, numbers(name)));
        int parts = (settings.batch() + batch - 1) / batch;
        var schedule = new Trainer.Schedule(settings.steps(), settings.rate(), parts, batch);
        var trainer = new Trainer(graph, samples, learnt, schedule, context);
        trainer.run(file, context.workFolder().resolve("checkpoint"), name(from, samples));
        graph.weights().forEach(name -> store(name, learnt));
        graph.statistics().forEach(name -> store(name, learnt));
        student.write(target);
        return result(graph, trainer, samples, schedule);
    }

    private float[] numbers(String name) {
        return student.graph().initializer(name).orElseThrow().toFloats();
    }

    private void store(String name, Learnt learnt) {
        Weights before = student.graph().initializer(name).orElseThrow();
        student.graph().setInitializer(name, Weights.ofFloats(before.shape(), learnt.value(name)));
    }

    /** What a checkpoint must be of, to go on from. */
    private String name(Path from, SampleFile samples) throws IOException {
        var sum = new CRC32();
        sum.update(Files.readAllBytes(from));
        sum.update(Files.readAllBytes(context.original().path()));
        return "%08x %d %s".formatted(sum.getValue(), samples.size(), context.parameters());
    }

    private PassResult result(TrainingGraph graph, Trainer trainer, SampleFile samples, Trainer.Schedule schedule) {
        return PassResult.changed(
                String.format(
                        Locale.ROOT,
                        "%d steps over %d samples: loss %.4f to %.4f",
                        schedule.steps(),
                        samples.size(),
                        trainer.firstLoss(),
                        trainer.lastLoss()),
                Map.of(
                        "steps", (double) schedule.steps(),
                        "samples", (double) samples.size(),
                        "loss_before", trainer.firstLoss(),
                        "loss_after", trainer.lastLoss(),
                        "batch_samples", (double) schedule.batch(),
                        "weights_learnt", (double) graph.weights().size()),
                List.of());
    }

    private static List<TensorSpec> specs(List<ValueInfo> values) {
        return values.stream().flatMap(v -> v.spec().stream()).toList();
    }

    private static List<String> names(Graph graph) {
        return graph.outputs().stream().map(ValueInfo::name).toList();
    }
}
