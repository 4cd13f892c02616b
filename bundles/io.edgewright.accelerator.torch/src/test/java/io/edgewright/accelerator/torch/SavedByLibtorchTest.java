// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.model.KnownFormat;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.testkit.FileModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.pytorch.ExtraFilesMap;
import org.bytedeco.pytorch.JitModule;
import org.bytedeco.pytorch.StringVectorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files as PyTorch itself writes them: with Zip64 records, tensors, debug information and constants. */
class SavedByLibtorchTest {

    @TempDir
    Path dir;

    @BeforeEach
    void loadLibtorch() throws Exception {
        TorchLibrary.load(Drivers.library());
    }

    @Test
    void areReadAndRun() throws Exception {
        Path file = dir.resolve("linear.pt");
        try (JitModule linear = linear();
                ExtraFilesMap extra = new ExtraFilesMap();
                BytePointer name = new BytePointer(DeclaredTensors.FILE)) {
            extra.put(
                    name,
                    new BytePointer("{\"outputs\": [{\"name\": \"y\", \"type\": \"FLOAT32\", \"shape\": [-1, 2]}]}"));
            linear.save(file.toString(), extra);
        }
        assertThat(ScriptOutline.read(file).outputs())
                .containsExactly(new TensorSpec("y", ElementType.FLOAT32, List.of(-1L, 2L)));
        assertAnswers(file, "y");
    }

    @Test
    void areRunFrozen() throws Exception {
        Path file = dir.resolve("frozen.pt");
        try (JitModule linear = linear();
                JitModule frozen = torch.freeze(linear, new StringVectorOptional(), true)) {
            frozen.save(file.toString());
        }
        assertAnswers(file, "output_0");
    }

    @Test
    void areRunWhenSavedForTheLiteInterpreterToo() throws Exception {
        Path file = dir.resolve("linear.ptl");
        try (JitModule linear = linear()) {
            linear._save_for_mobile(file.toString());
        }
        assertAnswers(file, "output_0");
    }

    @Test
    void areRefusedAsFlatbuffersOfTheLiteInterpreter() throws Exception {
        Path file = dir.resolve("linear.ptl");
        try (JitModule linear = linear();
                ExtraFilesMap none = new ExtraFilesMap()) {
            linear._save_for_mobile(file.toString(), none, false, true);
        }
        assertThatExceptionOfType(ScriptException.class)
                .isThrownBy(() -> ScriptOutline.read(file))
                .withMessageContainingAll("flatbuffer", "torch.jit.script")
                .satisfies(e -> assertThat(e.isUnsupported()).isTrue());
    }

    private void assertAnswers(Path file, String output) throws Exception {
        byte[] head = new byte[KnownFormat.HEAD_BYTES];
        try (var in = Files.newInputStream(file)) {
            assertThat(in.read(head)).isPositive();
        }
        assertThat(KnownFormat.ofContent(head)).contains(KnownFormat.TORCHSCRIPT);
        try (ModelSession session = Drivers.load(FileModel.of(file, "torchscript"));
                Slot slot = session.openSlot(Map.of("x", List.of(1L, 3L)))) {
            assertThat(session.facts()).containsEntry("state", "none");
            slot.input("x").floatBuffer().put(0, new float[] {1, 2, 3});
            slot.run(Deadline.NONE);
            assertThat(slot.output(output).toFloats()).containsExactly(6.5f, 6.5f);
        }
    }

    /** {@return x -> x * w + b with w [3, 2] of ones and b 0.5, w a parameter and b a buffer} */
    private static JitModule linear() {
        var module = new JitModule(new org.bytedeco.pytorch.QualifiedName("__torch__.Linear"));
        module.register_parameter("w", torch.ones(3, 2), false);
        module.register_buffer("b", torch.full(new long[] {2}, new org.bytedeco.pytorch.Scalar(0.5)));
        module.define("def forward(self, x):\n    return torch.add(torch.matmul(x, self.w), self.b)\n");
        module.eval();
        return module;
    }
}
