// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.InferenceException.Reason;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.Tensor;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.OnnxWriter;
import io.edgewright.testkit.TestModels;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CpuDriverTest {

    private static final long DYNAMIC = TensorSpec.DYNAMIC;

    @TempDir
    Path folder;

    private CpuDriver driver;
    private int files;

    @BeforeEach
    void start() {
        driver = Drivers.cpu(folder, Map.of());
    }

    @Test
    void copiesAnOutputWhoseSizeDependsOnTheData() throws Exception {
        byte[] nonZero = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(4L)))
                .output(new TensorSpec("y", ElementType.INT64, List.of(1L, DYNAMIC)))
                .node("NonZero", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        try (ModelSession session = load(nonZero);
                Slot slot = session.openSlot(Map.of())) {
            assertThatIllegalStateException().isThrownBy(() -> slot.output("y"));
            float[][] inputs = {{0, 1, 0, 1}, {0, 1, 0, 1}, {1, 1, 1, 1}, {0, 0, 0, 0}, {0, 0, 5, 0}, {0, 0, 5, 0}};
            long[][] expected = {{1, 3}, {1, 3}, {0, 1, 2, 3}, {}, {2}, {2}};
            for (int i = 0; i < inputs.length; i++) {
                slot.input("x").floatBuffer().put(0, inputs[i]);
                slot.run(Deadline.NONE);
                assertThat(slot.output("y"))
                        .isEqualTo(Tensor.ofLongs(List.of(1L, (long) expected[i].length), expected[i]));
            }
        }
    }

    @Test
    void believesTheEngineRatherThanAWrongShapeInTheModel() throws Exception {
        byte[] wrong = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(DYNAMIC)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .node("Neg", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        try (ModelSession session = load(wrong);
                Slot slot = session.openSlot(Map.of("x", List.of(3L)))) {
            slot.input("x").floatBuffer().put(0, new float[] {1, 2, 3});
            for (int i = 0; i < 3; i++) {
                slot.run(Deadline.NONE);
                assertThat(slot.output("y").toFloats()).containsExactly(-1, -2, -3);
            }
        }
    }

    @Test
    void handsOutAnInputThatIsAlsoAnOutput() throws Exception {
        var spec = new TensorSpec("x", ElementType.FLOAT32, List.of(2L));
        byte[] both = new OnnxWriter(17)
                .input(spec)
                .output(spec)
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(2L)))
                .node("Neg", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        try (ModelSession session = load(both);
                Slot slot = session.openSlot(Map.of())) {
            for (float value = 1; value < 4; value++) {
                slot.input("x").floatBuffer().put(0, new float[] {value, value});
                slot.run(Deadline.NONE);
                assertThat(slot.output("x").toFloats()).containsExactly(value, value);
                assertThat(slot.output("y").toFloats()).containsExactly(-value, -value);
            }
        }
    }

    @Test
    void takesScalarsEmptyTensorsAndAnyRank() throws Exception {
        try (ModelSession session = load(TestModels.add(1, TensorSpec.ANY_SHAPE))) {
            assertThat(session.inputs().get(0).shape()).isEqualTo(TensorSpec.ANY_SHAPE);
            for (List<Long> shape : List.of(List.<Long>of(), List.of(0L), List.of(2L, 0L, 3L), List.of(2L, 1L))) {
                try (Slot slot = session.openSlot(Map.of("x", shape))) {
                    slot.run(Deadline.NONE);
                    slot.run(Deadline.NONE);
                    assertThat(slot.output("y").shape()).isEqualTo(shape);
                    float[] ones = new float[(int) Tensor.elements(shape)];
                    Arrays.fill(ones, 1);
                    assertThat(slot.output("y").toFloats()).isEqualTo(ones);
                }
            }
        }
        try (ModelSession session = load(TestModels.add(1, List.of()))) {
            assertThat(session.inputs().get(0).shape()).isEmpty();
        }
    }

    @Test
    void computesWithUnsignedNumbers() throws Exception {
        for (ElementType type : List.of(ElementType.UINT32, ElementType.UINT64)) {
            byte[] add = new OnnxWriter(17)
                    .input(new TensorSpec("a", type, List.of(1L)))
                    .input(new TensorSpec("b", type, List.of(1L)))
                    .output(new TensorSpec("y", type, List.of(1L)))
                    .node("Add", List.of("a", "b"), List.of("y"), Map.of())
                    .toBytes();
            try (ModelSession session = load(add);
                    Slot slot = session.openSlot(Map.of())) {
                for (byte low = 0; low < 3; low++) {
                    slot.input("a").data().put(type.bytes() - 1, (byte) 0x90).put(0, low);
                    slot.input("b").data().put(type.bytes() - 1, (byte) 0x60).put(0, low);
                    slot.run(Deadline.NONE);
                    ByteBuffer sum = slot.output("y").data();
                    assertThat(sum.get(type.bytes() - 1)).isEqualTo((byte) 0xF0);
                    assertThat(sum.get(0)).isEqualTo((byte) (2 * low));
                }
            }
        }
    }

    @Test
    void runsAModelWithoutInputs() throws Exception {
        byte[] constant = new OnnxWriter(17)
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(2L)))
                .initializer("c", Tensor.ofFloats(List.of(2L), 4, 5))
                .node("Neg", List.of("c"), List.of("y"), Map.of())
                .toBytes();
        try (ModelSession session = load(constant);
                Slot slot = session.openSlot(Map.of())) {
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(-4, -5);
        }
    }

    @Test
    void namesTheOperatorThatItLacks() throws Exception {
        byte[] unknown = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .node("Frobnicate", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        assertRefused(Reason.MODEL_UNSUPPORTED, unknown, "Frobnicate");
        byte[] newer = new OnnxWriter(99)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .node("Relu", List.of("x"), List.of("y"), Map.of())
                .toBytes();
        assertRefused(Reason.MODEL_UNSUPPORTED, newer, "opset", "99");
        assertRefused(Reason.MODEL_UNSUPPORTED, SpecialModels.optionalSequence(), "optional");
    }

    @Test
    void readsNoWeightsOutsideTheModelsFolder() throws Exception {
        byte[] nosy = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .externalInitializer(
                        "c", new TensorSpec("c", ElementType.FLOAT32, List.of(1L)), "../../../../../../etc/hostname")
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();
        assertRefused(Reason.MODEL_INVALID, nosy, "External data path");
    }

    @Test
    void readsWeightsBesideTheModelAndKeepsNoVariantOfIt() throws Exception {
        byte[] external = new OnnxWriter(17)
                .input(new TensorSpec("x", ElementType.FLOAT32, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .externalInitializer("c", new TensorSpec("c", ElementType.FLOAT32, List.of(1L)), "weights.bin")
                .node("Add", List.of("x", "c"), List.of("y"), Map.of())
                .toBytes();
        for (float weight = 1; weight < 3; weight++) {
            byte[] bytes = new byte[4];
            ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(weight);
            Files.write(folder.resolve("weights.bin"), bytes);
            try (ModelSession session = load(external);
                    Slot slot = session.openSlot(Map.of())) {
                slot.run(Deadline.NONE);
                assertThat(slot.output("y").toFloats()).containsExactly(weight);
            }
        }
        assertThat(variants()).isEmpty();
    }

    @Test
    void saysWhatARunFailedOn() throws Exception {
        byte[] gather = new OnnxWriter(17)
                .input(new TensorSpec("i", ElementType.INT64, List.of(1L)))
                .output(new TensorSpec("y", ElementType.FLOAT32, List.of(1L)))
                .initializer("c", Tensor.ofFloats(List.of(2L), 1, 2))
                .node("Gather", List.of("c", "i"), List.of("y"), Map.of())
                .toBytes();
        try (ModelSession session = load(gather);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("i").data().putLong(0, 77);
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContainingAll("Gather", "77")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EXECUTION_FAILED));
            slot.input("i").data().putLong(0, 1);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(2);
        }
    }

    @Test
    void keepsTheOptimizedModelAndUsesIt() throws Exception {
        byte[] model = TestModels.perceptron(1, 1, 64, 32, 8);
        List<Float> first = answer(model);
        List<Path> kept = variants();
        assertThat(kept).hasSize(1);
        var written = Files.getLastModifiedTime(kept.get(0));
        assertThat(answer(model)).isEqualTo(first);
        assertThat(variants()).isEqualTo(kept);
        assertThat(Files.getLastModifiedTime(kept.get(0))).isEqualTo(written);
    }

    @Test
    void makesADamagedOptimizedModelAgain() throws Exception {
        byte[] model = TestModels.perceptron(1, 1, 64, 32, 8);
        List<Float> right = answer(model);
        Path variant = variants().get(0);
        byte[] whole = Files.readAllBytes(variant);
        var random = new Random(3);
        for (int i = 0; i < 12; i++) {
            byte[] broken = Arrays.copyOf(whole, i % 3 == 0 ? random.nextInt(whole.length) : whole.length);
            if (broken.length == whole.length) {
                broken[random.nextInt(broken.length)] ^= (byte) (1 + random.nextInt(255));
            }
            Files.write(variant, broken);
            assertThat(answer(model)).isEqualTo(right);
            assertThat(Files.readAllBytes(variant)).isNotEqualTo(broken);
        }
        Files.delete(variant.resolveSibling("seal"));
        assertThat(answer(model)).isEqualTo(right);
    }

    @Test
    void keepsNothingWhenToldSo() throws Exception {
        driver = Drivers.cpu(folder, Map.of("cache", false));
        answer(TestModels.perceptron(1, 1, 64, 32, 8));
        assertThat(folder.resolve("variants")).doesNotExist();
    }

    @Test
    void loadsWithoutAFolderToWriteTo() throws Exception {
        driver = Drivers.cpu(Files.writeString(folder.resolve("file"), "not a folder"), Map.of());
        assertThat(answer(TestModels.perceptron(1, 1, 64, 32, 8))).hasSize(8);
    }

    @Test
    void sharesATinyModelAndKeepsTheCoresBusyWithALargeOne() throws Exception {
        int cores = Runtime.getRuntime().availableProcessors();
        try (ModelSession tiny = load(TestModels.perceptron(1, 1, 16, 8));
                ModelSession large = load(TestModels.longRunning(20, 512))) {
            assertThat(tiny.parallelism()).isEqualTo(Math.max(16, 4 * cores));
            assertThat(large.parallelism()).isEqualTo(cores + Math.max(1, cores / 2));
        }
    }

    @Test
    void letsOneSessionAtATimeSpin() throws Exception {
        var latency = new LoadOptions(Goal.LATENCY, 0, true, Map.of());
        Path model = Files.write(folder.resolve("large.onnx"), TestModels.longRunning(20, 512));
        int physical = CpuInfo.read(Path.of("/proc/cpuinfo")).physicalCores();
        for (int i = 0; i < 2; i++) {
            try (ModelSession first = Drivers.load(driver, model, latency);
                    ModelSession second = Drivers.load(driver, model, latency)) {
                assertThat(first.facts()).containsEntry("spinning", String.valueOf(physical > 1));
                assertThat(second.facts()).containsEntry("spinning", "false");
            }
        }
    }

    @Test
    void countsTheMemoryOfItsSlots() throws Exception {
        try (ModelSession session = load(TestModels.identity(ElementType.FLOAT32, List.of(DYNAMIC)))) {
            long before = session.memoryBytes();
            try (Slot slot = session.openSlot(Map.of("x", List.of(1000L)))) {
                slot.run(Deadline.NONE);
                assertThat(session.memoryBytes()).isEqualTo(before + 8000);
            }
            assertThat(session.memoryBytes()).isEqualTo(before);
        }
    }

    @Test
    void hasNoBufferForText() throws Exception {
        try (ModelSession session = load(TestModels.identity(ElementType.STRING, List.of(DYNAMIC)));
                Slot slot = session.openSlot(Map.of("x", List.of(2L)))) {
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.input("x"))
                    .withMessageContaining("write");
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toStrings()).containsExactly("", "");
            slot.write("x", Tensor.ofStrings(List.of(2L), List.of("a", "😀 ü")));
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toStrings()).containsExactly("a", "😀 ü");
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.write("x", Tensor.ofStrings(List.of(1L), List.of("a"))))
                    .withMessageContainingAll("[1]", "[2]");
            ByteBuffer bytes = Tensor.ofStrings(List.of(2L), List.of("a", "b")).data();
            bytes.put(4, (byte) 0xff);
            assertThatIllegalArgumentException()
                    .isThrownBy(() -> slot.write("x", new Tensor(ElementType.STRING, List.of(2L), bytes)))
                    .withMessageContaining("not UTF-8");
        }
    }

    @Test
    void checksItsSettings() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drivers.cpu(folder, Map.of("probe.seconds", 0)))
                .withMessageContaining("probe.seconds is 0");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Drivers.cpu(folder, Map.of("probe.memory.mib", 1)))
                .withMessageContaining("probe.memory.mib is 1");
    }

    private List<Float> answer(byte[] model) throws IOException, InferenceException {
        try (ModelSession session = load(model);
                Slot slot = session.openSlot(Map.of())) {
            for (int i = 0; i < 64; i++) {
                slot.input("input").floatBuffer().put(i, i / 64f);
            }
            slot.run(Deadline.NONE);
            List<Float> answer = new ArrayList<>();
            for (float value : slot.output("output").toFloats()) {
                answer.add(value);
            }
            return answer;
        }
    }

    private List<Path> variants() throws IOException {
        Path root = folder.resolve("variants");
        if (!Files.isDirectory(root)) {
            return List.of();
        }
        try (Stream<Path> all = Files.walk(root)) {
            return all.filter(p -> p.endsWith("model.ort")).toList();
        }
    }

    private void assertRefused(Reason reason, byte[] model, String... words) {
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(() -> load(model))
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }

    private ModelSession load(byte[] model) throws IOException, InferenceException {
        return Drivers.load(driver, Files.write(folder.resolve("model" + files++ + ".onnx"), model));
    }
}
