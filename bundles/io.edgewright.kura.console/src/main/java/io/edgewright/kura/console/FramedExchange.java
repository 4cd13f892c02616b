// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.QueryString;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;

/** A request to the secured servlet and its response, which Kura's console shows in a frame. One thread. */
final class FramedExchange implements HttpExchange {

    private final HttpServletRequest request;
    private final HttpServletResponse response;

    FramedExchange(HttpServletRequest request, HttpServletResponse response) {
        this.request = request;
        this.response = response;
    }

    @Override
    public String method() {
        return request.getMethod();
    }

    /** {@return the path below the servlet} */
    @Override
    public String path() {
        String path = request.getPathInfo();
        return path == null ? "/" : path;
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

    /** Pages of the console's own host may show the page in a frame: the console is one. */
    @Override
    public void setHeader(String name, String value) {
        response.setHeader(
                name,
                switch (name) {
                    case "X-Frame-Options" -> "SAMEORIGIN";
                    case "Content-Security-Policy" -> value.replace("frame-ancestors 'none'", "frame-ancestors 'self'");
                    default -> value;
                });
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
