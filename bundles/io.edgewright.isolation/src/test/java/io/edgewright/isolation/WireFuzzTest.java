// SPDX-License-Identifier: Apache-2.0
package io.edgewright.isolation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.accelerator.InferenceException;
import io.edgewright.api.accelerator.LoadOptions;
import io.edgewright.api.accelerator.LoadOptions.Goal;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Whatever a broken process writes, this one says so and goes on. */
@Timeout(120)
class WireFuzzTest {

    private static final int ROUNDS = 30_000;

    private static final ModelManifest MANIFEST = new ModelManifest(
            ModelId.of("model", "1.2.3"),
            "onnx",
            "model.onnx",
            "0".repeat(64),
            123,
            List.of(new TensorSpec("x", ElementType.FLOAT32, List.of(1L, TensorSpec.DYNAMIC))),
            List.of(new TensorSpec("y", ElementType.STRING, TensorSpec.ANY_SHAPE)),
            Map.of("data/weights.bin", "1".repeat(64)),
            Map.of("task", "classification", "labels", "Käfer\nBär"));

    /** Bytes as a channel, in pieces of any size. */
    private static final class Pieces implements ReadableByteChannel {

        private final ByteBuffer bytes;
        private final Random random;

        Pieces(byte[] bytes, Random random) {
            this.bytes = ByteBuffer.wrap(bytes);
            this.random = random;
        }

        @Override
        public int read(ByteBuffer target) {
            if (!bytes.hasRemaining()) {
                return -1;
            }
            int count = Math.min(Math.min(bytes.remaining(), target.remaining()), random.nextInt(40));
            target.put(bytes.slice(bytes.position(), count));
            bytes.position(bytes.position() + count);
            return count;
        }

        @Override
        public boolean isOpen() {
            return true;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }

    @Test
    void readsWhatWasWritten() throws Exception {
        byte[] message = message();
        for (int seed = 0; seed < 50; seed++) {
            var frames = new FrameReader();
            byte[] two = new byte[2 * message.length];
            System.arraycopy(message, 0, two, 0, message.length);
            System.arraycopy(message, 0, two, message.length, message.length);
            var channel = new Pieces(two, new Random(seed));
            for (int i = 0; i < 2; i++) {
                WireReader in = next(frames, channel);
                Wire.answer(in);
                assertThat(Wire.manifest(in)).isEqualTo(MANIFEST);
                assertThat(Wire.options(in)).isEqualTo(new LoadOptions(Goal.LATENCY, 3, true, Map.of("a", "b")));
                assertThat(Wire.shapes(in)).isEqualTo(Map.of("x", List.of(4L, 5L), "s", List.of()));
                assertThat(Wire.lengths(in)).containsExactly(1L, 2L, 3L);
                in.end();
            }
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> next(frames, channel));
        }
    }

    @Test
    void refusesAnyDamageWithoutHarm() throws Exception {
        byte[] message = message();
        var random = new Random(42);
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] damaged = damaged(message, random);
            try {
                WireReader in = next(new FrameReader(), new Pieces(damaged, random));
                Wire.answer(in);
                Wire.manifest(in);
                Wire.options(in);
                Wire.shapes(in);
                Wire.lengths(in);
                in.end();
            } catch (ProtocolException | EOFException | InferenceException e) {
                refused++;
            } catch (IllegalArgumentException | IllegalStateException e) {
                // the answer said so; nothing else may
                assertThat(damaged[4]).isIn(Wire.ARGUMENT, Wire.STATE);
                refused++;
            }
        }
        assertThat(refused).isBetween(ROUNDS / 2, ROUNDS);
    }

    @Test
    void refusesNonsenseAboutOutputs() throws Exception {
        var random = new Random(7);
        List<TensorSpec> specs = List.of(
                new TensorSpec("a", ElementType.FLOAT32, List.of(2L)),
                new TensorSpec("b", ElementType.INT8, List.of(TensorSpec.DYNAMIC)),
                new TensorSpec("c", ElementType.STRING, List.of(TensorSpec.DYNAMIC)));
        int taken = 0;
        for (int round = 0; round < ROUNDS; round++) {
            TensorSpec spec = specs.get(round % specs.size());
            var output = new IsolatedOutput(spec, Sizes.isFixed(spec) ? ByteBuffer.allocateDirect(8) : null);
            byte[] bytes = damaged(answer(spec), random);
            try {
                WireReader in = next(new FrameReader(), new Pieces(bytes, random));
                output.take(in, List.of(Path.of("target/none")));
                in.end();
                assertThat(output.value().type()).isEqualTo(spec.type());
                taken++;
            } catch (ProtocolException | EOFException e) {
                assertThat(e).hasMessageMatching("(?s).+");
            }
        }
        assertThat(taken).isBetween(100, ROUNDS);
    }

    private static byte[] answer(TensorSpec spec) {
        var out = new WireWriter();
        ByteBuffer data = ByteBuffer.allocate(8).order(java.nio.ByteOrder.nativeOrder());
        List<Long> shape = List.of(8L);
        if (spec.type() == ElementType.STRING) {
            data.putInt(1).put((byte) 'x').flip();
            shape = List.of(1L);
        } else if (spec.type() == ElementType.FLOAT32) {
            shape = List.of(2L);
        }
        return array(out.begin((byte) Wire.INLINE).shape(shape).bytes(data).end());
    }

    private static byte[] message() {
        var out = new WireWriter().begin(Wire.DONE);
        Wire.manifest(out, MANIFEST);
        Wire.options(out, new LoadOptions(Goal.LATENCY, 3, true, Map.of("a", "b")));
        Wire.shapes(out, Map.of("x", List.of(4L, 5L), "s", List.of()));
        Wire.lengths(out, List.of(1L, 2L, 3L));
        return array(out.end());
    }

    private static byte[] damaged(byte[] message, Random random) {
        List<Byte> bytes = new ArrayList<>();
        for (byte b : message) {
            bytes.add(b);
        }
        int hits = 1 + random.nextInt(3);
        for (int i = 0; i < hits && !bytes.isEmpty(); i++) {
            int at = random.nextInt(bytes.size());
            switch (random.nextInt(5)) {
                case 0 -> bytes.set(at, (byte) random.nextInt(256));
                case 1 -> bytes.set(at, (byte) (bytes.get(at) ^ 1 << random.nextInt(8)));
                case 2 -> bytes.remove(at);
                case 3 -> bytes.add(at, (byte) random.nextInt(256));
                default -> bytes.subList(at, bytes.size()).clear();
            }
        }
        byte[] result = new byte[bytes.size()];
        for (int i = 0; i < result.length; i++) {
            result[i] = bytes.get(i);
        }
        return result;
    }

    private static WireReader next(FrameReader frames, ReadableByteChannel channel) throws IOException {
        WireReader in = null;
        while (in == null) {
            in = frames.read(channel);
        }
        return in;
    }

    private static byte[] array(ByteBuffer buffer) {
        byte[] bytes = new byte[buffer.remaining()];
        buffer.get(bytes);
        return bytes;
    }
}
