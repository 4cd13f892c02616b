// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import io.edgewright.testkit.RecordedExchange;
import java.io.IOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

final class AccessTest {

    @TempDir
    Path home;

    private RestTestServer server;
    private Client nobody;

    @BeforeEach
    void start() throws IOException {
        start(Map.of("anonymous.requests.per.second", 0));
    }

    private void start(Map<String, Object> settings) throws IOException {
        if (server != null) {
            server.close();
        }
        server = new RestTestServer(home, settings, 0);
        nobody = new Client(server.url());
    }

    @AfterEach
    void stop() {
        server.close();
    }

    @Test
    void takesAnAdaptersWordForWhoCallsAndChecksTheRoleAllTheSame() throws Exception {
        var viewer = new RecordedExchange("GET", "/api/v1/session");
        server.rest.dispatch(viewer, "anna", "viewer");
        assertThat(viewer.text()).contains("\"user\":\"anna\"", "\"role\":\"viewer\"", "\"kind\":\"trusted\"");

        var write = new RecordedExchange("DELETE", "/api/v1/deployments/identity_fp32");
        server.rest.dispatch(write, "anna", "viewer");
        assertThat(write.status()).isEqualTo(403);
        var allowed = new RecordedExchange("DELETE", "/api/v1/deployments/identity_fp32");
        server.rest.dispatch(allowed, "olga", "operator");
        assertThat(allowed.status()).isEqualTo(204);

        assertThatIllegalArgumentException()
                .isThrownBy(() -> server.rest.dispatch(viewer, "anna", "none"))
                .withMessageContaining("expected viewer, operator or admin");
        assertThatIllegalArgumentException().isThrownBy(() -> server.rest.dispatch(viewer, " ", "admin"));
    }

    @Test
    void makesAnAdminAtTheFirstStartAndKeepsIt() throws Exception {
        String password = server.firstPassword();
        assertThat(basic("admin", password).get("/api/v1/users").status()).isEqualTo(200); // waits until there is one
        assertThat(Files.readString(home.resolve("users.json"))).doesNotContain(password);
        assertThat(mode("users.json")).isEqualTo("rw-------");
        assertThat(mode("run/first-password")).isEqualTo("rw-------");
        assertThat(mode("run/local.token")).isEqualTo("rw-------");
        String token = server.localToken();
        start(Map.of());
        assertThat(server.firstPassword()).isEqualTo(password);
        assertThat(server.localToken()).isNotEqualTo(token);
        assertThat(basic("admin", password).get("/api/v1/users").status()).isEqualTo(200);
    }

    @Test
    void forgetsTheFirstPasswordWhenItIsChanged() throws Exception {
        String password = server.firstPassword();
        Client admin = basic("admin", password);
        JsonObject change = new JsonObject();
        change.addProperty("password", "another password");
        assertThat(put(admin, "/api/v1/users/admin", change).status()).isEqualTo(400); // without the current one
        change.addProperty("currentPassword", password);
        assertThat(put(admin, "/api/v1/users/admin", change).status()).isEqualTo(200);
        assertThat(home.resolve("run/first-password")).doesNotExist();
        assertThat(admin.get("/api/v1/users").status()).isEqualTo(401);
        assertThat(basic("admin", "another password").get("/api/v1/users").status())
                .isEqualTo(200);
    }

    @Test
    void wantsTheCsrfTokenOfTheSessionForWrites() throws Exception {
        Client.Reply login =
                nobody.post("/api/v1/session", "{\"user\":\"admin\",\"password\":\"" + server.firstPassword() + "\"}");
        assertThat(login.status()).as(login.text()).isEqualTo(200);
        String cookie = login.header("Set-Cookie");
        assertThat(cookie).contains("HttpOnly", "SameSite=Strict", "Path=/").doesNotContain("Secure");
        Client session = nobody.with("Cookie", "other=1; " + cookie.split(";")[0]);
        String csrf = session.get("/api/v1/session").json().get("csrf").getAsString();
        String body = "{\"name\":\"robot\",\"role\":\"viewer\"}";
        assertThat(session.post("/api/v1/tokens", body).json().get("reason").getAsString())
                .isEqualTo("CSRF");
        assertThat(session.with("X-CSRF-Token", csrf + "x")
                        .post("/api/v1/tokens", body)
                        .status())
                .isEqualTo(403);
        Client safe = session.with("X-CSRF-Token", csrf);
        assertThat(safe.post("/api/v1/tokens", body).status()).isEqualTo(201);
        assertThat(safe.with("Origin", "https://evil.example")
                        .post("/api/v1/tokens", body)
                        .json()
                        .get("reason")
                        .getAsString())
                .isEqualTo("CROSS_SITE");
        assertThat(safe.with("Origin", server.url())
                        .post("/api/v1/tokens", body)
                        .status())
                .isEqualTo(201);
        assertThat(safe.send("DELETE", "/api/v1/session", new byte[0]).status()).isEqualTo(204);
        assertThat(session.get("/api/v1/session").status()).isEqualTo(401);
    }

