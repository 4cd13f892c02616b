// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.prune;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Accelerator;
import io.edgewright.api.accelerator.AcceleratorKind;
import io.edgewright.api.model.ModelFile;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.onnx.Attribute;
import io.edgewright.onnx.DataType;
import io.edgewright.onnx.Dim;
import io.edgewright.onnx.ValueInfo;
import io.edgewright.onnx.Weights;
import io.edgewright.testkit.SampledPass;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrunePassTest {

    private static final String CUT = "recovery=none,round=1";

    @TempDir
    Path folder;

    private final PrunePass pass = new PrunePass();
    private Path target = Path.of("");

    @BeforeEach
    void makeFolders() throws Exception {
        target = Files.createDirectories(folder.resolve("made")).resolve("model.onnx");
    }

    private PassResult apply(ModelFile model, String parameters, List<Map<String, Tensor>> samples) throws Exception {
        return pass.apply(model, target, SampledPass.of(pass, parameters, model, samples, folder));
    }

    /** Prunes half of the channels, all of them dead, and finds the same answers. */
    private void losesOnlyWhatIsDead(ModelFile model, int inputs) throws Exception {
        PassResult result = apply(model, CUT, List.of());

        List<Map<String, Tensor>> samples = TestNet.samples(3, inputs);
        assertThat(result.changed()).isTrue();
        assertThat(TestNet.answers(target, samples))
                .usingComparatorWithPrecision(1e-4f)
                .containsExactly(TestNet.answers(model.path(), samples));
        assertThat(result.figures().get("channels_after"))
                .isEqualTo(result.figures().getOrDefault("channels_before", 0.0) / 2);
    }

    @Test
    void cutsChannelsOutOfWhatMakesThemAndWhatReadsThem() throws Exception {
        var net = new TestNet(3);
        String last = net.relu(net.conv(net.relu(net.conv("x", 3, 8, 1)), 8, 4, 1));

        losesOnlyWhatIsDead(net.end(last, 4, folder), 3);

        assertThat(TestNet.shapes(target, "Conv")).containsExactly(List.of(4L, 3L, 3L, 3L), List.of(2L, 4L, 3L, 3L));
        assertThat(TestNet.shapes(target, "Gemm")).containsExactly(List.of(3L, 2L));
    }

    @Test
    void cutsBothSidesOfAResidualAlike() throws Exception {
        var net = new TestNet(3);
        String start = net.relu(net.conv("x", 3, 8, 1));
        String block = net.conv(net.relu(net.conv(start, 8, 6, 1)), 6, 8, 1);

        losesOnlyWhatIsDead(net.end(net.relu(net.node("Add", Map.of(), start, block)), 8, folder), 3);

        assertThat(TestNet.shapes(target, "Conv"))
                .containsExactly(List.of(4L, 3L, 3L, 3L), List.of(3L, 4L, 3L, 3L), List.of(4L, 3L, 3L, 3L));
    }

    @Test
    void shrinksTheGroupsOfAConvolutionByDepth() throws Exception {
        var net = new TestNet(3);
        String last = net.conv(net.conv("x", 3, 8, 1), 8, 8, 8);

        losesOnlyWhatIsDead(net.end(last, 8, folder), 3);

        assertThat(TestNet.shapes(target, "Conv")).containsExactly(List.of(4L, 3L, 3L, 3L), List.of(4L, 1L, 3L, 3L));
    }

    @Test
    void takesTheSameChannelsFromEachGroup() throws Exception {
        var net = new TestNet(3);
        String last = net.conv(net.relu(net.conv("x", 3, 8, 1)), 8, 8, 2);

        losesOnlyWhatIsDead(net.end(last, 8, folder), 3);

        assertThat(TestNet.shapes(target, "Conv")).containsExactly(List.of(4L, 3L, 3L, 3L), List.of(4L, 2L, 3L, 3L));
    }

    @Test
    void knowsWhereChannelsLieBehindAConcat() throws Exception {
        var net = new TestNet(3);
        String left = net.relu(net.conv("x", 3, 4, 1));
        String right = net.relu(net.conv("x", 3, 8, 1));
        String both = net.node("Concat", Map.of("axis", Attribute.of(1)), left, right);

        losesOnlyWhatIsDead(net.end(net.conv(both, 12, 4, 1), 4, folder), 3);

        assertThat(TestNet.shapes(target, "Conv"))
                .containsExactly(List.of(2L, 3L, 3L, 3L), List.of(4L, 3L, 3L, 3L), List.of(2L, 6L, 3L, 3L));
    }

    @ParameterizedTest
    @ValueSource(longs = {11, 13, 17, 18})
    void dividesASplitAnew(long opset) throws Exception {
        var net = new TestNet(3).opset(opset);
        String start = net.conv("x", 3, 8, 1);
        var split = new io.edgewright.onnx.Node("Split", List.of(start), List.of("low", "high"))
                .set("axis", Attribute.of(1));
        if (opset >= 13) {
            split.setInput(1, net.longs(2, 6));
        } else {
            split.set("split", Attribute.ofInts(List.of(2L, 6L)));
        }
        net.graph().add(split);
        String last = net.node("Concat", Map.of("axis", Attribute.of(1)), net.relu("high"), net.relu("low"));

        losesOnlyWhatIsDead(net.end(last, 8, folder), 3);
    }

    @Test
    void cutsWhatASliceReads() throws Exception {
        var net = new TestNet(3);
        String start = net.conv("x", 3, 8, 1);
        String part = net.node("Slice", Map.of(), start, net.longs(2), net.longs(6), net.longs(1));

        losesOnlyWhatIsDead(net.end(net.relu(part), 4, folder), 3);
    }

    @Test
    void cutsAllPlacesOfAChannelBehindAFlatten() throws Exception {
        var net = new TestNet(3);
        String flat = net.node("Flatten", Map.of(), net.relu(net.conv("x", 3, 4, 1)));

        losesOnlyWhatIsDead(net.write(net.gemm(flat, 4 * 36, 3), folder), 3);

        assertThat(TestNet.shapes(target, "Gemm")).containsExactly(List.of(3L, 72L));
    }

    @Test
    void roundsChannelsAndNotTheirPlacesBehindAFlatten() throws Exception {
        var net = new TestNet(3);
        String flat = net.node("Flatten", Map.of(), net.relu(net.conv("x", 3, 16, 1)));

        PassResult result = apply(net.write(net.gemm(flat, 16 * 36, 3), folder), "recovery=none,keep=0.6", List.of());

        assertThat(result.figures()).containsEntry("channels_before", 16.0).containsEntry("channels_after", 8.0);
    }

    @Test
    void correctsTheShapesOfAChannelShuffle() throws Exception {
        var net = new TestNet(3);
        String start = net.conv("x", 3, 8, 1);
        String split = net.node("Reshape", Map.of(), start, net.longs(1, 2, 4, 6, 6));
        String turned = net.node("Transpose", Map.of("perm", Attribute.ofInts(List.of(0L, 2L, 1L, 3L, 4L))), split);
        String joined = net.node("Reshape", Map.of(), turned, net.longs(1, 8, 6, 6));

        losesOnlyWhatIsDead(net.end(net.relu(joined), 8, folder), 3);
    }

    @Test
    void cutsTheNormalizationThatFollows() throws Exception {
        var net = new TestNet(3);
        String start = net.conv("x", 3, 4, 1);
        List<Long> four = List.of(4L);
        String last = net.node(
                "BatchNormalization",
                Map.of(),
                start,
                net.constant(Weights.ofFloats(four, 1, 0, 2, 0)),
                net.constant(Weights.ofFloats(four, 1, 0, 2, 0)),
                net.constant(Weights.ofFloats(four, 0, 0, 1, 0)),
                net.constant(Weights.ofFloats(four, 1, 1, 2, 1)));

        losesOnlyWhatIsDead(net.end(last, 4, folder), 3);
    }

    @Test
    void leavesWeightsThatTwoLayersShareAlike() throws Exception {
        var net = new TestNet(4);
        String first = net.conv("x", 4, 4, 1);
        var again = net.graph().producer(first).orElseThrow().copy().named("again");
        again.setOutputs(List.of("again"));
        net.graph().add(again);
        String sum = net.node("Add", Map.of(), first, "again");

        losesOnlyWhatIsDead(net.end(sum, 4, folder), 4);
    }

    @Test
    void leavesAModelAloneWhoseChannelsAreAllOutputs() throws Exception {
        var net = new TestNet(3);

        PassResult result = apply(net.write(net.conv("x", 3, 8, 1), folder), CUT, List.of());

        assertThat(result.changed()).isFalse();
        assertThat(target).doesNotExist();
        assertThat(result.summary()).contains("no channel can go");
    }

    @Test
    void leavesAloneWhatAnUnknownOperatorReads() throws Exception {
        var net = new TestNet(3);
        String known = net.relu(net.conv("x", 3, 8, 1));
        String unknown = net.node("LRN", Map.of("size", Attribute.of(3)), net.conv(known, 8, 4, 1));

        apply(net.end(unknown, 4, folder), CUT, List.of());

        assertThat(TestNet.shapes(target, "Conv")).containsExactly(List.of(4L, 3L, 3L, 3L), List.of(4L, 4L, 3L, 3L));
    }

    @Test
    void roundsChannelsAndKeepsLayersThatAreNamed() throws Exception {
        var net = new TestNet(3);
        String first = net.conv("x", 3, 24, 1);
        ModelFile model = net.end(net.relu(net.conv(net.relu(first), 24, 40, 1)), 40, folder);

        apply(model, "recovery=none,keep=0.4,exclude=" + first, List.of());

        assertThat(TestNet.shapes(target, "Conv")).containsExactly(List.of(24L, 3L, 3L, 3L), List.of(16L, 24L, 3L, 3L));
    }

    @Test
    void saysWhichLayersThereAreWhenOneToKeepIsUnknown() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.conv("x", 3, 8, 1), 8, folder);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, CUT + ",exclude=nobody", List.of()))
                .withMessageContainingAll("nobody", "conv")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.BAD_PARAMETER));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "importance=l1", "importance=measure", "budget=sensitivity"})
    void recoversFromSamplesWhatChannelsThatLivedMade(String how) throws Exception {
        // given layers in which the second half of the channels is a mixture of the first
        var net = new TestNet(3);
        String first = mixed(net, "x", 3, 8);
        ModelFile model = net.end(net.relu(mixed(net, first, 8, 8)), 8, folder);
        List<Map<String, Tensor>> samples = TestNet.samples(64, 3);
        float[] before = TestNet.answers(model.path(), samples);

        // when half of them go, then least squares find most of what they made
        apply(model, CUT + ",keep=0.5", List.of());
        double cut = distance(before, TestNet.answers(target, samples));
        apply(model, "round=1,keep=0.5" + (how.isEmpty() ? "" : "," + how), samples);
        double recovered = distance(before, TestNet.answers(target, samples));

        assertThat(recovered).isLessThan(cut / 4);
    }

    private static String mixed(TestNet net, String input, int from, int to) {
        var random = new Random(to + from);
        float[] kernel = new float[to * from * 9];
        int half = kernel.length / 2;
        for (int i = 0; i < half; i++) {
            kernel[i] = (float) random.nextGaussian() / 3;
        }
        for (int i = half; i < kernel.length; i++) {
            kernel[i] = kernel[i - half] * 0.7f;
        }
        String weights = net.constant(Weights.ofFloats(List.of((long) to, (long) from, 3L, 3L), kernel));
        return net.node("Conv", Map.of("pads", Attribute.ofInts(List.of(1L, 1L, 1L, 1L))), input, weights);
    }

    private static double distance(float[] a, float[] b) {
        double sum = 0;
        double size = 0;
        for (int i = 0; i < a.length; i++) {
            sum += Math.pow(a[i] - b[i], 2);
            size += a[i] * a[i];
        }
        return sum / size;
    }

    @Test
    void keepsOnAskingForSamplesUntilThereAreEnough() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.conv("x", 3, 16, 1), 16, folder);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, "", TestNet.samples(3, 3)))
                .withMessageContainingAll("3 calibration samples", "16")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
    }

    @Test
    void refusesSamplesThatAreNoNumbers() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.conv("x", 3, 16, 1), 16, folder);
        List<Map<String, Tensor>> samples = new ArrayList<>(TestNet.samples(20, 3));
        TestNet.picture(samples.get(7)).floatBuffer().put(5, Float.NaN);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, "", samples))
                .withMessageContainingAll("sample 7", "NaN")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
    }

    @Test
    void refusesSamplesOfAnotherShape() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.conv("x", 3, 16, 1), 16, folder);
        List<Map<String, Tensor>> samples = new ArrayList<>(TestNet.samples(20, 3));
        samples.set(4, TestNet.samples(1, 2).get(0));

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, "", samples))
                .withMessageContainingAll("sample 4", "[1, 2, 6, 6]")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.NO_CALIBRATION));
    }

    @Test
    void copesWithSamplesThatAreAllZero() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.relu(net.conv("x", 3, 16, 1)), 16, folder);
        List<Map<String, Tensor>> samples = TestNet.samples(16, 3);
        samples.forEach(sample -> {
            var values = TestNet.picture(sample).floatBuffer();
            for (int i = 0; i < values.limit(); i++) {
                values.put(i, 0);
            }
        });

        apply(model, "", samples);

        for (float answer : TestNet.answers(target, TestNet.samples(2, 3))) {
            assertThat(answer).isFinite();
        }
    }

    @Test
    void endsWhenItIsNoLongerWanted() throws Exception {
        var net = new TestNet(3);
        ModelFile model = net.end(net.relu(net.conv("x", 3, 16, 1)), 16, folder);
        SampledPass context =
                SampledPass.of(pass, "", model, TestNet.samples(32, 3), folder).stoppedBy(() -> true);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> pass.apply(model, target, context))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
    }

    @Test
    void refusesHalfPrecisionInOneLine() throws Exception {
        var net = new TestNet(3);
        net.graph().setInputs(List.of(ValueInfo.of("x", DataType.FLOAT16, List.of(Dim.of(4)))));
        String half = net.constant(Weights.of(DataType.FLOAT16, List.of(1L), ByteBuffer.allocate(2)));
        ModelFile model = net.write(net.node("Add", Map.of(), "x", half), folder);

        var cpu = new Accelerator("cpu", "cpu", AcceleratorKind.CPU, "", "", 0, Set.of("onnx"), true, Map.of());
        assertThat(pass.check(model, cpu).reason()).contains("FLOAT16");
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(model, CUT, List.of()))
                .withMessageContaining("FLOAT16")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
    }
}
