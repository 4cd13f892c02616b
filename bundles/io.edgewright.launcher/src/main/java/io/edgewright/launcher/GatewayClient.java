// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.config.Home;
import java.io.IOException;
import java.net.ConnectException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Talks to a running gateway over its management API. */
final class GatewayClient {

    private static final Duration CONNECT_LIMIT = Duration.ofSeconds(10);
    private static final Duration ANSWER_LIMIT = Duration.ofMinutes(10);

    private final String url;
    private final Optional<String> token;
    private final Optional<String> host;
    private final HttpClient http;

    private GatewayClient(String url, Optional<String> token, Optional<PinnedTrust.Pinned> pinned) {
        this.host = pinned.map(PinnedTrust.Pinned::host);
        if (host.isPresent()) {
            System.setProperty("jdk.httpclient.allowRestrictedHeaders", "host");
        }
        HttpClient.Builder builder = HttpClient.newBuilder().connectTimeout(CONNECT_LIMIT);
        pinned.ifPresent(p -> builder.sslContext(p.context()));
        this.http = builder.build();
        this.url = url.endsWith("/") ? url.substring(0, url.length() - 1) : url;
        this.token = token;
    }

    static boolean isRunning(CommandLine line) throws IOException {
        return GatewayFile.read(home(line)).filter(GatewayFile::isAlive).isPresent();
    }

    static GatewayClient of(CommandLine line) throws CommandException, IOException {
        Optional<String> given = line.option("token")
                .or(() -> Optional.ofNullable(System.getenv("EDGEWRIGHT_TOKEN")).filter(t -> !t.isBlank()));
        Optional<String> elsewhere = line.option("url");
        if (elsewhere.isPresent()) {
            return new GatewayClient(elsewhere.get(), given, Optional.empty());
        }
        Path home = home(line);
        GatewayFile gateway = GatewayFile.read(home)
                .filter(GatewayFile::isAlive)
                .orElseThrow(() -> new CommandException(
                        Exit.NO_GATEWAY,
                        "no gateway runs on " + home
                                + "; start it with 'edgewright start', or name another with --home or --url",
                        null));
        Path local = home.resolve("run").resolve("local.token");
        if (given.isEmpty() && Files.isReadable(local)) {
            given = Optional.of(Files.readString(local).strip());
        }
        Optional<PinnedTrust.Pinned> trust =
                gateway.url().startsWith("https:") ? PinnedTrust.of(home) : Optional.empty();
        return new GatewayClient(gateway.url(), given, trust);
    }

    String url() {
        return url;
    }

    JsonElement get(String path) throws CommandException, IOException {
        return send("GET", path, BodyPublishers.noBody(), "application/json");
    }

    JsonElement delete(String path) throws CommandException, IOException {
        return send("DELETE", path, BodyPublishers.noBody(), "application/json");
    }

    JsonElement send(String method, String path, BodyPublisher body, String type) throws CommandException, IOException {
        HttpRequest.Builder request;
        try {
            request = HttpRequest.newBuilder(URI.create(url + path));
        } catch (IllegalArgumentException e) {
            throw new CommandException(Exit.USAGE, "'" + url + "' is not a URL like http://127.0.0.1:8080", e);
        }
        request.timeout(ANSWER_LIMIT).header("Accept", "application/json").method(method, body);
        if (!method.equals("GET")) {
            request.header("Content-Type", type);
        }
        host.ifPresent(h -> request.header("Host", h));
        token.ifPresent(t -> request.header("Authorization", "Bearer " + t));
        try {
            return answer(http.send(request.build(), BodyHandlers.ofString()));
        } catch (ConnectException e) {
            throw new CommandException(Exit.NO_GATEWAY, "nothing answers at " + url + "; is the gateway running?", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandException(Exit.FAILED, "interrupted", e);
        }
    }

    private JsonElement answer(HttpResponse<String> response) throws CommandException {
        JsonElement json = parse(response.body());
        int status = response.statusCode();
        if (status / 100 == 2) {
            return json;
        }
        String error = json.isJsonObject() && json.getAsJsonObject().has("error")
                ? json.getAsJsonObject().get("error").getAsString()
                : "the gateway answered with status " + status;
        if (status == 401 && token.isEmpty()) {
            error += "; give an API token with --token or $EDGEWRIGHT_TOKEN";
        }
        throw new CommandException(Exit.FAILED, error, null);
    }

    private static JsonElement parse(String body) {
        try {
            return body.isBlank() ? new JsonObject() : JsonParser.parseString(body);
        } catch (JsonParseException e) {
            return JsonNull.INSTANCE; // an error page of something in between; its status tells
        }
    }

    private static Path home(CommandLine line) {
        return Home.folder(line.option("home").orElse(""));
    }
}
