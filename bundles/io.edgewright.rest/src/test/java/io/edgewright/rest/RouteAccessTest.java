// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonParser;
import io.edgewright.testkit.RecordedExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every route with every kind of caller; which role a route takes stands in the API's description, see OpenApiTest. */
final class RouteAccessTest {

    @TempDir
    static Path home;

    private static final Map<Role, String> TOKENS = new EnumMap<>(Role.class);

    private static RestTestServer server;
    private static String revoked = "";
    private static String expired = "";
    private static String cookie = "";
    private static String csrf = "";

    @BeforeAll
    static void start() throws IOException {
        try (var before = new RestTestServer(home, Map.of(), 0)) {
            server = before;
            for (Role role : List.of(Role.VIEWER, Role.OPERATOR, Role.ADMIN)) {
                TOKENS.put(role, token(role));
            }
            expired = token(Role.ADMIN);
        }
        Path users = home.resolve("users.json");
        String text = Files.readString(users);
        String last = text.substring(text.lastIndexOf("\"expires\""));
        Files.writeString(users, text.replace(last, last.replaceFirst("2\\d{3}-", "2001-")));

        server = new RestTestServer(home, Map.of("anonymous.requests.per.second", 0), 0);
        var made = local("POST", "/api/v1/tokens", "{\"name\":\"gone\",\"role\":\"admin\"}");
        revoked = member(made, "token");
        assertThat(local("DELETE", "/api/v1/tokens/" + member(made, "id"), "").status())
                .isEqualTo(204);
        var login = new RecordedExchange("POST", "/api/v1/session")
                .with(("{\"user\":\"admin\",\"password\":\"" + server.firstPassword() + "\"}")
                        .getBytes(StandardCharsets.UTF_8));
        server.rest.dispatch(login);
        cookie = login.headers().getOrDefault("Set-Cookie", "").split(";")[0];
        csrf = member(login, "csrf");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    static Stream<Router.Route> routes() {
        return server.rest.router().routes().stream();
    }

    @ParameterizedTest
    @MethodSource("routes")
    void answersThoseWhoMayAndRefusesTheOthers(Router.Route route) throws Exception {
        check(status(request(route)), Role.NONE, route, 401);
        for (Map.Entry<Role, String> caller : TOKENS.entrySet()) {
            int status = status(request(route).with("Authorization", "Bearer " + caller.getValue()));
            check(status, caller.getKey(), route, 403);
        }
        for (String bad : List.of("Bearer " + revoked, "Bearer " + expired, "Bearer ", "Basic eDp5", "Digest x")) {
            assertThat(status(request(route).with("Authorization", bad)))
                    .as(bad)
                    .isIn(401, 429);
        }
    }

    @ParameterizedTest
    @MethodSource("routes")
    void wantsEachWriteOfABrowserToShowThatItIsMeant(Router.Route route) throws Exception {
        if (route.method().equals("GET")) {
            return;
        }
        assertThat(reason(request(route).with("Cookie", cookie))).isEqualTo("CSRF");
        assertThat(reason(request(route).with("Cookie", cookie).with("X-CSRF-Token", csrf + "x")))
                .isEqualTo("CSRF");
        for (String origin : List.of("http://evil.example", "null", "http://gateway.evil.example:8080")) {
            var elsewhere = request(route).with("Host", "gateway:8080").with("Origin", origin);
            assertThat(reason(elsewhere.with("Cookie", cookie).with("X-CSRF-Token", csrf)))
                    .as(origin)
                    .isEqualTo("CROSS_SITE");
        }
    }

    /** Whoever has the role is not refused for who he is; whether the rest of the request makes sense is another matter. */
    private static void check(int status, Role role, Router.Route route, int refusal) {
        boolean othersPassword = route.template().equals("/api/v1/users/{name}")
                && route.method().equals("PUT");
        boolean nobodySignedIn = route.template().equals("/api/v1/session") && role == Role.NONE;
        if (nobodySignedIn) {
            assertThat(status).isIn(204, 400, 401);
        } else if (role.includes(route.role()) && !(othersPassword && role != Role.ADMIN)) {
            assertThat(status)
                    .as("%s %s for %s", route.method(), route.template(), role)
                    .isNotIn(401, 403, 500);
        } else {
            assertThat(status)
                    .as("%s %s for %s", route.method(), route.template(), role)
                    .isEqualTo(refusal);
        }
    }

    private static RecordedExchange request(Router.Route route) {
        boolean stream = route.template().equals("/api/v1/events"); // which would not end
        return new RecordedExchange(
                stream ? "HEAD" : route.method(), route.template().replaceAll("\\{[a-z]+}", "unknown"));
    }

    private static int status(RecordedExchange exchange) throws IOException {
        server.rest.dispatch(exchange);
        return exchange.status();
    }

    private static String reason(RecordedExchange exchange) throws IOException {
        assertThat(status(exchange)).isEqualTo(403);
        return member(exchange, "reason");
    }

    private static String token(Role role) throws IOException {
        String body = "{\"name\":\"robot\",\"role\":\"" + role.word() + "\",\"expiresDays\":1}";
        return member(local("POST", "/api/v1/tokens", body), "token");
    }

    private static RecordedExchange local(String method, String path, String body) throws IOException {
        var exchange = new RecordedExchange(method, path)
                .with("Authorization", "Bearer " + server.localToken())
                .with(body.getBytes(StandardCharsets.UTF_8));
        server.rest.dispatch(exchange);
        return exchange;
    }

    private static String member(RecordedExchange exchange, String name) {
        return JsonParser.parseString(exchange.text())
                .getAsJsonObject()
                .get(name)
                .getAsString();
    }
}
