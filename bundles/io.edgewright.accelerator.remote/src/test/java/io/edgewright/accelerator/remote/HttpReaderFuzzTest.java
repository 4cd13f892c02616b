// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.edgewright.api.tensor.ElementType;
import io.edgewright.api.tensor.TensorSpec;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Bytes of a hostile server: an answer, or one of the errors that say so; never more memory than allowed. */
class HttpReaderFuzzTest {

    private static final int ROUNDS = 40_000;
    private static final int LIMIT = 64 * 1024;
    private static final String JSON = "{\"model_name\":\"m\",\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\","
            + "\"shape\":[2],\"data\":[1.5,\"NaN\"]},{\"name\":\"s\",\"datatype\":\"BYTES\",\"shape\":[1],"
            + "\"data\":[\"a\\u00e9\"]}]}";
    private static final String MIXED = "{\"outputs\":[{\"name\":\"y\",\"datatype\":\"FP32\",\"shape\":[2],"
            + "\"parameters\":{\"binary_data_size\":8}},{\"name\":\"s\",\"datatype\":\"BYTES\",\"shape\":[1],"
            + "\"parameters\":{\"binary_data_size\":5}}]}";
    private static final List<byte[]> SEEDS = List.of(
            http("Content-Length: " + JSON.length() + "\r\n", JSON),
            http(
                    "Inference-Header-Content-Length: " + MIXED.length() + "\r\nContent-Length: "
                            + (MIXED.length() + 13) + "\r\n",
                    MIXED + "\0\0\u0080?\0\0\0@\u0001\0\0\0a"),
            http(
                    "Transfer-Encoding: chunked\r\n",
                    Integer.toHexString(JSON.length()) + "\r\n" + JSON + "\r\n0\r\n\r\n"),
            http("Connection: close\r\n", JSON));
    private static final List<String> PIECES = List.of(
            "\r\n",
            "\n",
            ": ",
            "0",
            "9999999999",
            "-1",
            "7fffffff\r\n",
            "HTTP/1.1 100 C\r\n\r\n",
            "chunked",
            "{",
            "}",
            "[",
            "]",
            "[[[[[[[[[[",
            "null",
            "\"",
            "\"shape\":[",
            "1e999",
            "\"data\":",
            "\"binary_data_size\":2147483647",
            "Content-Length: 5\r\n",
            "\0",
            "\u00ff",
            "Content-Encoding: gzip\r\n");

    @Test
    void readsEverySeed() throws IOException {
        for (byte[] seed : SEEDS) {
            List<OutputBuffer> outputs = outputs();
            read(seed, outputs, new Random(1));
            assertThat(outputs.get(0).tensor().toFloats()[0]).isIn(1f, 1.5f);
            assertThat(outputs.get(1).tensor().toStrings()).isSubsetOf("a", "a\u00e9");
        }
    }

    @Test
    void takesNoEmptyAnswerForAnAnswer() {
        assertThatExceptionOfType(Trouble.class)
                .isThrownBy(() -> read(http("Content-Length: 0\r\n", ""), outputs(), new Random(1)))
                .withMessageContaining("JSON");
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void answersMutatedBytesWithAnErrorOrAValue() {
        var random = new Random(20261122);
        int values = 0;
        int errors = 0;
        for (int round = 0; round < ROUNDS; round++) {
            byte[] bytes = mutate(SEEDS.get(random.nextInt(SEEDS.size())), random);
            try {
                read(bytes, outputs(), random);
                values++;
            } catch (Trouble | EOFException e) {
                assertThat(e).as("round %d", round).hasMessageMatching("(?s).+");
                errors++;
            } catch (IOException | RuntimeException e) {
                throw new AssertionError("round " + round + ": " + new String(bytes, StandardCharsets.ISO_8859_1), e);
            }
        }
        assertThat(values).isPositive();
        assertThat(errors).isGreaterThan(ROUNDS / 4);
    }

    private static List<OutputBuffer> outputs() {
        return List.of(
                new OutputBuffer(new TensorSpec("y", ElementType.FLOAT32, List.of(2L))),
                new OutputBuffer(new TensorSpec("s", ElementType.STRING, List.of(-1L))));
    }

    private static void read(byte[] bytes, List<OutputBuffer> outputs, Random random) throws IOException {
        int[] position = {0};
        var reader = new HttpReader((into, offset, length) -> {
            int left = bytes.length - position[0];
            if (left == 0) {
                return -1;
            }
            int count = Math.min(Math.min(left, length), 1 + random.nextInt(300));
            System.arraycopy(bytes, position[0], into, offset, count);
            position[0] += count;
            return count;
        });
        var answer = new Answer(LIMIT);
        reader.read(answer);
        assertThat(answer.body().length).isLessThanOrEqualTo(LIMIT);
        if (answer.status() == 200) {
            new AnswerReader(outputs, LIMIT).read(answer);
        }
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] bytes = seed.clone();
        for (int edits = random.nextInt(3); edits >= 0; edits--) {
            int at = bytes.length == 0 ? 0 : random.nextInt(bytes.length);
            switch (random.nextInt(4)) {
                case 0 -> bytes = Arrays.copyOf(bytes, at);
                case 1 -> {
                    if (bytes.length > 0) {
                        bytes[at] = (byte) random.nextInt();
                    }
                }
                case 2 -> bytes = join(bytes, at, latin(PIECES.get(random.nextInt(PIECES.size()))), at);
                default -> bytes = join(bytes, at, new byte[0], Math.min(bytes.length, at + random.nextInt(20)));
            }
        }
        return bytes;
    }

    private static byte[] join(byte[] bytes, int until, byte[] middle, int from) {
        var out = new ByteArrayOutputStream();
        out.write(bytes, 0, until);
        out.writeBytes(middle);
        out.write(bytes, from, bytes.length - from);
        return out.toByteArray();
    }

    private static byte[] http(String headers, String body) {
        return latin("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n" + headers + "\r\n" + body);
    }

    private static byte[] latin(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
