// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A HTTP client with credentials; immutable. */
final class Client {

    /** A whole response. */
    record Reply(int status, byte[] body, HttpResponse<byte[]> response) {

        JsonObject json() {
            return element().getAsJsonObject();
        }

        JsonElement element() {
            return JsonParser.parseString(text());
        }

        String text() {
            return new String(body, StandardCharsets.UTF_8);
        }

        String header(String name) {
            return response.headers().firstValue(name).orElse("");
        }
    }

    private final String url;
    private final List<String> headers;
    private final HttpClient http;

    Client(String url, String... headers) {
        this(url, List.of(headers), HttpClient.newHttpClient());
    }

    private Client(String url, List<String> headers, HttpClient http) {
        this.url = url;
        this.headers = headers;
        this.http = http;
    }

    Client with(String header, String value) {
        List<String> all = new ArrayList<>(headers);
        all.add(header);
        all.add(value);
        return new Client(url, all, http);
    }

    Reply get(String path) throws IOException, InterruptedException {
        return send("GET", path, new byte[0]);
    }

    Reply post(String path, String body) throws IOException, InterruptedException {
        return send("POST", path, body.getBytes(StandardCharsets.UTF_8));
    }

    Reply send(String method, String path, byte[] body) throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(url + path))
                .timeout(Duration.ofSeconds(20))
                .method(
                        method,
                        body.length == 0
                                ? HttpRequest.BodyPublishers.noBody()
                                : HttpRequest.BodyPublishers.ofByteArray(body));
        if (!headers.isEmpty()) {
            request.headers(headers.toArray(String[]::new));
        }
        HttpResponse<byte[]> response = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
        return new Reply(response.statusCode(), response.body(), response);
    }
}
