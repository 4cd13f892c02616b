// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import io.edgewright.api.http.HttpDispatcher;
import io.edgewright.api.http.HttpExchange;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;

/** The page as it is, and a management API with one deployment whose canary can be promoted. */
final class PageGateway implements HttpDispatcher {

    private static final Path PAGE = Path.of("../io.edgewright.console/src/main/resources/io/edgewright/console/page")
            .toAbsolutePath();

    private static final String CANDIDATE = ",{\"version\":\"2.0.0\",\"accelerator\":\"cpu\",\"role\":\"CANARY\","
            + "\"percent\":10,\"statistics\":{\"successes\":12,\"failed\":0,\"p50Millis\":2.5,\"p99Millis\":4}}";

    final List<String> requests = new CopyOnWriteArrayList<>();
    private volatile boolean promoted;

    @Override
    public void dispatch(HttpExchange exchange) {
        throw new AssertionError("the caller is not told");
    }

    @Override
    public void dispatch(HttpExchange exchange, String user, String role) throws IOException {
        String path = exchange.path();
        requests.add(exchange.method() + " " + path + " by " + user + ", " + role);
        exchange.setHeader("X-Frame-Options", "DENY");
        exchange.setHeader("Content-Security-Policy", "default-src 'self'; style-src 'self'; frame-ancestors 'none'");
        if (path.startsWith("/console/")) {
            Path file = PAGE.resolve(path.substring("/console/".length()));
            exchange.respond(200, type(file), Files.readAllBytes(file));
        } else if (path.equals("/api/v1/events")) {
            exchange.respond(200, "text/event-stream", ": ping\n\n".getBytes(StandardCharsets.UTF_8));
        } else {
            promoted |= path.endsWith("/promote");
            byte[] body = answers(user, role)
                    .getOrDefault(path.substring("/api/v1/".length()), "{}")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.respond(200, "application/json", body);
        }
    }

    private Map<String, String> answers(String user, String role) {
        return Map.of(
                "session",
                "{\"user\":\"" + user + "\",\"role\":\"" + role + "\",\"kind\":\"trusted\",\"csrf\":\"\"}",
                "status",
                "{\"version\":\"0.1.0\",\"uptimeSeconds\":4000}",
                "health",
                "{\"status\":\"ok\",\"findings\":[]}",
                "deployments",
                "{\"deployments\":[{\"name\":\"shelf\",\"model\":\"shelf\",\"versionRule\":\"latest\","
                        + "\"state\":\"SERVING\",\"message\":\"\",\"swaps\":1,\"since\":\"2026-01-01T00:00:00Z\","
                        + "\"served\":[{\"version\":\"1.0.0\",\"accelerator\":\"cpu\",\"role\":\"PRIMARY\","
                        + "\"percent\":100,\"memoryBytes\":5000000,\"statistics\":{\"successes\":4711,\"failed\":0,"
                        + "\"p50Millis\":3.1,\"p99Millis\":7.9}}" + (promoted ? "" : CANDIDATE) + "]}]}",
                "accelerators",
                "{\"accelerators\":[{\"id\":\"cpu\",\"driver\":\"cpu\",\"kind\":\"CPU\",\"description\":\"4 cores\","
                        + "\"healthy\":true,\"formats\":[\"onnx\"],\"deployments\":[\"shelf\"]}]}",
                "models",
                "{\"models\":[{\"name\":\"shelf\",\"version\":\"2.0.0\",\"format\":\"onnx\",\"sizeBytes\":4000000,"
                        + "\"store\":\"local\",\"digest\":\"0123456789abcdef\"}]}");
    }

    private static String type(Path file) {
        String name = file.toString();
        return name.endsWith(".html")
                ? "text/html"
                : name.endsWith(".css") ? "text/css" : name.endsWith(".svg") ? "image/svg+xml" : "text/javascript";
    }
}
