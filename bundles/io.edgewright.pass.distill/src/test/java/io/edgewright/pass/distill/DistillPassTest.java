// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.distill;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.Graph;
import io.edgewright.onnx.Node;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.SampledPass;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DistillPassTest {

    @TempDir
    Path folder;

    private final DistillPass pass = new DistillPass();

    private Path folder(String name) throws IOException {
        return Files.createDirectories(folder.resolve(name));
    }

    /** A convolution, a normalization, a mean and a matrix: pictures [batch, 1, 6, 6] to 3 scores. */
    private ModelFile net(String name, int channels, int seed, Dim batch, long opset) throws IOException {
        var random = new Random(seed);
        Graph graph = new Graph(name);
        graph.setInputs(List.of(ValueInfo.of("x", DataType.FLOAT32, List.of(batch, Dim.of(1), Dim.of(6), Dim.of(6)))));
        graph.setOutputs(List.of(ValueInfo.of("y", DataType.FLOAT32)));
        long c = channels;
        weights(graph, "kernel", random, c, 1, 3, 3);
        weights(graph, "matrix", random, c, 3);
        for (String part : List.of("gamma", "beta", "mean", "variance")) {
            float[] values = new float[channels];
            Arrays.fill(values, part.equals("gamma") || part.equals("variance") ? 1 : 0);
            graph.setInitializer(part, Weights.ofFloats(List.of(c), values));
        }
        graph.add(new Node("Conv", List.of("x", "kernel"), List.of("a")));
        graph.add(new Node("BatchNormalization", List.of("a", "gamma", "beta", "mean", "variance"), List.of("b")));
        graph.add(new Node("Relu", List.of("b"), List.of("c")));
        graph.add(new Node("GlobalAveragePool", List.of("c"), List.of("d")));
        graph.add(new Node("Flatten", List.of("d"), List.of("e")));
        graph.add(new Node("MatMul", List.of("e", "matrix"), List.of("y")));
        return write(graph, opset);
    }

    private ModelFile write(Graph graph, long opset) throws IOException {
        Path file = folder.resolve(graph.name() + ".onnx");
        OnnxModel.of(8, opset, graph).write(file);
        return FileModel.of(file, "onnx");
    }

    private static void weights(Graph graph, String name, Random random, long... shape) {
        List<Long> dims = Arrays.stream(shape).boxed().toList();
        float[] values = new float[(int) Tensor.elements(dims)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        graph.setInitializer(name, Weights.ofFloats(dims, values));
    }

    private static List<Map<String, Tensor>> samples(int count) {
        var random = new Random(4);
        List<Map<String, Tensor>> samples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            float[] values = new float[36];
            for (int k = 0; k < values.length; k++) {
                values[k] = (float) random.nextGaussian() + i % 3;
            }
            samples.add(Map.of("x", Tensor.ofFloats(List.of(1L, 1L, 6L, 6L), values)));
        }
        return samples;
    }

    private PassResult apply(ModelFile teacher, ModelFile student, String parameters, Path target) throws Exception {
        Path work = folder("work-" + target.getFileName());
        return pass.apply(student, target, SampledPass.of(pass, parameters, teacher, samples(96), work));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "normalization=batch",
                "normalization=kept",
                "features=1",
                "batch=64,memory.mib=16,temperature=4",
                "batch=20"
            })
    void bringsTheStudentNearerToTheTeacher(String parameters) throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);

        PassResult result = apply(teacher, student, "steps=150,rate=0.02," + parameters, folder.resolve("made.onnx"));

        assertThat(result.figures().get("loss_after"))
                .isLessThan(result.figures().getOrDefault("loss_before", 0.0) / 3);
        try (OnnxModel made = OnnxModel.read(folder.resolve("made.onnx"))) {
            assertThat(made.problems()).isEmpty();
            assertThat(made.graph().inputs().get(0).shape().orElseThrow().get(0))
                    .isEqualTo(Dim.symbolic("N"));
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {8, 9, 10, 11, 12, 13, 18})
    void trainsModelsOfFixedBatchAndAnyOpsetInParts(long opset) throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.of(1), opset);
        ModelFile student = net("student", 4, 2, Dim.of(1), opset);

        PassResult result = apply(teacher, student, "steps=60,batch=16,rate=0.02", folder.resolve("made.onnx"));

        assertThat(result.figures().get("batch_samples")).isEqualTo(1);
        assertThat(result.figures().get("loss_after"))
                .isLessThan(result.figures().getOrDefault("loss_before", 0.0) / 2);
    }

    @Test
    void endsWithTheSameWeightsWhereverItWasInterrupted() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);
        apply(teacher, student, "steps=130,batch=16", folder.resolve("whole.onnx"));

        // when it is cancelled in the middle, and begun again with the same work folder
        var asked = new AtomicInteger();
        SampledPass context = SampledPass.of(pass, "steps=130,batch=16", teacher, samples(96), folder("work"));
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> pass.apply(
                        student, folder.resolve("no.onnx"), context.stoppedBy(() -> asked.incrementAndGet() > 250)))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
        assertThat(folder.resolve("no.onnx")).doesNotExist();
        assertThat(folder.resolve("work/checkpoint")).exists();
        var steps = new AtomicInteger();
        pass.apply(student, folder.resolve("parts.onnx"), context.stoppedBy(() -> steps.incrementAndGet() < 0));

        // then it does only what was missing, and the result is the same
        assertThat(Files.mismatch(folder.resolve("whole.onnx"), folder.resolve("parts.onnx")))
                .isEqualTo(-1);
        assertThat(steps.get()).isLessThan(96 + 2 * 130);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5, 60})
    void beginsAnewWhereTheCheckpointIsCutShort(int length) throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);
        apply(teacher, student, "steps=100,batch=16", folder.resolve("first.onnx"));
        Path checkpoint = folder.resolve("work-first.onnx/checkpoint");
        byte[] whole = Files.readAllBytes(checkpoint);
        Files.write(checkpoint, Arrays.copyOf(whole, length));
        Path again = folder("again").resolve("first.onnx");

        apply(teacher, student, "steps=100,batch=16", again);

        assertThat(Files.mismatch(folder.resolve("first.onnx"), again)).isEqualTo(-1);
    }

    @Test
    void hasNothingToDoWhereTheModelIsTheOriginal() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);

        PassResult result = apply(teacher, teacher, "", folder.resolve("made.onnx"));

        assertThat(result.changed()).isFalse();
        assertThat(result.summary()).contains("nothing to learn");
    }

    @Test
    void saysWhichOperatorHasNoGradient() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);
        try (OnnxModel changed = OnnxModel.read(student.path())) {
            changed.graph().producer("c").orElseThrow().setInput(0, "n");
            changed.graph()
                    .add(new Node("LRN", List.of("b"), List.of("n"))
                            .set("size", Attribute.of(3))
                            .named("odd"));
            changed.write(student.path());
        }

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(teacher, student, "", folder.resolve("made.onnx")))
                .withMessageContaining("LRN 'odd'")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }

    @Test
    void refusesAStudentThatTakesOtherInputs() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.of(1), 17);
        ModelFile student = net("student", 4, 2, Dim.of(2), 17);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(teacher, student, "", folder.resolve("made.onnx")))
                .withMessageContainingAll("the student takes", "expected")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }

    @Test
    void namesTheStoresInWhichAStudentIsMissing() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.of(1), 17);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(teacher, teacher, "student=nobody", folder.resolve("made.onnx")))
                .withMessageContaining("'nobody'")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BAD_PARAMETER));
    }

    @Test
    void asksForAsManySamplesAsItNeeds() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);
        SampledPass context = SampledPass.of(pass, "", teacher, samples(2), folder("work"));

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> pass.apply(student, folder.resolve("made.onnx"), context))
                .withMessageContainingAll("2 calibration samples", "16")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
    }

    @Test
    void stopsWhereTheLossIsNoNumberAnyMore() throws Exception {
        ModelFile teacher = net("teacher", 8, 1, Dim.symbolic("N"), 17);
        ModelFile student = net("student", 4, 2, Dim.symbolic("N"), 17);
        try (OnnxModel changed = OnnxModel.read(student.path())) {
            changed.graph().setInitializer("gamma", Weights.ofFloats(List.of(4L), Float.NaN, 1, 1, 1));
            changed.write(student.path());
        }

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(teacher, student, "", folder.resolve("made.onnx")))
                .withMessageContaining("loss is NaN at step 0")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }
}
