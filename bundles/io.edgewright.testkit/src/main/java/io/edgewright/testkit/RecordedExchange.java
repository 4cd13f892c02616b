// SPDX-License-Identifier: Apache-2.0
package io.edgewright.testkit;

import io.edgewright.api.http.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** A request without a network, which keeps the response. Its caller is anonymous and has the role {@code viewer}. */
public final class RecordedExchange implements HttpExchange {

    private final String method;
    private final String path;
    private final Map<String, String> requestHeaders = new HashMap<>();
    private final Map<String, String> headers = new HashMap<>();
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    private byte[] content = new byte[0];
    private int status;
    private String contentType = "";
    private long length;

    /**
     * Makes a request without a body.
     *
     * @param method such as {@code GET}
     * @param path such as {@code /metrics}
     */
    public RecordedExchange(String method, String path) {
        this.method = method;
        this.path = path;
    }

    /**
     * Adds a request header.
     *
     * @param name its name, in any case
     * @param value its value
     * @return this
     */
    public RecordedExchange with(String name, String value) {
        requestHeaders.put(name.toLowerCase(Locale.ROOT), value);
        return this;
    }

    /**
     * Sets the request body.
     *
     * @param body its bytes
     * @return this
     */
    public RecordedExchange with(byte[] body) {
        content = body.clone();
        return this;
    }

    /** {@return the response's status; 0 before there is one} */
    public int status() {
        return status;
    }

    /** {@return the response's content type} */
    public String contentType() {
        return contentType;
    }

    /** {@return the response's declared length; -1 for none} */
    public long length() {
        return length;
    }

    /** {@return the response's headers} */
    public Map<String, String> headers() {
        return Map.copyOf(headers);
    }

    /** {@return the response's body} */
    public byte[] bytes() {
        return answer.toByteArray();
    }

    /** {@return the response's body as text} */
    public String text() {
        return answer.toString(StandardCharsets.UTF_8);
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
        return Optional.ofNullable(requestHeaders.get(name.toLowerCase(Locale.ROOT)));
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
        return content.length;
    }

    @Override
    public InputStream body() {
        return new ByteArrayInputStream(content);
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
        return answer;
    }
}
