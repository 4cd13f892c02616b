// SPDX-License-Identifier: Apache-2.0
package io.edgewright.optimizer;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.model.ModelId;
import io.edgewright.api.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Files of what was seen of a deployment, torn and bent: each is read whole or refused with an IOException. */
class LiveFuzzTest {

    private static final int ROUNDS = 3_000;
    private static final List<String> PIECES = List.of(
            "{",
            "}",
            "[",
            "]",
            ",",
            ":",
            "\"",
            "null",
            "true",
            "-1",
            "0",
            "1e999",
            "\"NaN\"",
            "\"edges\"",
            "\"digits:x\"");

    @TempDir
    Path folder;

    private final Random random = new Random(20261122);

    /** Reads a file; what it does not refuse must be usable. */
    @FunctionalInterface
    private interface Reader {
        void read(Path file) throws IOException;
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aBentStateIsReadOrRefused() throws Exception {
        double[] numbers = random.doubles(100).toArray();
        var state = new LiveState(
                ModelId.of("digits", "1.0.0"),
                "0123",
                1 << 20,
                true,
                Map.of("input x", 0.5),
                Map.of("input x", Bins.of(numbers), "output y", Bins.of(numbers)));
        bend(Json.bytes(state), file -> {
            LiveState read = Json.read(file, LiveState.class);
            read.reference().values().forEach(bins -> assertThat(bins.psi(numbers))
                    .isNotNaN());
        });
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void aBentSampleIsReadOrRefused() throws Exception {
        var sample = Map.of("x", Tensor.ofFloats(List.of(2L), 1, 2), "y", Tensor.ofFloats(List.of(1L, 1L), 3));
        bend(NpzFile.bytes(sample), file -> NpzFile.read(file, 1 << 20));
    }

    private void bend(byte[] seed, Reader reader) throws IOException {
        Path file = folder.resolve("file");
        int read = 0;
        int refused = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = round == 0 ? seed : mutate(seed);
            Files.write(file, bytes);
            try {
                reader.read(file);
                read++;
            } catch (IOException e) {
                assertThat(e).as("round %d", round).hasMessageMatching("(?s).+");
                refused++;
            } catch (RuntimeException e) {
                throw new AssertionError("round " + round + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        assertThat(read).isPositive();
        assertThat(refused).isGreaterThan(ROUNDS / 10);
    }

    private byte[] mutate(byte[] seed) {
        int at = random.nextInt(seed.length);
        int skipped = Math.min(seed.length, at + random.nextInt(20));
        return switch (random.nextInt(4)) {
            case 0 -> join(seed, at, new byte[0], seed.length);
            case 1 -> join(seed, at, new byte[] {(byte) random.nextInt()}, Math.min(seed.length, at + 1));
            case 2 ->
                join(seed, at, PIECES.get(random.nextInt(PIECES.size())).getBytes(StandardCharsets.US_ASCII), skipped);
            default -> join(seed, at, new byte[0], skipped);
        };
    }

    private static byte[] join(byte[] bytes, int until, byte[] middle, int from) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, until);
        out.writeBytes(middle);
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }
}
