// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

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
import io.edgewright.testkit.Configs;
import io.edgewright.testkit.FileModel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TorchDriverTest {

    private static final List<Long> ANY = TensorSpec.ANY_SHAPE;
    private static final List<Long> TWO = List.of(2L);

    @TempDir
    Path dir;

    @Test
    void takesNumbersOfPythonFromTensorsOfRankZero() throws Exception {
        byte[] model = ScriptWriter.forward(
                "x: Tensor,\n    n: int,\n    f: float,\n    b: bool",
                "Tensor",
                "if b:",
                "  y = torch.add(torch.mul(x, n), f)",
                "else:",
                "  y = x",
                "return y");
        try (ModelSession session = Drivers.load(dir, model);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            assertThat(session.inputs())
                    .containsExactly(
                            new TensorSpec("x", ElementType.FLOAT32, ANY),
                            new TensorSpec("n", ElementType.INT64, List.of()),
                            new TensorSpec("f", ElementType.FLOAT64, List.of()),
                            new TensorSpec("b", ElementType.BOOL, List.of()));
            slot.input("x").floatBuffer().put(0, 1).put(1, 2);
            slot.input("n").data().putLong(0, 10);
            slot.input("f").data().putDouble(0, 0.5);
            slot.input("b").data().put(0, (byte) 1);
            slot.run(Deadline.NONE);
            assertThat(slot.output("output_0").toFloats()).containsExactly(10.5f, 20.5f);
            slot.input("b").data().put(0, (byte) 0);
            slot.run(Deadline.NONE);
            assertThat(slot.output("output_0").toFloats()).containsExactly(1, 2);
        }
    }

    @Test
    void takesATupleWithNumbersApart() throws Exception {
        byte[] model = ScriptWriter.forward(
                "x: Tensor",
                "Tuple[Tensor, Tuple[int, float, bool], Tensor]",
                "return (x, (7, 1.5, True), torch.add(x, 1))");
        try (ModelSession session = Drivers.load(dir, model);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            assertThat(session.outputs())
                    .extracting(TensorSpec::name)
                    .containsExactly("output_0", "output_1", "output_2", "output_3", "output_4");
            slot.run(Deadline.NONE);
            assertThat(slot.output("output_1")).isEqualTo(Tensor.ofLongs(List.of(), 7));
            assertThat(slot.output("output_2").data().getDouble(0)).isEqualTo(1.5);
            assertThat(slot.output("output_3").data().get(0)).isEqualTo((byte) 1);
            assertThat(slot.output("output_4").toFloats()).containsExactly(1, 1);
        }
    }

    @Test
    void namesTheOutputsAfterTheFieldsOfANamedTuple() throws Exception {
        byte[] model = ScriptWriter.module()
                .before("class Boxes(NamedTuple):\n  boxes : Tensor\n  scores : Tensor\n")
                .write("x: Tensor", "__torch__.Boxes", "return __torch__.Boxes(x, torch.neg(x))");
        try (ModelSession session = Drivers.load(dir, model);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            assertThat(session.outputs()).extracting(TensorSpec::name).containsExactly("boxes", "scores");
            slot.input("x").floatBuffer().put(0, 3);
            slot.run(Deadline.NONE);
            assertThat(slot.output("boxes").toFloats()).containsExactly(3, 0);
            assertThat(slot.output("scores").toFloats()).startsWith(-3);
        }
    }

    @Test
    void takesADictionaryByTheKeysThatTheManifestLists() throws Exception {
        byte[] model = ScriptWriter.forward(
                "x: Tensor", "Dict[str, Tensor]", "return {\"a\": x, \"b\": torch.add(x, 1), \"c\": torch.add(x, 2)}");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        assertReason(Reason.MODEL_UNSUPPORTED, () -> Drivers.load(file), "Dict[str, Tensor]", "model.json");
        FileModel listed =
                Drivers.listing(file, List.of(f32("x", TWO)), List.of(f32("c", TWO), f32("a", TWO)), Map.of());
        try (ModelSession session = Drivers.load(listed);
                Slot slot = session.openSlot(Map.of())) {
            slot.run(Deadline.NONE);
            assertThat(slot.output("c").toFloats()).containsExactly(2, 2);
            assertThat(slot.output("a").toFloats()).containsExactly(0, 0);
        }
    }

    @Test
    void takesAListInItsOrder() throws Exception {
        byte[] model = ScriptWriter.forward("x: Tensor", "List[Tensor]", "return [x, torch.add(x, 1)]");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        FileModel listed =
                Drivers.listing(file, List.of(f32("x", TWO)), List.of(f32("p", TWO), f32("q", TWO)), Map.of());
        try (ModelSession session = Drivers.load(listed);
                Slot slot = session.openSlot(Map.of())) {
            slot.run(Deadline.NONE);
            assertThat(slot.output("q").toFloats()).containsExactly(1, 1);
        }
        FileModel three = Drivers.listing(
                file, List.of(f32("x", TWO)), List.of(f32("p", TWO), f32("q", TWO), f32("r", TWO)), Map.of());
        try (ModelSession session = Drivers.load(three);
                Slot slot = session.openSlot(Map.of())) {
            assertReason(Reason.EXECUTION_FAILED, () -> slot.run(Deadline.NONE), "2 tensors", "3 outputs", "[p, q, r]");
        }
    }

    @Test
    void leavesArgumentsWithDefaultsAtThem() throws Exception {
        byte[] model = ScriptWriter.forward(
                "x: Tensor,\n    a: int=2,\n    b: int=3", "Tensor", "return torch.add(torch.mul(x, a), b)");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        try (ModelSession session = Drivers.load(file);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            assertThat(session.inputs()).extracting(TensorSpec::name).containsExactly("x");
            slot.input("x").floatBuffer().put(0, 1);
            slot.run(Deadline.NONE);
            assertThat(slot.output("output_0").toFloats()).containsExactly(5, 3);
        }
        // the manifest names one of the two, in an order of its own
        var b = new TensorSpec("b", ElementType.INT32, List.of());
        FileModel listed = Drivers.listing(file, List.of(b, f32("x", TWO)), List.of(f32("y", TWO)), Map.of());
        try (ModelSession session = Drivers.load(listed);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("x").floatBuffer().put(0, 1);
            slot.input("b").data().putInt(0, 40);
            slot.run(Deadline.NONE);
            assertThat(slot.output("y").toFloats()).containsExactly(42, 40);
        }
    }

    @Test
    void saysWhatDoesNotFitBetweenManifestAndFile() throws Exception {
        byte[] model = ScriptWriter.forward("x: Tensor,\n    n: int", "Tensor", "return torch.mul(x, n)");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        List<TensorSpec> y = List.of(f32("y", TWO));
        FileModel less = Drivers.listing(file, List.of(f32("x", TWO)), y, Map.of());
        assertReason(Reason.MODEL_UNSUPPORTED, () -> Drivers.load(less), "'n: int'", "no input");
        FileModel wrong = Drivers.listing(file, List.of(f32("x", TWO), f32("n", List.of())), y, Map.of());
        assertReason(Reason.MODEL_UNSUPPORTED, () -> Drivers.load(wrong), "'n'", "FLOAT32", "int");
        var n = new TensorSpec("n", ElementType.INT64, List.of());
        FileModel more = Drivers.listing(file, List.of(f32("x", TWO), n, f32("z", TWO)), y, Map.of());
        assertReason(Reason.MODEL_UNSUPPORTED, () -> Drivers.load(more), "3 inputs", "2 arguments");
        List<TensorSpec> whole = List.of(new TensorSpec("y", ElementType.INT64, TWO));
        try (ModelSession session = Drivers.load(Drivers.listing(file, List.of(f32("x", TWO), n), whole, Map.of()));
                Slot slot = session.openSlot(Map.of())) {
            assertReason(Reason.EXECUTION_FAILED, () -> slot.run(Deadline.NONE), "'y'", "FLOAT32", "INT64");
        }
    }

    @Test
    void refusesArgumentsThatNoTensorIs() throws Exception {
        byte[] model = ScriptWriter.forward("x: List[Tensor]", "Tensor", "return torch.cat(x)");
        assertReason(
                Reason.MODEL_UNSUPPORTED, () -> Drivers.load(dir, model), "'x'", "List[Tensor]", "expected Tensor");
    }

    @Test
    void tellsWhyARunFailedInOneLine() throws Exception {
        byte[] raising = ScriptWriter.forward(
                "x: Tensor",
                "Tensor",
                "ops.prim.RaiseException(\"only on Sundays\", \"builtins.ValueError\")",
                "return x");
        try (ModelSession session = Drivers.load(dir, raising);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            assertThatExceptionOfType(InferenceException.class)
                    .isThrownBy(() -> slot.run(Deadline.NONE))
                    .withMessageContaining("only on Sundays")
                    .withMessageNotContainingAny("\n", "frame #", "Traceback")
                    .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.EXECUTION_FAILED));
        }
        byte[] product = ScriptWriter.forward("x: Tensor,\n    w: Tensor", "Tensor", "return torch.matmul(x, w)");
        try (ModelSession session = Drivers.load(dir, product);
                Slot slot = session.openSlot(Map.of("x", List.of(2L, 3L), "w", List.of(2L, 3L)))) {
            assertReason(Reason.EXECUTION_FAILED, () -> slot.run(Deadline.NONE), "2x3 and 2x3");
        }
    }

    @Test
    void tellsThatAnOperatorIsNotThere() throws Exception {
        byte[] model = ScriptWriter.forward("x: Tensor", "Tensor", "return torch.frobnicate(x)");
        assertReason(Reason.MODEL_UNSUPPORTED, () -> Drivers.load(dir, model), "frobnicate");
    }

    @Test
    void refusesGarbageWithinAWholeZip() throws Exception {
        byte[] head = "\u0000\u0002c__torch__\nM\n".getBytes(java.nio.charset.StandardCharsets.ISO_8859_1);
        head[0] = (byte) 0x80;
        byte[] garbage = java.util.Arrays.copyOf(head, 200);
        byte[] model = ScriptWriter.module().entry("data.pkl", garbage).write("x: Tensor", "Tensor", "return x");
        assertReason(Reason.MODEL_INVALID, () -> Drivers.load(dir, model), "does not load");
        byte[] syntax = ScriptWriter.forward("x: Tensor", "Tensor", "return ((x");
        assertReason(Reason.MODEL_INVALID, () -> Drivers.load(dir, syntax), "does not load");
    }

    @Test
    void keepsTheStateOfEachSlotApart() throws Exception {
        try (ModelSession session = Drivers.load(dir, counting())) {
            assertThat(session.parallelism()).isEqualTo(1);
            assertThat(session.facts()).containsEntry("state", "of a slot");
            try (Slot first = session.openSlot(Map.of("x", TWO));
                    Slot second = session.openSlot(Map.of("x", TWO))) {
                assertThat(runs(first, 3)).containsExactly(1f, 2f, 3f);
                assertThat(runs(second, 2)).containsExactly(1f, 2f);
                assertThat(runs(first, 1)).containsExactly(4f);
            }
            try (Slot third = session.openSlot(Map.of("x", TWO))) {
                assertThat(runs(third, 1)).containsExactly(1f);
            }
        }
    }

    @Test
    void beginsEachRunAfreshWhereTheManifestSaysSo() throws Exception {
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", counting());
        List<TensorSpec> x = List.of(f32("x", TWO));
        List<TensorSpec> y = List.of(f32("y", TWO));
        try (ModelSession session = Drivers.load(Drivers.listing(file, x, y, Map.of("torch.state", "run")));
                Slot slot = session.openSlot(Map.of())) {
            assertThat(session.parallelism()).isEqualTo(Runtime.getRuntime().availableProcessors());
            assertThat(session.facts()).containsEntry("state", "of a run");
            for (int i = 0; i < 3; i++) {
                slot.run(Deadline.NONE);
                assertThat(slot.output("y").toFloats()).containsExactly(1, 1);
            }
        }
        FileModel odd = Drivers.listing(file, x, y, Map.of("torch.state", "sometimes"));
        assertReason(Reason.MODEL_INVALID, () -> Drivers.load(odd), "sometimes", "slot or run");
    }

    @Test
    void usesOneThreadUnlessASessionHasAllToItself() throws Exception {
        var driver = Drivers.torch(Map.of());
        byte[] model = ScriptWriter.forward("x: Tensor", "Tensor", "return x");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        var device = driver.accelerators().get(0);
        int cores = Runtime.getRuntime().availableProcessors();
        var fast = new LoadOptions(Goal.LATENCY, 0, true, Map.of());
        var three = new LoadOptions(Goal.THROUGHPUT, 3, true, Map.of());
        try (ModelSession alone = driver.load(file, device, fast)) {
            assertThat(alone.facts()).containsEntry("threads", Integer.toString(cores));
            try (ModelSession other = driver.load(file, device, three)) {
                assertThat(alone.facts()).containsEntry("threads", "1");
                assertThat(other.facts()).containsEntry("threads", "3");
            }
            assertThat(alone.facts()).containsEntry("threads", Integer.toString(cores));
        }
    }

    @Test
    void runsNothingUntrustedHereWithoutAProcessOfItsOwn() throws Exception {
        byte[] model = ScriptWriter.forward("x: Tensor", "Tensor", "return x");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        for (String isolate : List.of("untrusted", "never", "always")) {
            var driver = Drivers.torch(Map.of("isolate", isolate));
            assertReason(
                    Reason.DEVICE_UNAVAILABLE,
                    () -> driver.load(file, driver.accelerators().get(0), LoadOptions.DEFAULT),
                    "io.edgewright.isolation",
                    "trusted");
        }
    }

    @Test
    void refusesUntrustedCodeThatReachesFiles() throws Exception {
        Path target = dir.resolve("written");
        byte[] model = ScriptWriter.forward("x: Tensor", "Tensor", "torch.save(x, \"" + target + "\")", "return x");
        FileModel file = FileModel.write(dir, "m.pt", "torchscript", model);
        var driver = Drivers.torch(Map.of());
        assertReason(
                Reason.MODEL_UNSUPPORTED,
                () -> driver.load(file, driver.accelerators().get(0), LoadOptions.DEFAULT),
                "'save'",
                "not trusted");
        assertThat(target).doesNotExist();
        // that this is no idle fear: the same code, trusted
        try (ModelSession session = Drivers.load(file);
                Slot slot = session.openSlot(Map.of("x", TWO))) {
            slot.run(Deadline.NONE);
        }
        assertThat(target).exists();
    }

    @Test
    void saysWhatToInstallWhereLibtorchIsNot() throws Exception {
        var driver =
                new TorchDriver(Configs.of(TorchDriver.Config.class, Map.of("library", dir.toString())), List.of());
        assertThat(driver.accelerators()).isEmpty();
        assertThat(driver.unavailable().orElseThrow()).contains("tools/fetch-torch.sh", dir.toString());
    }

    @Test
    void refusesSettingsThatMakeNoSense() {
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TorchDriver(Configs.of(TorchDriver.Config.class, Map.of("isolate", "maybe")), List.of()))
                .withMessageContainingAll("maybe", "untrusted", "always", "never");
        assertThatIllegalArgumentException()
                .isThrownBy(() ->
                        new TorchDriver(Configs.of(TorchDriver.Config.class, Map.of("isolate.seconds", 0)), List.of()))
                .withMessageContaining("isolate.seconds");
    }

    /** Adds the number of the run to x. */
    private static byte[] counting() {
        return ScriptWriter.module()
                .attribute("n", 0)
                .write(
                        "x: Tensor",
                        "Tensor",
                        "n = self.n",
                        "n0 = torch.add(n, 1)",
                        "self.n = n0",
                        "return torch.add(x, n0)");
    }

    private static List<Float> runs(Slot slot, int times) throws InferenceException {
        List<Float> answers = new ArrayList<>();
        for (int i = 0; i < times; i++) {
            slot.run(Deadline.NONE);
            answers.add(slot.output("output_0").toFloats()[0]);
        }
        return answers;
    }

    private static TensorSpec f32(String name, List<Long> shape) {
        return new TensorSpec(name, ElementType.FLOAT32, shape);
    }

    private static void assertReason(Reason reason, ThrowingCallable call, String... words) {
        Drivers.library(); // within the call its absence would be taken for the answer
        assertThatExceptionOfType(InferenceException.class)
                .isThrownBy(call)
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.reason()).as(e.getMessage()).isEqualTo(reason));
    }
}
