// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Inference requests that are small on the wire and large in memory, and long answers. */
final class LargeRequestTest {

    @TempDir
    static Path home;

    private static RestTestServer server;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        server = new RestTestServer(home, Map.of("anonymous.role", "viewer", "anonymous.requests.per.second", 0), 0);
        client = new Client(server.url());
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @Test
    void refusesABodyThatGrowsBeyondTheLimitWhenItIsDecompressed() throws Exception {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write("{\"id\":\"".getBytes(StandardCharsets.UTF_8));
            byte[] spaces = new byte[1 << 20];
            Arrays.fill(spaces, (byte) ' ');
            for (int i = 0; i < 65; i++) {
                out.write(spaces);
            }
        }
        Client.Reply reply = client.with("Content-Encoding", "gzip")
                .send("POST", "/v2/models/identity_fp32/infer", gzip.toByteArray());
        assertThat(reply.status()).as(reply.text()).isEqualTo(413);
    }

    @Test
    void refusesJsonThatTakesMoreMemoryThanARequestMay() throws Exception {
        var gzip = new ByteArrayOutputStream();
        try (var out = new GZIPOutputStream(gzip)) {
            out.write("{\"inputs\":[{\"name\":\"x\",\"datatype\":\"FP64\",\"shape\":[1,30000000],\"data\":[0"
                    .getBytes(StandardCharsets.UTF_8));
            byte[] zeros = ",0".repeat(1_000_000).getBytes(StandardCharsets.UTF_8);
            for (int i = 0; i < 30; i++) {
                out.write(zeros);
            }
            out.write("]}]}".getBytes(StandardCharsets.UTF_8));
        }
        Client.Reply reply = client.with("Content-Encoding", "gzip")
                .send("POST", "/v2/models/identity_fp64/infer", gzip.toByteArray());
        assertThat(reply.status()).as(reply.text()).isEqualTo(413);
        assertThat(reply.text()).contains("send binary data");
    }

    @Test
    void answersLongJsonInPieces() throws Exception {
        int count = 300_000;
        String body = "{\"inputs\":[{\"name\":\"x\",\"datatype\":\"INT8\",\"shape\":[1," + count + "],\"data\":[7"
                + ",7".repeat(count - 1) + "]}]}";
        Client.Reply reply = client.post("/v2/models/identity_int8/infer", body);
        assertThat(reply.header("Content-Length")).isEmpty();
        assertThat(reply.json()
                        .getAsJsonArray("outputs")
                        .get(0)
                        .getAsJsonObject()
                        .getAsJsonArray("data"))
                .hasSize(count)
                .allMatch(element -> element.getAsInt() == 7);
    }
}