    @Test
    void letsEachRoleDoWhatItMay() throws Exception {
        Client admin = local();
        Client viewer = token(admin, "viewer");
        Client operator = token(admin, "operator");
        for (Client reader : List.of(viewer, operator, admin)) {
            assertThat(reader.get("/api/v1/models").status()).isEqualTo(200);
        }
        assertThat(viewer.send("DELETE", "/api/v1/deployments/x", new byte[0]).status())
                .isEqualTo(403);
        assertThat(operator.send("DELETE", "/api/v1/deployments/x", new byte[0]).status())
                .isEqualTo(404);
        assertThat(operator.get("/api/v1/users").status()).isEqualTo(403);
        assertThat(nobody.get("/api/v1/models").status()).isEqualTo(401);
        assertThat(nobody.get("/api/v1/session").status()).isEqualTo(401);
        assertThat(nobody.get("/v2/health/live").status()).isEqualTo(200);
    }

    @Test
    void keepsTokensOverARestartUntilTheyAreRevoked() throws Exception {
        Client.Reply made =
                local().post("/api/v1/tokens", "{\"name\":\"robot\",\"role\":\"viewer\",\"expiresDays\":1}");
        String secret = made.json().get("token").getAsString();
        assertThat(made.json().get("expires").getAsString()).isNotBlank();
        assertThat(Files.readString(home.resolve("users.json"))).doesNotContain(secret);
        start(Map.of());
        Client robot = nobody.with("Authorization", "Bearer " + secret);
        assertThat(robot.get("/api/v1/models").status()).isEqualTo(200);
        String id = made.json().get("id").getAsString();
        assertThat(local().get("/api/v1/tokens").text()).contains(id).doesNotContain(secret);
        assertThat(local().send("DELETE", "/api/v1/tokens/" + id, new byte[0]).status())
                .isEqualTo(204);
        assertThat(robot.get("/api/v1/models").status()).isEqualTo(401);
    }

    @Test
    void makesRoomForANewTokenByForgettingThoseThatAreOver() throws Exception {
        assertThat(local().get("/api/v1/users").status()).isEqualTo(200); // the first user is made beside the start
        Path file = home.resolve("users.json");
        JsonObject accounts = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
        JsonArray tokens = accounts.getAsJsonArray("tokens");
        for (int i = 0; i < 1000; i++) {
            tokens.add(JsonParser.parseString(
                    "{'id':'%d','name':'robot','role':'viewer','sha256':'%d','created':'2020-01-01T00:00:00Z','expires':'2020-01-02T00:00:00Z'}"
                            .formatted(i, i)
                            .replace('\'', '"')));
        }
        server.close();
        Files.writeString(file, accounts.toString());
        start(Map.of());

        assertThat(local().post("/api/v1/tokens", "{\"name\":\"robot\",\"role\":\"viewer\"}")
                        .status())
                .isEqualTo(201);
        assertThat(JsonParser.parseString(Files.readString(file))
                        .getAsJsonObject()
                        .getAsJsonArray("tokens"))
                .hasSize(1);
    }

    @Test
    void keepsTheLastAdmin() throws Exception {
        Client admin = local();
        assertThat(admin.send("DELETE", "/api/v1/users/admin", new byte[0])
                        .json()
                        .get("reason")
                        .getAsString())
                .isEqualTo("LAST_ADMIN");
        JsonObject role = new JsonObject();
        role.addProperty("role", "viewer");
        assertThat(put(admin, "/api/v1/users/admin", role).status()).isEqualTo(409);
        String other = "{\"name\":\"eve\",\"password\":\"long enough 1\",\"role\":\"admin\"}";
        assertThat(admin.post("/api/v1/users", other).status()).isEqualTo(201);
        assertThat(admin.post("/api/v1/users", other).status()).isEqualTo(409);
        assertThat(admin.send("DELETE", "/api/v1/users/admin", new byte[0]).status())
                .isEqualTo(204);
        assertThat(admin.post("/api/v1/users", "{\"name\":\"bob\",\"password\":\"short\",\"role\":\"viewer\"}")
                        .text())
                .contains("5 characters, expected 10 to 200");
    }

    @Test
    void letsAUserChangeHisOwnPasswordOnly() throws Exception {
        local().post("/api/v1/users", "{\"name\":\"bob\",\"password\":\"long enough 1\",\"role\":\"viewer\"}");
        Client bob = basic("bob", "long enough 1");
        JsonObject change = new JsonObject();
        change.addProperty("password", "long enough 2");
        change.addProperty("currentPassword", "long enough 1");
        assertThat(put(bob, "/api/v1/users/admin", change).status()).isEqualTo(403);
        assertThat(put(bob, "/api/v1/users/bob", change).status()).isEqualTo(200);
        change.addProperty("role", "admin");
        assertThat(put(basic("bob", "long enough 2"), "/api/v1/users/bob", change)
                        .status())
                .isEqualTo(403);
    }

    @Test
    void locksGuessersOutEvenWhenTheyGuessRight() throws Exception {
        for (int i = 0; i < 6; i++) {
            assertThat(basic("admin", "wrong password").get("/v2").status()).isEqualTo(401);
        }
        Client.Reply locked = basic("admin", server.firstPassword()).get("/v2");
        assertThat(locked.status()).isEqualTo(429);
        assertThat(locked.header("Retry-After")).isNotBlank();
        assertThat(local().get("/v2").status()).isEqualTo(200);
    }

