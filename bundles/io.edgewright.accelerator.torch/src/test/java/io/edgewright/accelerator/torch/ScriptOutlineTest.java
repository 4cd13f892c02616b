// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.accelerator.torch.Forward.Argument;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelException.Reason;
import io.edgewright.api.model.ModelInspector;
import io.edgewright.api.model.ModelInspector.Inspection;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.TestData;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class ScriptOutlineTest {

    private static final List<Long> ANY = TensorSpec.ANY_SHAPE;

    @TempDir
    Path dir;

    @Test
    void readsArgumentsAndResultFromTheCode() throws Exception {
        ScriptOutline outline = outline(ScriptWriter.forward(
                "x: Tensor,\n    names: List[str]=[\"a, b\", ')'],\n    scale: Optional[float]=None,\n    n: int",
                "Tuple[Tensor, int]",
                "return (x, n)"));
        assertThat(outline.forward().arguments())
                .containsExactly(
                        new Argument("x", "Tensor", false),
                        new Argument("names", "List[str]", true),
                        new Argument("scale", "Optional[float]", true),
                        new Argument("n", "int", false));
        assertThat(outline.forward().result()).isEqualTo("Tuple[Tensor, int]");
        assertThat(outline.inputs())
                .containsExactly(
                        new TensorSpec("x", ElementType.FLOAT32, ANY),
                        new TensorSpec("n", ElementType.INT64, List.of()));
        assertThat(outline.outputs())
                .containsExactly(
                        new TensorSpec("output_0", ElementType.FLOAT32, ANY),
                        new TensorSpec("output_1", ElementType.INT64, List.of()));
        assertThat(outline.isOpen()).isTrue();
    }

    @Test
    void readsTheSignatureThatAFileWasSavedWith() throws Exception {
        var x = new TensorSpec("x", ElementType.UINT8, List.of(-1L, 3L));
        var y = new TensorSpec("y", ElementType.FLOAT16, List.of());
        ScriptOutline outline = outline(ScriptWriter.identity(x, y));
        assertThat(outline.inputs()).containsExactly(x);
        assertThat(outline.outputs()).containsExactly(y);
        assertThat(outline.isOpen()).isFalse();
    }

    @Test
    void saysWhatIsWrongWithSuchASignature() throws Exception {
        for (String json : List.of(
                "",
                "[]",
                "{",
                "{\"inputs\": {}}",
                "{\"inputs\": [1]}",
                "{\"inputs\": [{\"name\": \"x\", \"type\": \"FLOAT32\"}]}",
                "{\"inputs\": [{\"name\": \"x\", \"type\": \"FLOAT99\", \"shape\": []}]}",
                "{\"inputs\": [{\"name\": \"x\", \"type\": \"FLOAT32\", \"shape\": [-3]}]}",
                "{\"inputs\": [{\"name\": {}, \"type\": \"FLOAT32\", \"shape\": [1]}]}",
                "{\"inputs\": [{\"name\": \"x\", \"type\": \"INT8\", \"shape\": [1]}, {\"name\": \"x\", \"type\": \"INT8\","
                        + " \"shape\": [1]}]}",
                "[".repeat(100_000))) {
            byte[] file =
                    ScriptWriter.module().extra(DeclaredTensors.FILE, json).write("x: Tensor", "Tensor", "return x");
            assertThatExceptionOfType(ScriptException.class)
                    .as(json.length() > 200 ? "deep" : json)
                    .isThrownBy(() -> outline(file))
                    .withMessageContaining(DeclaredTensors.FILE);
        }
    }

    @Test
    void noticesCodeThatChangesTheModule() throws Exception {
        for (List<String> statements : List.of(
                List.of("self.n = 1"),
                List.of("(self.encoder).h = x"),
                List.of("buffer = self.buffer", "_0 = torch.copy_(buffer, x)"),
                List.of("buffer = self.buffer", "_0 = torch.copy_(torch.select(buffer, 0, 1), x)"),
                List.of("cache = self.cache", "_0 = torch.append(cache, x)"),
                List.of("_0 = torch.add_(self.count, 1)"))) {
            assertThat(changesItself(statements)).as("%s", statements).isTrue();
        }
        for (List<String> statements : List.of(
                List.of("y = self.n"),
                List.of("weight = self.weight", "y = torch.relu_(torch.matmul(x, x))"),
                List.of("ys = annotate(List[Tensor], [])", "_0 = torch.append(ys, x)"),
                List.of("num_batches_tracked = self.num_batches_tracked", "_0 = torch.add_(num_batches_tracked, 1)"),
                List.of("self.num_batches_tracked = torch.add(x, 1)"))) {
            assertThat(changesItself(statements)).as("%s", statements).isFalse();
        }
    }

    private boolean changesItself(List<String> statements) throws IOException {
        return outline(ScriptWriter.forward("x: Tensor", "Tensor", statements.toArray(String[]::new)))
                .changesItself();
    }

    @Test
    void tellsApartWhatIsNoTorchScript() throws Exception {
        assertRefused(false, new byte[0], "empty");
        assertRefused(false, "weights".getBytes(StandardCharsets.UTF_8), "no zip");
        assertRefused(
                true, "\0\0\0\0PTMF____".getBytes(StandardCharsets.UTF_8), "lite interpreter", "torch.jit.script");
        assertRefused(false, zip(Map.of("a/data.pkl", "x")), "weights only", "state_dict", "torch.jit.script");
        assertRefused(true, zip(Map.of("a/data.pkl", "x", "a/bytecode.pkl", "y")), "lite interpreter");
        assertRefused(true, zip(Map.of("a/serialized_exported_program.json", "{}")), "torch.export");
        assertRefused(false, zip(Map.of("a/x", "x")), "data.pkl");
        assertRefused(false, zip(Map.of("model.onnx", "x", "model.json", "{}")), "one folder");
        assertRefused(false, zip(Map.of("a/data.pkl", "x", "b/code/c.py", "y")), "one folder");
        assertRefused(false, zip(Map.of("a/data.pkl", "x", "a/code/c.py", "y", "a/CODE/c.py", "z")), "twice");
        assertRefused(false, zip(Map.of("a/data.pkl", "(dp0", "a/code/c.py", "y")), "class of a module");
        assertRefused(false, zip(Map.of("a/data.pkl", "cos\nsystem\n(S'ls'\ntR.", "a/code/c.py", "y")), "os.system");
        assertRefused(false, zip(Map.of("a/data.pkl", "c__torch__\nM\n", "a/code/c.py", "y")), "code/__torch__.py");
        assertRefused(false, zip(Map.of("a/data.pkl", "c__torch__\nM\n", "a/code/__torch__.py", "y")), "no class M");
        assertRefused(
                true,
                zip(Map.of("a/data.pkl", "c__torch__\nM\n", "a/code/__torch__.py", "class M(Module):\n  def f(")),
                "no method forward");
        byte[] whole = ScriptWriter.forward("x: Tensor", "Tensor", "return x");
        assertRefused(false, Arrays.copyOf(whole, whole.length - 1), "cut short");
        assertRefused(false, Arrays.copyOf(whole, whole.length + 9), "something after its end");
    }

    @Test
    void refusesCodeThatReachesOutOfTheModel() throws Exception {
        assertReachesOut("torch.save(x, \"/tmp/a\")", "'save'");
        assertReachesOut("y = torch.from_file(\"/etc/shadow\", False, 9)", "'from_file'");
        assertReachesOut("t = torch\n    t.save(x, \"a\")", "'save'");
        assertReachesOut("getattr(torch, \"sa\" \"ve\")(x, \"a\")", "getattr");
        assertReachesOut("getattr(torch, \"\\x73ave\")(x, \"a\")", "getattr");
        assertReachesOut("getattr(torch, 'save')(x, \"a\")", "'save'");
        assertReachesOut("# '\n    torch.save(x, \"a\")\n    # '", "'save'");
        assertReachesOut("ops.c10d.send(x)", "c10d");
        assertReachesOut("o = ops", "'ops'");
        assertReachesOut("s = __torch__.torch.classes.dist_c10d.Store()", "dist_c10d");
        for (String harmless : List.of(
                "y = ops.prim.device(x)",
                "y = getattr(self, \"0\")",
                "y = getattr(self.blocks, \"0\")",
                "y = ops.quantized.linear(x, x, 1., 0)",
                "saved_ops_save_d = x")) {
            try (ScriptArchive archive =
                    ScriptArchive.open(file(ScriptWriter.forward("x: Tensor", "Tensor", harmless, "return x")))) {
                OutsideWorld.refuse(archive);
            }
        }
    }

    @Test
    void inspectsARealModel() throws Exception {
        Path silero = TestData.require("torchscript/silero_vad.jit");
        Inspection found = new TorchScriptInspector().inspect(silero);
        assertThat(found.inputs())
                .containsExactly(
                        new TensorSpec("x", ElementType.FLOAT32, ANY),
                        new TensorSpec("sr", ElementType.INT64, List.of()));
        assertThat(found.outputs()).containsExactly(new TensorSpec("output_0", ElementType.FLOAT32, ANY));
        assertThat(found.properties())
                .containsEntry("torchscript.forward", "forward(x: Tensor, sr: int) -> Tensor")
                .containsEntry(ModelInspector.TENSORS_OPEN, "true");
        assertThat(ScriptOutline.read(silero).changesItself()).isTrue();
        try (ScriptArchive archive = ScriptArchive.open(silero)) {
            OutsideWorld.refuse(archive);
        }
    }

    @Test
    void tellsAStoreWhatIsWrong() throws Exception {
        Path broken = file("PK".getBytes(StandardCharsets.UTF_8));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> new TorchScriptInspector().inspect(broken))
                .withMessageContainingAll("m.pt", "no zip")
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_MODEL));
        assertThatExceptionOfType(ModelException.class)
                .isThrownBy(() -> new TorchScriptInspector().inspect(dir.resolve("absent.pt")))
                .satisfies(e -> assertThat(e.reason()).isEqualTo(Reason.STORAGE));
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void withstandsDamagedFiles() throws Exception {
        var random = new Random(7);
        byte[] whole = ScriptWriter.module()
                .attribute("n", 1)
                .before("class Two(NamedTuple):\n  a : Tensor\n  b : Tuple[Tensor, int]\n")
                .extra(
                        DeclaredTensors.FILE,
                        "{\"inputs\": [{\"name\": \"x\", \"type\": \"INT8\", \"shape\": [1, -1]}]}")
                .write("x: Tensor,\n    n: List[int]=[1, 2]", "__torch__.Two", "return __torch__.Two(x, (x, 1))");
        assertThat(outline(whole).outputs()).hasSize(3);
        int readable = 0;
        for (int i = 0; i < 1500; i++) {
            byte[] damaged = whole.clone();
            int changes = 1 + random.nextInt(8);
            for (int c = 0; c < changes; c++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            if (random.nextInt(4) == 0) {
                damaged = Arrays.copyOf(damaged, random.nextInt(damaged.length));
            }
            readable += isReadable(damaged) ? 1 : 0;
        }
        assertThat(readable).isBetween(1, 1499);
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void withstandsDamagedCode() throws Exception {
        var random = new Random(8);
        String arguments = "x: Tensor,\n    n: Dict[str, Tuple[int, int]]={\"a\": (1, 2)},\n    f: float=1.5";
        String parts = "()[]{}\"'\\,:=->\nclass def forward(self Tensor Tuple[ Optional[ # \u00e9";
        int readable = 0;
        for (int i = 0; i < 1500; i++) {
            var text = new StringBuilder(arguments);
            for (int c = 0; c < 1 + random.nextInt(6); c++) {
                int from = random.nextInt(parts.length());
                text.insert(
                        random.nextInt(text.length()),
                        parts.substring(from, Math.min(parts.length(), from + 1 + random.nextInt(8))));
            }
            readable +=
                    isReadable(ScriptWriter.forward(text.toString(), "Tuple[Tensor, int]", "return (x, 1)")) ? 1 : 0;
        }
        assertThat(readable).isBetween(1, 1499);
    }

    @Test
    @Timeout(value = 60, unit = TimeUnit.SECONDS)
    void readsNoMoreThanItsLimits() throws Exception {
        // 64 MiB of code in a small zip
        byte[] bomb =
                ScriptWriter.module().entry("code/big.py", new byte[64 << 20]).write("x: Tensor", "Tensor", "return x");
        assertRefused(false, bomb, "more than the limit");
        String nested = "Tuple[".repeat(5000) + "Tensor" + "]".repeat(5000);
        assertThat(outline(ScriptWriter.forward("x: Tensor", nested, "return x"))
                        .outputs())
                .isEmpty();
        String many = "Tuple[" + "Tensor, ".repeat(5000) + "Tensor]";
        assertThat(outline(ScriptWriter.forward("x: Tensor", many, "return x")).outputs())
                .isEmpty();
        String long70k = "x: Tensor=\"" + "a".repeat(70_000) + "\"";
        assertRefused(false, ScriptWriter.forward(long70k, "Tensor", "return x"), "65536 characters");
    }

    private boolean isReadable(byte[] content) throws IOException {
        try {
            ScriptOutline outline = outline(content);
            outline.inputs();
            outline.outputs();
            return true;
        } catch (ScriptException e) {
            assertThat(e.getMessage()).isNotBlank();
            return false;
        }
    }

    private void assertReachesOut(String statement, String word) throws IOException {
        Path file = file(ScriptWriter.forward("x: Tensor", "Tensor", statement, "return x"));
        try (ScriptArchive archive = ScriptArchive.open(file)) {
            assertThatExceptionOfType(ScriptException.class)
                    .as(statement)
                    .isThrownBy(() -> OutsideWorld.refuse(archive))
                    .withMessageContainingAll(word, "trust it");
        }
    }

    private void assertRefused(boolean unsupported, byte[] content, String... words) {
        assertThatExceptionOfType(ScriptException.class)
                .isThrownBy(() -> outline(content))
                .withMessageContainingAll(words)
                .satisfies(e -> assertThat(e.isUnsupported()).as(e.getMessage()).isEqualTo(unsupported));
    }

    private ScriptOutline outline(byte[] content) throws IOException {
        return ScriptOutline.read(file(content));
    }

    private Path file(byte[] content) throws IOException {
        return Files.write(dir.resolve("m.pt"), content);
    }

    private static byte[] zip(Map<String, String> entries) {
        Map<String, byte[]> bytes = new LinkedHashMap<>();
        entries.forEach((name, text) -> bytes.put(name, text.getBytes(StandardCharsets.UTF_8)));
        return ScriptWriter.zip("", bytes);
    }
}
