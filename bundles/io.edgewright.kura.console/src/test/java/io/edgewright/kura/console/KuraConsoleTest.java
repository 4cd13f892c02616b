// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.edgewright.testkit.Configs;
import java.net.CookieManager;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class KuraConsoleTest {

    private static final String API = KuraConsole.SERVLET + "/api/v1/";

    private final PageGateway gateway = new PageGateway();
    private final HttpClient browser = HttpClient.newBuilder()
            .cookieHandler(new CookieManager())
            .followRedirects(HttpClient.Redirect.NORMAL)
            .build();

    @TempDir
    Path folder;

    private EmulatedConsole kura;
    private KuraConsole extension;

    @BeforeEach
    void start() throws Exception {
        kura = new EmulatedConsole();
        extension = new KuraConsole(kura, kura, gateway, Configs.of(KuraConsole.Config.class, Map.of()));
        extension.users = EmulatedUsers.of(Map.of(
                "admin", List.of("kura.admin", "kura.device"),
                "olga", List.of("kura.packages.admin"),
                "vera", List.of("kura.device"),
                "nina", List.of("kura.network.admin")));
    }

    @AfterEach
    void stop() throws Exception {
        kura.close();
    }

    @ParameterizedTest
    @CsvSource({"admin, admin", "olga, operator", "vera, viewer"})
    void letsUsersDoWhatTheirPermissionsInKuraSay(String user, String role) throws Exception {
        get("/login?user=" + user);
        assertThat(get(API + "health").statusCode()).isEqualTo(200);
        assertThat(gateway.requests).containsExactly("GET /api/v1/health by " + user + ", " + role);
    }

    @ParameterizedTest
    @CsvSource({"nina", "unknown"})
    void refusesUsersWithoutAPermissionAndEverybodyWhenNobodyCanTell(String user) throws Exception {
        get("/login?user=" + user);
        assertThat(get(API + "health").statusCode()).isEqualTo(403);
        extension.users = null;
        get("/login?user=admin");
        assertThat(get(API + "health").statusCode()).isEqualTo(403);
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void refusesWhoIsNotSignedIn() throws Exception {
        assertThat(get(API + "health").statusCode()).isEqualTo(401);
        assertThat(get("/admin/edgewright-script/edge-ai.js").body()).contains("addSidenavComponent");
        assertThat(gateway.requests).isEmpty();
    }

    @Test
    void changesNothingWithoutKurasTokenAndEndsNoSessionForAMissingOne() throws Exception {
        get("/login?user=admin");
        String promote = API + "deployments/shelf/promote";
        assertThat(post(promote, "").statusCode()).isEqualTo(403);
        assertThat(get(API + "health").statusCode()).isEqualTo(200);
        assertThat(post(promote, "a-token").statusCode()).isEqualTo(200);
        assertThat(post(promote, "wrong").statusCode()).isEqualTo(403);
        assertThat(get(API + "health").statusCode()).isEqualTo(401); // Kura ends a session for a wrong token
        assertThat(gateway.requests)
                .containsExactly(
                        "GET /api/v1/health by admin, admin", "POST /api/v1/deployments/shelf/promote by admin, admin");
    }

    @Test
    void reachesThePageAndTheApiOnlyAndMayBeShownInAFrame() throws Exception {
        get("/login?user=admin");
        var page = get(KuraConsole.SERVLET + "/console/index.html");
        assertThat(page.body()).startsWith("<!doctype html>");
        assertThat(page.headers().firstValue("X-Frame-Options")).contains("SAMEORIGIN");
        assertThat(page.headers().firstValue("Content-Security-Policy").orElse(""))
                .endsWith("frame-ancestors 'self'");
        assertThat(get(KuraConsole.SERVLET + "/v2/models/shelf").statusCode()).isEqualTo(404);
        assertThat(get(KuraConsole.SERVLET + "/metrics").statusCode()).isEqualTo(404);
    }

    @Test
    void leavesNothingBehind() {
        assertThat(kura.bare()).isFalse();
        extension.stop();
        assertThat(kura.bare()).isTrue();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new KuraConsole(
                        kura, kura, gateway, Configs.of(KuraConsole.Config.class, Map.of("viewer.permission", " "))))
                .withMessageContaining("viewer.permission");
        assertThat(kura.bare()).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"olga, 'olga, operator: shelf is promoted.'", "vera, 'vera, viewer may only look'"})
    void showsThePageInTheConsoleAndPromotesFromThere(String user, String result) throws Exception {
        String chromium = Stream.of("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")
                .filter(p -> Files.isExecutable(Path.of(p)))
                .findFirst()
                .orElse("");
        assumeTrue(!chromium.isEmpty(), "there is no Chromium on this machine");
        Path picture = Path.of("target", "edge-ai-" + user + ".png").toAbsolutePath();
        Path dom = folder.resolve("dom.html");
        Process process = new ProcessBuilder(
                        chromium,
                        "--headless=new",
                        "--no-sandbox",
                        "--disable-gpu",
                        "--user-data-dir=" + folder.resolve("profile"),
                        "--window-size=1280,900",
                        "--virtual-time-budget=15000",
                        "--screenshot=" + picture,
                        "--dump-dom",
                        kura.url() + "/login?user=" + user)
                .redirectOutput(dom.toFile())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            assertThat(process.waitFor(120, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
        assertThat(Files.readString(dom)).contains("<pre id=\"result\">" + result + "</pre>");
        assertThat(picture).exists();
        boolean operator = user.equals("olga");
        assertThat(gateway.requests.contains("POST /api/v1/deployments/shelf/promote by olga, operator"))
                .isEqualTo(operator);
    }

    private HttpResponse<String> get(String path) throws Exception {
        return send(HttpRequest.newBuilder(URI.create(kura.url() + path)));
    }

    private HttpResponse<String> post(String path, String token) throws Exception {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(kura.url() + path)).POST(HttpRequest.BodyPublishers.ofString("{}"));
        return send(token.isEmpty() ? request : request.header("X-CSRF-Token", token));
    }

    private HttpResponse<String> send(HttpRequest.Builder request) throws Exception {
        return browser.send(
                request.timeout(Duration.ofSeconds(20)).build(),
                HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
    }
}
