// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import io.edgewright.api.http.HttpExchange;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Optional;

/** A request that passed the entrance: with its caller, its path parameters and a limited body. */
final class Call implements HttpExchange {

    private final HttpExchange exchange;
    private final Identity identity;
    private final Map<String, String> parameters;
    private final long limitBytes;
    private boolean begun;

    Call(HttpExchange exchange, Identity identity, Map<String, String> parameters, long limitBytes) {
        this.exchange = exchange;
        this.identity = identity;
        this.parameters = parameters;
        this.limitBytes = limitBytes;
    }

    Identity identity() {
        return identity;
    }

    /** {@return the value of a path parameter that the route's template has} */
    String parameter(String name) {
        String value = parameters.get(name);
        if (value == null) {
            throw new IllegalStateException("the route has no parameter " + name + ", only " + parameters.keySet());
        }
        return value;
    }

    long limitBytes() {
        return limitBytes;
    }

    /** {@return true if the response was begun, so that no error can be answered any more} */
    boolean begun() {
        return begun;
    }

    /** {@return the body as a JSON object; an empty body is an empty object} */
    JsonObject json() throws IOException, HttpProblem {
        byte[] body = body().readAllBytes();
        if (body.length == 0) {
            return new JsonObject();
        }
        try (var reader =
                new JsonReader(new InputStreamReader(new java.io.ByteArrayInputStream(body), StandardCharsets.UTF_8))) {
            reader.setStrictness(Strictness.STRICT);
            reader.setNestingLimit(32);
            JsonElement element = JsonParser.parseReader(reader);
            if (!element.isJsonObject() || reader.peek() != com.google.gson.stream.JsonToken.END_DOCUMENT) {
                throw HttpProblem.bad("the body is not one JSON object");
            }
            return element.getAsJsonObject();
        } catch (JsonParseException | IOException e) {
            throw HttpProblem.bad("the body is not JSON: " + Json.fault(e));
        }
    }

    void reply(int status, JsonElement body) throws IOException {
        respond(status, "application/json", Json.bytes(body));
    }

    void replyNothing(int status) throws IOException {
        respond(status, "", 0);
    }

    @Override
    public String method() {
        return exchange.method();
    }

    @Override
    public String path() {
        return exchange.path();
    }

    @Override
    public Optional<String> query(String name) {
        return exchange.query(name);
    }

    @Override
    public Optional<String> header(String name) {
        return exchange.header(name);
    }

    @Override
    public String remoteAddress() {
        return exchange.remoteAddress();
    }

    @Override
    public boolean secure() {
        return exchange.secure();
    }

    @Override
    public long contentLength() {
        return exchange.contentLength();
    }

    @Override
    public InputStream body() throws IOException {
        return new LimitedInput(exchange.body(), limitBytes);
    }

    @Override
    public Optional<String> user() {
        return identity.user().isEmpty() ? Optional.empty() : Optional.of(identity.user());
    }

    @Override
    public boolean hasRole(String role) {
        return identity.role().includes(Role.parse(role));
    }

    @Override
    public void setHeader(String name, String value) {
        exchange.setHeader(name, value);
    }

    @Override
    public OutputStream respond(int status, String contentType, long length) throws IOException {
        begun = true;
        return exchange.respond(status, contentType, length);
    }
}
