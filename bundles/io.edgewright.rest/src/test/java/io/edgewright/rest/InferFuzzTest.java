// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.testkit.RecordedExchange;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Bytes of a stranger: whatever comes, it is answered with 200 or 4xx, soon, and without much memory. */
final class InferFuzzTest {

    private static final int ROUNDS = 20_000;
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
            "1e999",
            "9223372036854775807",
            "1e-400",
            "\"data\"",
            "\"shape\"",
            "\"binary_data_size\"",
            "\"datatype\"",
            "\"BYTES\"",
            "\"inputs\"",
            "\\u0000",
            "\\",
            "[[[[[[[[",
            "\"parameters\":{\"binary_data_size\":2147483647}");

    @TempDir
    Path home;

    private RestTestServer server;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(
                home,
                Map.of("anonymous.role", "viewer", "anonymous.requests.per.second", 0, "max.inference.mib", 1),
                0);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    @Timeout(value = 120, unit = TimeUnit.SECONDS)
    void answersMutatedBodiesWithoutAFault() throws Exception {
        var random = new Random(20260101);
        List<byte[]> seeds = List.of(
                bytes("{\"id\":\"1\",\"parameters\":{\"timeout\":1000},\"inputs\":[{\"name\":\"x\",\"shape\":[2,2],"
                        + "\"datatype\":\"FP32\",\"data\":[[1,2.5],[-3e2,\"NaN\"]]}],\"outputs\":[{\"name\":\"y\"}]}"),
                bytes("{\"inputs\":[{\"data\":[1,2,3,4],\"datatype\":\"FP32\",\"name\":\"x\",\"shape\":[2,2]}],"
                        + "\"outputs\":[{\"name\":\"y\",\"parameters\":{\"classification\":2,\"binary_data\":true}}]}"),
                bytes("{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"FP32\","
                        + "\"parameters\":{\"binary_data_size\":8}}]}\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007"),
                bytes(
                        "{\"inputs\":[{\"name\":\"x\",\"shape\":[1,2],\"datatype\":\"BYTES\","
                                + "\"parameters\":{\"binary_data_size\":9}}]}\u0001\u0000\u0000\u0000a\u0000\u0000\u0000\u0000"));
        Map<Integer, Integer> statuses = new HashMap<>();
        for (int i = 0; i < ROUNDS; i++) {
            int seed = random.nextInt(seeds.size());
            byte[] body = mutate(seeds.get(seed), random);
            String model = seed == 3 ? "identity_bytes" : "identity_fp32";
            Map<String, String> headers = new HashMap<>();
            if (seed >= 2) {
                int length = new String(seeds.get(seed), StandardCharsets.ISO_8859_1).lastIndexOf('}') + 1;
                boolean wrong = random.nextInt(4) == 0;
                headers.put(
                        "inference-header-content-length",
                        wrong ? Integer.toString(random.nextInt()) : Integer.toString(length));
            } else if (random.nextInt(20) == 0) {
                headers.put("content-encoding", random.nextBoolean() ? "gzip" : "deflate");
            }
            var exchange = new RecordedExchange("POST", "/v2/models/" + model + "/infer").with(body);
            headers.forEach(exchange::with);
            server.rest.dispatch(exchange);
            statuses.merge(exchange.status(), 1, Integer::sum);
            if (exchange.status() != 200) {
                assertThat(exchange.status())
                        .as("round %d: %s", i, exchange.text())
                        .isBetween(400, 499);
            }
        }
        assertThat(statuses).containsKeys(200, 400);
    }

    private static byte[] mutate(byte[] seed, Random random) {
        byte[] body = seed.clone();
        for (int edits = random.nextInt(4); edits >= 0; edits--) {
            int at = body.length == 0 ? 0 : random.nextInt(body.length);
            switch (random.nextInt(5)) {
                case 0 -> body = Arrays.copyOf(body, at);
                case 1 -> {
                    if (body.length > 0) {
                        body[at] = (byte) random.nextInt();
                    }
                }
                case 2 -> body = join(body, at, bytes(PIECES.get(random.nextInt(PIECES.size()))), at);
                case 3 -> body = join(body, at, new byte[0], Math.min(body.length, at + random.nextInt(20)));
                default -> {
                    int end = Math.min(body.length, at + random.nextInt(40));
                    body = join(body, at, Arrays.copyOfRange(body, at, end), at);
                }
            }
        }
        return body;
    }

    private static byte[] join(byte[] body, int until, byte[] middle, int from) {
        var out = new ByteArrayOutputStream();
        out.write(body, 0, until);
        out.writeBytes(middle);
        out.write(body, from, body.length - from);
        return out.toByteArray();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
