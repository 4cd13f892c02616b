// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.edgewright.rest.SettingTypes.Setting;
import io.edgewright.rest.SettingTypes.Type;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class SettingsRoutesTest {

    private static final String CAMERA = "/api/v1/settings/camera/door";

    @TempDir
    static Path home; // shared: making the first account takes a while

    private RestTestServer server;
    private Client client;

    @BeforeEach
    void start() throws IOException {
        server = new RestTestServer(home, Map.of(), 0);
        client = new Client(server.url(), "Authorization", "Bearer " + server.localToken());
        var camera = new Type(
                "camera",
                true,
                "Camera",
                "Pictures.",
                List.of(
                        setting("name", String.class, false, List.of()),
                        setting("pace", String.class, false, List.of("realtime", "fast")),
                        setting("width", Integer.class, false, List.of()),
                        setting("ratio", Double.class, false, List.of()),
                        setting("loop", Boolean.class, false, List.of()),
                        setting("zones", String.class, true, List.of()),
                        setting("password", String.class, false, List.of())));
        var limits = new Type(
                "limits", false, "Limits", "How much.", List.of(setting("most", Long.class, false, List.of())));
        server.rest.settingTypes = () -> List.of(camera, limits);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void createsChangesShowsAndDeletesInstances() throws Exception {
        assertThat(put(CAMERA, "{\"pace\":\"fast\",\"width\":\"640\",\"zones\":\"a: 0,0 1,1\",\"password\":\"hush\"}")
                        .status())
                .isEqualTo(201);
        assertThat(put(CAMERA, "{\"ratio\":2,\"loop\":true,\"zones\":[\"a\",\"b\"]}")
                        .status())
                .isEqualTo(200);

        assertThat(stored())
                .containsEntry("name", "door")
                .containsEntry("width", 640)
                .containsEntry("ratio", 2.0)
                .containsEntry("loop", true)
                .containsEntry("zones", new String[] {"a", "b"});

        String shown = client.get("/api/v1/settings/camera").text();
        assertThat(shown)
                .contains("\"password\":\"********\"", "\"zones\":[\"a\",\"b\"]", "\"options\":[\"realtime\",\"fast\"]")
                .doesNotContain("hush");
        assertThat(client.get("/api/v1/settings").text()).contains("\"name\":\"door\"");

        put(CAMERA, "{\"zones\":\"\"}");
        assertThat(stored()).containsEntry("zones", new String[0]);

        assertThat(delete(CAMERA).status()).isEqualTo(204);
        assertThat(delete(CAMERA).status()).isEqualTo(404);
    }

    @Test
    void setsAndResetsWhatThereIsOnce() throws Exception {
        assertThat(put("/api/v1/settings/limits", "{\"most\":5000000000}").status())
                .isEqualTo(201);
        assertThat(client.get("/api/v1/settings/limits").text()).contains("\"most\":5000000000");
        assertThat(delete("/api/v1/settings/limits").status()).isEqualTo(204);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "camera/door | {\"colour\":1}          | 'colour' is unknown, expected one of name, pace",
                "camera/door | {\"pace\":\"slow\"}     | expected one of realtime, fast",
                "camera/door | {\"width\":\"wide\"}    | 'width' is \"wide\", expected a whole number",
                "camera/door | {\"width\":1.5}         | expected a whole number",
                "camera/door | {\"width\":13}          | expected a value in its range: about width",
                "camera/door | {\"width\":[1]}         | expected one value",
                "camera/door | {\"loop\":1}            | expected true or false",
                "camera/door | {\"password\":[1]}      | 'password' is not shown",
                "camera/door | {\"zones\":[[1]]}       | expected a list",
                "camera/door | {\"name\":\"window\"}   | but the path says 'door'",
                "camera      | {}                      | has instances, expected /api/v1/settings/camera/NAME",
                "limits/one  | {}                      | has no instances",
            })
    void saysWhatWasExpected(String path, String body, String message) throws Exception {
        var answer = put("/api/v1/settings/" + path, body);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.json().get("error").getAsString()).contains(message);
    }

    @Test
    void refusesWhatNothingTakes() throws Exception {
        assertThat(put("/api/v1/settings/nobody", "{}").text()).contains("nothing installed takes settings as");
    }

    @Test
    void saysThatTheDiskIsFull() throws Exception {
        server.gateway.diskIsFull = true;
        var answer = put(CAMERA, "{}");
        assertThat(answer.status()).isEqualTo(507);
        assertThat(answer.text()).contains("No space left on device");
    }

    @Test
    void isForAdministrators() throws Exception {
        client.post("/api/v1/users", "{\"name\":\"olga\",\"password\":\"long-enough-1\",\"role\":\"operator\"}");
        var olga = new Client(server.url(), "Authorization", "Basic b2xnYTpsb25nLWVub3VnaC0x");
        assertThat(olga.get("/api/v1/deployments").status()).isEqualTo(200);
        assertThat(olga.get("/api/v1/settings").status()).isEqualTo(403);
        assertThat(olga.send("PUT", CAMERA, "{}".getBytes(StandardCharsets.UTF_8))
                        .status())
                .isEqualTo(403);
    }

    private Map<String, Object> stored() throws IOException {
        return server.gateway.find("camera", "door").orElseThrow().values();
    }

    private Client.Reply put(String path, String body) throws Exception {
        return client.send("PUT", path, body.getBytes(StandardCharsets.UTF_8));
    }

    private Client.Reply delete(String path) throws Exception {
        return client.send("DELETE", path, new byte[0]);
    }

    private static Setting setting(String key, Class<?> kind, boolean list, List<String> options) {
        boolean secret = key.equals("password");
        return new Setting(
                key, key, "about " + key, kind, list, secret, List.of(), options, text -> !text.equals("13"));
    }
}
