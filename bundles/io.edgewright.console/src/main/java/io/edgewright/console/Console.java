// SPDX-License-Identifier: Apache-2.0
package io.edgewright.console;

import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/**
 * Sends the status page. The page holds no secrets, so anyone may read it: it is what asks for user and password. All it
 * shows comes from the management API, which checks who is calling.
 */
@Component(
        name = Console.PID,
        service = HttpHandler.class,
        property = {
            HttpHandler.PATH + "=/console",
            HttpHandler.READ_ROLE + "=anyone",
            HttpHandler.WRITE_ROLE + "=admin",
            "kura.ui.service.hide:Boolean=true"
        })
public final class Console implements HttpHandler {

    static final String PID = "io.edgewright.console";

    private static final Map<String, String> FILES = Map.of(
            "index.html", "text/html; charset=utf-8",
            "console.css", "text/css; charset=utf-8",
            "console.js", "text/javascript; charset=utf-8",
            "api.js", "text/javascript; charset=utf-8",
            "cards.js", "text/javascript; charset=utf-8",
            "drift.js", "text/javascript; charset=utf-8",
            "optimizations.js", "text/javascript; charset=utf-8",
            "dom.js", "text/javascript; charset=utf-8",
            "icon.svg", "image/svg+xml");

    /** Every path that there is: what is not a key here cannot be reached, whatever the path looks like. */
    private final Map<String, Asset> assets;

    /** @throws IOException if a file of the page is missing from the bundle */
    @Activate
    public Console() throws IOException {
        Map<String, Asset> found = new HashMap<>();
        for (Map.Entry<String, String> file : FILES.entrySet()) {
            try (InputStream in = Console.class.getResourceAsStream("page/" + file.getKey())) {
                if (in == null) {
                    throw new IOException("page/" + file.getKey() + " is not in the bundle");
                }
                found.put("/console/" + file.getKey(), Asset.of(file.getValue(), in.readAllBytes()));
            }
        }
        Asset index = found.get("/console/index.html");
        if (index != null) {
            found.put("/console/", index);
        }
        this.assets = Map.copyOf(found);
    }

    @Override
    public void handle(HttpExchange exchange) throws IOException {
        Asset asset = assets.get(exchange.path());
        if (!Set.of("GET", "HEAD").contains(exchange.method())) {
            exchange.setHeader("Allow", "GET, HEAD");
            text(exchange, 405, "the console can only be read\n");
        } else if (exchange.path().equals("/console")) {
            exchange.setHeader("Location", "console/"); // relative: there may be a proxy that adds a prefix
            text(exchange, 302, "the console is at console/\n");
        } else if (asset == null) {
            text(exchange, 404, "the console has no such page; begin at /console/\n");
        } else {
            send(exchange, asset);
        }
    }

    private static void send(HttpExchange exchange, Asset asset) throws IOException {
        exchange.setHeader("ETag", asset.etag());
        exchange.setHeader("Cache-Control", "no-cache"); // kept, but asked for again: an update must show at once
        exchange.setHeader("Vary", "Accept-Encoding");
        if (exchange.header("If-None-Match").orElse("").contains(asset.etag())) {
            exchange.respond(304, "", 0);
            return;
        }
        boolean packed = exchange.header("Accept-Encoding").orElse("").contains("gzip");
        if (packed) {
            exchange.setHeader("Content-Encoding", "gzip");
        }
        respond(exchange, 200, asset.contentType(), packed ? asset.gzip() : asset.plain());
    }

    private static void text(HttpExchange exchange, int status, String text) throws IOException {
        respond(exchange, status, "text/plain; charset=utf-8", text.getBytes(StandardCharsets.UTF_8));
    }

    private static void respond(HttpExchange exchange, int status, String type, byte[] body) throws IOException {
        var stream = exchange.respond(status, type, body.length);
        if (!exchange.method().equals("HEAD")) {
            stream.write(body);
        }
    }
}
