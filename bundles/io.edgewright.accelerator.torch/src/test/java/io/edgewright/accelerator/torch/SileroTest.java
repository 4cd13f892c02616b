// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.torch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.edgewright.api.accelerator.Deadline;
import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.ModelSession;
import io.edgewright.api.accelerator.Slot;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import io.edgewright.onnxruntime.OrtRuntime;
import io.edgewright.testkit.FileModel;
import io.edgewright.testkit.TestData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * A voice activity detector that comes as TorchScript, which keeps its state in the module, and as ONNX, whose caller keeps it:
 * 512 new samples of 16 kHz a run, before them the last 64 of the run before.
 */
class SileroTest {

    private static final int SAMPLES = 512;
    private static final int CONTEXT = 64;
    private static final int RATE = 16_000;

    /** Both compute in FLOAT32, each with its own kernels; 1e-6 was seen. */
    private static final float TOLERANCE = 1e-4f;

    @Test
    void answersAsItsTwinInOnnxDoes() throws Exception {
        Path jit = TestData.require("torchscript/silero_vad.jit");
        Path onnx = TestData.require("audio/silero_vad.onnx");
        List<Float> audio = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            wav(TestData.require("tflite/yes_1000ms.wav"), audio);
            wav(TestData.require("tflite/no_1000ms.wav"), audio);
        }
        List<Float> byScript = script(jit, audio, Map.of());
        List<Float> byOnnx = onnx(onnx, audio);
        assertThat(byScript).hasSizeGreaterThan(150).hasSameSizeAs(byOnnx);
        for (int i = 0; i < byOnnx.size(); i++) {
            assertThat(byScript.get(i)).as("frame %d", i).isCloseTo(byOnnx.get(i), within(TOLERANCE));
        }
        assertThat(byScript).anyMatch(p -> p > 0.5f).anyMatch(p -> p < 0.1f);
        // without state it answers otherwise, so the agreement above says something
        List<Float> stateless = script(jit, audio, Map.of("torch.state", "run"));
        assertThat(stateless.get(0)).isEqualTo(byScript.get(0));
        assertThat(stateless).isNotEqualTo(byScript);
    }

    private static List<Float> script(Path file, List<Float> audio, Map<String, String> properties)
            throws IOException, InferenceException {
        FileModel model = Drivers.listing(
                FileModel.of(file, "torchscript"),
                List.of(
                        new TensorSpec("x", ElementType.FLOAT32, List.of(1L, (long) SAMPLES)),
                        new TensorSpec("sr", ElementType.INT64, List.of())),
                List.of(new TensorSpec("speech", ElementType.FLOAT32, List.of(1L, 1L))),
                properties);
        List<Float> answers = new ArrayList<>();
        try (ModelSession session = Drivers.load(model);
                Slot slot = session.openSlot(Map.of())) {
            slot.input("sr").data().putLong(0, RATE);
            for (int from = 0; from + SAMPLES <= audio.size(); from += SAMPLES) {
                for (int i = 0; i < SAMPLES; i++) {
                    slot.input("x").floatBuffer().put(i, audio.get(from + i));
                }
                slot.run(Deadline.NONE);
                answers.add(slot.output("speech").floatBuffer().get(0));
            }
        }
        return answers;
    }

    private static List<Float> onnx(Path file, List<Float> audio) throws OrtException {
        OrtEnvironment environment = OrtRuntime.environment();
        List<Float> answers = new ArrayList<>();
        FloatBuffer state = floats(2 * 128);
        FloatBuffer input = floats(CONTEXT + SAMPLES);
        try (OrtSession session = environment.createSession(file.toString());
                OnnxTensor rate = OnnxTensor.createTensor(environment, (long) RATE);
                OnnxTensor samples = OnnxTensor.createTensor(environment, input, new long[] {1, CONTEXT + SAMPLES});
                OnnxTensor before = OnnxTensor.createTensor(environment, state, new long[] {2, 1, 128})) {
            for (int from = 0; from + SAMPLES <= audio.size(); from += SAMPLES) {
                for (int i = -CONTEXT; i < SAMPLES; i++) {
                    input.put(CONTEXT + i, from + i < 0 ? 0 : audio.get(from + i));
                }
                try (var result = session.run(Map.of("input", samples, "state", before, "sr", rate))) {
                    answers.add(tensor(result, "output").getFloatBuffer().get(0));
                    state.put(0, tensor(result, "stateN").getFloatBuffer(), 0, state.capacity());
                }
            }
        }
        return answers;
    }

    private static OnnxTensor tensor(OrtSession.Result result, String name) {
        return (OnnxTensor) result.get(name).orElseThrow();
    }

    private static FloatBuffer floats(int count) {
        return ByteBuffer.allocateDirect(4 * count)
                .order(ByteOrder.nativeOrder())
                .asFloatBuffer();
    }

    /** 16-bit mono: the samples follow the chunk's head {@code data}. */
    private static void wav(Path file, List<Float> into) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        assertThat(bytes.getInt(24)).isEqualTo(RATE);
        int at = 12;
        while (bytes.getInt(at) != 0x61746164) {
            at += 8 + bytes.getInt(at + 4);
        }
        int end = Math.min(bytes.limit(), at + 8 + bytes.getInt(at + 4));
        for (int i = at + 8; i + 1 < end; i += 2) {
            into.add(bytes.getShort(i) / 32768f);
        }
    }
}
