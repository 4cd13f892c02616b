// SPDX-License-Identifier: Apache-2.0
package io.edgewright.pass.graph;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.optimize.OptimizationException;
import io.edgewright.api.optimize.OptimizationException.Reason;
import io.edgewright.api.optimize.PassResult;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.HalfFloats;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnx.OnnxModel;
import io.edgewright.testkit.Closeness;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.SampledPass;
import io.edgewright.testkit.TestData;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class GraphPassTest {

    private static final TensorSpec X = new TensorSpec("x", ElementType.FLOAT32, List.of(-1L, 3L));

    @TempDir
    Path dir;

    private PassResult apply(Path model, Path target) throws IOException, OptimizationException {
        var pass = new GraphPass();
        FileModel file = FileModel.of(model, "onnx");
        return pass.apply(file, target, SampledPass.of(pass, "", file, List.of(), dir));
    }

    private void assertRefused(byte[] model, String message) throws IOException {
        Path file = Files.write(dir.resolve("m.onnx"), model);
        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> apply(file, dir.resolve("t.onnx")))
                .withMessageContaining(message)
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
        assertThat(dir.resolve("t.onnx")).doesNotExist();
    }

    private static byte[] relu(long opset, String input) {
        return new OnnxWriter(opset)
                .input(X)
                .output(new TensorSpec("y", X.type(), X.shape()))
                .node("Relu", List.of(input), List.of("y"), Map.of())
                .toBytes();
    }

    @Test
    void leavesAModelThatIsSimpleAlready() throws Exception {
        Path file = Files.write(dir.resolve("m.onnx"), relu(17, "x"));

        assertThat(apply(file, dir.resolve("t.onnx")).changed()).isFalse();
        assertThat(dir.resolve("t.onnx")).doesNotExist();
    }

    @Test
    void saysWhatItDid() throws Exception {
        Path file = Files.write(
                dir.resolve("m.onnx"),
                new OnnxWriter(17)
                        .input(X)
                        .output(new TensorSpec("y", X.type(), X.shape()))
                        .node("Identity", List.of("x"), List.of("i"), Map.of())
                        .node("Relu", List.of("i"), List.of("y"), Map.of())
                        .node("Neg", List.of("i"), List.of("unused"), Map.of())
                        .toBytes());

        PassResult result = apply(file, dir.resolve("t.onnx"));

        assertThat(result.summary()).isEqualTo("3 nodes became 1");
        assertThat(result.figures())
                .containsEntry("identities_removed", 1.0)
                .containsEntry("dead_nodes_removed", 1.0)
                .containsEntry("nodes_after", 1.0);
    }

    @Test
    void refusesWhatItDoesNotUnderstand() throws IOException {
        assertRefused("no model".getBytes(StandardCharsets.UTF_8), "cannot be read");
        assertRefused(relu(6, "x"), "opset 6, expected 7");
        assertRefused(relu(17, "nowhere"), "nobody makes");
        assertRefused(relu(17, "y"), "cycle");
    }

    @Test
    void endsWhenItIsNoLongerWanted() throws IOException {
        FileModel model = FileModel.write(dir, "m.onnx", "onnx", relu(17, "x"));
        var pass = new GraphPass();
        SampledPass context = SampledPass.of(pass, "", model, List.of(), dir).stoppedBy(() -> true);

        assertThatExceptionOfType(OptimizationException.class)
                .isThrownBy(() -> pass.apply(model, dir.resolve("t.onnx"), context))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.CANCELLED));
    }

    @Test
    void answersDamagedModelsWithAReason() throws IOException {
        var random = new Random(20261122);
        byte[] seed = TestModels.signalNet(1, 16);
        Path file = dir.resolve("m.onnx");
        int refused = 0;
        for (int i = 0; i < 300; i++) {
            byte[] model = seed.clone();
            for (int change = random.nextInt(3); change >= 0; change--) {
                model[random.nextInt(model.length)] = (byte) random.nextInt();
            }
            Files.write(file, model);
            try {
                apply(file, dir.resolve("t" + i + ".onnx"));
            } catch (OptimizationException e) {
                assertThat(e.reason()).as(e.getMessage()).isEqualTo(Reason.UNSUPPORTED);
                refused++;
            }
        }
        assertThat(refused).isPositive();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "classification/mnist-8.onnx",
                "classification/mnist-cnn-pytorch.onnx",
                "classification/squeezenet-fp16.onnx",
                "detection/fastestdet-coco.onnx",
                "detection/ultraface-RFB-320.onnx",
                "detection/yunet_n_320.onnx",
                "drone/pulp_dronet_v2.onnx",
                "audio/silero_vad.onnx"
            })
    void keepsTheAnswersOfRealModels(String name) throws Exception {
        Path file = TestData.require(name);
        Path target = dir.resolve("t.onnx");
        PassResult result = apply(file, target);
        if (!result.changed()) {
            return;
        }
        Map<String, Tensor> inputs = inputs(file);
        Map<String, Tensor> before = Engine.run(file, inputs);
        Map<String, Tensor> after = Engine.run(target, inputs);
        assertThat(after.keySet()).containsExactlyElementsOf(before.keySet());
        before.forEach((output, tensor) -> assertThat(Closeness.difference(tensor, after.getOrDefault(output, tensor)))
                .as(output)
                .isEmpty());
        try (OnnxModel model = OnnxModel.read(target)) {
            assertThat(model.problems()).isEmpty();
        }
    }

    /** One sample; 576 is a window of silero_vad, the only one whose last dimension is open. */
    private static List<Long> shape(TensorSpec spec) {
        List<Long> shape = new ArrayList<>(spec.concreteShape(1));
        if (!shape.isEmpty() && spec.shape().get(shape.size() - 1) == TensorSpec.DYNAMIC) {
            shape.set(shape.size() - 1, 576L);
        }
        return shape;
    }

    private static Map<String, Tensor> inputs(Path file) throws Exception {
        var random = new Random(20261122);
        Map<String, Tensor> inputs = new HashMap<>();
        try (ModelSession session = Engine.open(file)) {
            for (TensorSpec spec : session.inputs()) {
                Tensor tensor = Tensor.zeros(spec.type(), shape(spec));
                for (int i = 0; i < tensor.elements(); i++) {
                    switch (spec.type()) {
                        case FLOAT32 -> tensor.data().putFloat(4 * i, random.nextFloat());
                        case FLOAT16 -> tensor.data().putShort(2 * i, HalfFloats.toHalf(random.nextFloat()));
                        default -> tensor.data().putLong(8 * i, 16_000); // the sample rate of silero_vad
                    }
                }
                inputs.put(spec.name(), tensor);
            }
        }
        return inputs;
    }
}
