// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.api.update.Update;
import io.edgewright.api.update.UpdateAgent;
import io.edgewright.api.update.UpdateProgress;
import io.edgewright.api.update.UpdateProgress.State;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class UpdateRoutesTest {

    private static final String DIGEST = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";
    private static final String PATH = "/api/v1/updates/shelf-2";

    @TempDir
    static Path home; // shared: making the first account takes a while

    private final Remembered agent = new Remembered();
    private RestTestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(home, Map.of(), 0);
        server.rest.updates = agent;
        client = new Client(server.url(), "Authorization", "Bearer " + server.localToken());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void startsFollowsAndCancelsAnUpdate() throws Exception {
        var started = put(
                PATH,
                "{\"url\":\"https://models.example.com/shelf.onnx\",\"sha256\":\"" + DIGEST
                        + "\",\"sizeBytes\":12,\"name\":\"shelf\",\"version\":\"2.0.0\"}");
        assertThat(started.status()).isEqualTo(202);
        assertThat(started.json().get("state").getAsString()).isEqualTo("OFFERED");
        Update update = Optional.ofNullable(agent.submitted.get("shelf-2")).orElseThrow();
        assertThat(update.location()).hasToString("https://models.example.com/shelf.onnx");
        assertThat(update.sizeBytes()).isEqualTo(12);
        assertThat(update.properties()).isEqualTo(Map.of("name", "shelf", "version", "2.0.0"));

        assertThat(client.get("/api/v1/updates").text()).contains("\"id\":\"shelf-2\"");
        assertThat(client.get(PATH).json().get("ended").getAsBoolean()).isFalse();
        assertThat(client.post(PATH + "/cancel", "").json().get("state").getAsString())
                .isEqualTo("CANCELLED");
        assertThat(client.post(PATH + "/cancel", "").status()).isEqualTo(409);
    }

    @Test
    void refusesAVersionBelowTheFloorOfADeploymentBeforeItIsFetched() throws Exception {
        put("/api/v1/deployments/front", "{\"model\":\"shelf\",\"version.floor\":\"2.0.0\"}");
        String update = "{\"url\":\"https://models.example.com/m\",\"sha256\":\"" + DIGEST
                + "\",\"name\":\"%s\",\"version\":\"%s\"}";
        var refused = put(PATH, update.formatted("shelf", "1.9.0"));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(refused.text()).contains("BELOW_FLOOR", "shelf:1.9.0", "'front'", "2.0.0");
        assertThat(agent.submitted).isEmpty();
        assertThat(put(PATH, update.formatted("shelf", "2.0.0")).status()).isEqualTo(202);
        assertThat(put("/api/v1/updates/cart", update.formatted("cart", "1.0.0"))
                        .status())
                .isEqualTo(202);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            value = {
                "{}; 'sha256' is missing",
                "{\"sha256\":\"" + DIGEST + "\"}; 'url' is missing",
                "{\"sha256\":\"abc\",\"url\":\"http://a/b\"}; expected 64 lower-case hexadecimal digits",
                "{\"sha256\":\"" + DIGEST + "\",\"url\":\"not an address\"}; 'url' is no address",
                "{\"sha256\":\"" + DIGEST
                        + "\",\"url\":\"http://a/b\",\"name\":\"a/b\"}; model name 'a/b' is malformed",
                "{\"sha256\":\"" + DIGEST + "\",\"url\":\"http://a/b\",\"sizeBytes\":-1}; 'sizeBytes' is -1",
                "{\"sha256\":\"" + DIGEST + "\",\"url\":\"ftp://a/b\"}; expected http",
                "{\"sha256\":\"" + DIGEST + "\",\"url\":\"http://a/b\",\"odd\":1}; 'odd' is unknown",
                "[1]; not one JSON object",
            })
    void refusesWhatItCannotTakeOn(String body, String message) throws Exception {
        var answer = put(PATH, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.text()).contains(message);
        assertThat(agent.submitted).isEmpty();
    }

    @Test
    void saysWhatDoesNotExist() throws Exception {
        assertThat(client.get(PATH).status()).isEqualTo(404);
        assertThat(client.post(PATH + "/cancel", "").status()).isEqualTo(404);
        server.rest.updates = null;
        assertThat(client.get("/api/v1/updates").status()).isEqualTo(503);
    }

    private Client.Reply put(String path, String body) throws Exception {
        return client.send("PUT", path, body.getBytes(StandardCharsets.UTF_8));
    }

    /** An agent that only remembers. */
    private static final class Remembered implements UpdateAgent {

        final Map<String, Update> submitted = new ConcurrentSkipListMap<>();
        private final Map<String, UpdateProgress> states = new ConcurrentSkipListMap<>();

        @Override
        public Map<String, UpdateProgress> updates() {
            return Map.copyOf(states);
        }

        @Override
        public void submit(Update update) {
            if (!update.location().getScheme().startsWith("http")) {
                throw new IllegalArgumentException("expected http or https");
            }
            submitted.put(update.id(), update);
            states.put(update.id(), new UpdateProgress(State.OFFERED, 0, "waits"));
        }

        @Override
        public boolean cancel(String id) {
            var before = states.put(id, new UpdateProgress(State.CANCELLED, 0, "ended"));
            return before != null && !before.ended();
        }
    }
}