    @Test
    void limitsRequestsOfUnknownCallers() throws Exception {
        start(Map.of("anonymous.requests.per.second", 1));
        assertThat(nobody.get("/v2/health/live").status()).isEqualTo(200);
        int status = 200;
        for (int i = 0; i < 20 && status == 200; i++) {
            status = nobody.get("/v2/health/live").status();
        }
        assertThat(status).isEqualTo(429);
        assertThat(local().get("/v2").status()).isEqualTo(200);
    }

    @Test
    void givesAnonymousCallersTheConfiguredRole() throws Exception {
        start(Map.of("anonymous.role", "operator", "anonymous.requests.per.second", 0));
        assertThat(nobody.get("/api/v1/models").status()).isEqualTo(200);
        assertThat(nobody.send("DELETE", "/api/v1/deployments/x", new byte[0]).status())
                .isEqualTo(404);
        assertThat(nobody.with("Origin", "http://evil.example")
                        .send("DELETE", "/api/v1/deployments/x", new byte[0])
                        .status())
                .isEqualTo(403);
        assertThat(nobody.get("/api/v1/users").status()).isEqualTo(401);
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1:8080,200",
        "localhost:8080,200",
        "[::1]:8080,200",
        "shop.localhost,200",
        "proxy.example:8443,200",
        "evil.example:8080,401",
        "127.0.0.1.evil.example,401"
    })
    void givesNoRoleToASiteWhoseNameWasMadeToPointHere(String host, int status) throws Exception {
        start(Map.of("anonymous.role", "viewer", "allowed.origins", new String[] {"https://proxy.example:8443"}));
        var exchange = new RecordedExchange("GET", "/api/v1/models").with("Host", host);
        server.rest.dispatch(exchange);
        assertThat(exchange.status()).isEqualTo(status);
        var withUser = new RecordedExchange("GET", "/api/v1/models")
                .with("Host", host)
                .with("Authorization", "Bearer " + server.localToken());
        server.rest.dispatch(withUser);
        assertThat(withUser.status()).isEqualTo(200);
    }

    @Test
    void refusesATenGigabyteUploadAtOnce() throws Exception {
        String head = "POST /api/v1/models?file=a.onnx HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer "
                + server.localToken() + "\r\nContent-Length: 10737418240\r\n\r\n";
        try (var socket = new Socket("127.0.0.1", server.server.port())) {
            socket.setSoTimeout(10_000);
            socket.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
            socket.getOutputStream().flush();
            byte[] answer = new byte[12];
            assertThat(socket.getInputStream().readNBytes(answer, 0, 12)).isEqualTo(12);
            assertThat(new String(answer, StandardCharsets.US_ASCII)).isEqualTo("HTTP/1.1 413");
        }
    }

    @Test
    void sendsSecurityHeaders() throws Exception {
        Client.Reply reply = nobody.get("/api/v1/models");
        assertThat(reply.header("X-Content-Type-Options")).isEqualTo("nosniff");
        assertThat(reply.header("Content-Security-Policy")).contains("frame-ancestors 'none'");
        assertThat(reply.header("Cache-Control")).isEqualTo("no-store");
        assertThat(reply.header("WWW-Authenticate")).startsWith("Bearer");
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"users\":[],\"tokens\":[]}", "{\"users", "", "\0\0\0"})
    void letsOnlyTheGatewayItselfInWhereAccountsAreBrokenAndMakesNoneInTheirPlace(String broken) throws Exception {
        Path file = home.resolve("users.json");
        String password = server.firstPassword();
        server.close();
        Files.writeString(file, broken);
        start(Map.of());

        assertThat(local().get("/api/v1/health").text()).contains("CRITICAL", "users.json", "nobody can sign in");
        assertThat(basic("admin", password).get("/api/v1/models").status()).isEqualTo(503);
        assertThat(local().post("/api/v1/tokens", "{\"name\":\"robot\",\"role\":\"viewer\"}")
                        .text())
                .contains("ACCOUNTS_DAMAGED");
        assertThat(nobody.get("/api/v1/models").status()).isEqualTo(401);
        assertThat(file).hasContent(broken);
    }

    private Client local() throws IOException {
        return nobody.with("Authorization", "Bearer " + server.localToken());
    }

    private Client token(Client admin, String role) throws Exception {
        Client.Reply made = admin.post("/api/v1/tokens", "{\"name\":\"t\",\"role\":\"" + role + "\"}");
        return nobody.with("Authorization", "Bearer " + made.json().get("token").getAsString());
    }

    private Client basic(String user, String password) {
        String pair = Base64.getEncoder().encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
        return nobody.with("Authorization", "Basic " + pair);
    }

    private static Client.Reply put(Client client, String path, JsonObject body) throws Exception {
        return client.send("PUT", path, Json.bytes(body));
    }

    private String mode(String file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(home.resolve(file)));
    }
}
