// SPDX-License-Identifier: Apache-2.0
package io.edgewright.http.javax;

import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.QueryString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** A servlet request and its response. One thread. */
final class ServletExchange implements HttpExchange {

    private final HttpServletRequest request;
    private final HttpServletResponse response;
    private final String path;

    ServletExchange(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
        this.path = path(request);
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    @Override
    public String path() {
        return path;
    }

    private static String path(HttpServletRequest request) {
        String servlet = request.getServletPath();
        String rest = request.getPathInfo();
        String path = (servlet == null ? "" : servlet) + (rest == null ? "" : rest);
        return path.isEmpty() ? "/" : path;
    }

    @Override
    public Optional<String> query(String name) {
        return QueryString.find(request.getQueryString(), name);
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.ofNullable(request.getHeader(name));
    }

    @Override
    public String remoteAddress() {
        String address = request.getRemoteAddr();
        return address.startsWith("[") ? address.substring(1, address.length() - 1) : address;
    }

    @Override
    public boolean secure() {
        return request.isSecure();
    }

    @Override
    public long contentLength() {
        return request.getContentLengthLong();
    }

    @Override
    public InputStream body() throws IOException {
        return request.getInputStream();
    }

    /** {@return nobody: the dispatcher knows, not the container} */
    @Override
    public Optional<String> user() {
        return Optional.empty();
    }

    @Override
    public boolean hasRole(String role) {
        return false;
    }

    @Override
    public void setHeader(String name, String value) {
        response.setHeader(name, value);
    }

    @Override
    public OutputStream respond(int status, String contentType, long length) throws IOException {
        response.setStatus(status);
        if (!contentType.isEmpty()) {
            response.setContentType(contentType);
        }
        if (length >= 0) {
            response.setContentLengthLong(length);
        }
        return response.getOutputStream();
    }
}
