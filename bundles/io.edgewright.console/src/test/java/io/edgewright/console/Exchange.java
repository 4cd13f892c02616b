// SPDX-License-Identifier: Apache-2.0
package io.edgewright.console;

import io.edgewright.api.http.HttpExchange;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A request without a network. */
final class Exchange implements HttpExchange {

    final Map<String, String> headers = new HashMap<>();
    int status;
    String contentType = "";
    long length;

    final Map<String, String> requestHeaders = new HashMap<>();

    private final String method;
    private final String path;
    private final ByteArrayOutputStream body = new ByteArrayOutputStream();

    Exchange(String method, String path) {
        this.method = method;
        this.path = path;
    }

    byte[] bytes() {
        return body.toByteArray();
    }

    String text() {
        return body.toString(StandardCharsets.UTF_8);
    }

    @Override
    public String method() {
        return method;
    }

    @Override
    public String path() {
        return path;
    }

    @Override
    public Optional<String> query(String name) {
        return Optional.empty();
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(requestHeaders.get(name));
    }

    @Override
    public String remoteAddress() {
        return "127.0.0.1";
    }

    @Override
    public boolean secure() {
        return false;
    }

    @Override
    public long contentLength() {
        return -1;
    }

    @Override
    public InputStream body() {
        return InputStream.nullInputStream();
    }

    @Override
    public Optional<String> user() {
        return Optional.empty();
    }

    @Override
    public boolean hasRole(String role) {
        return role.equals("viewer");
    }

    @Override
    public void setHeader(String name, String value) {
        headers.put(name, value);
    }

    @Override
    public OutputStream respond(int newStatus, String newContentType, long newLength) {
        status = newStatus;
        contentType = newContentType;
        length = newLength;
        return body;
    }
}
