// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.cloud;

import io.edgewright.api.http.HttpExchange;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.eclipse.kura.message.KuraPayload;

/** A message as a request to the management API: its metrics are the query, its body is the body. Keeps the answer. */
final class CloudExchange implements HttpExchange {

    private final String method;
    private final String path;
    private final KuraPayload payload;
    private final ByteArrayOutputStream answer = new ByteArrayOutputStream();
    private int status;

    CloudExchange(String method, String path, KuraPayload payload) {
        this.method = method;
        this.path = path;
        this.payload = payload;
    }

    /** {@return the answer's status; 0 if there is none} */
    int status() {
        return status;
    }

    byte[] answer() {
        return answer.toByteArray();
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
        return Optional.ofNullable(payload.getMetric(name)).map(String::valueOf);
    }

    @Override
    public Optional<String> header(String name) {
        return Optional.empty();
    }

    @Override
    public String remoteAddress() {
        return "";
    }

    /** {@return true: how a cloud connection is encrypted is Kura's business} */
    @Override
    public boolean secure() {
        return true;
    }

    @Override
    public long contentLength() {
        return content().length;
    }

    @Override
    public InputStream body() {
        return new ByteArrayInputStream(content());
    }

    /** {@return nobody: the dispatcher is told apart} */
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
        // a message has no headers
    }

    @Override
    public OutputStream respond(int newStatus, String contentType, long length) {
        status = newStatus;
        return answer;
    }

    private byte[] content() {
        byte[] body = payload.getBody();
        return body == null ? new byte[0] : body;
    }
}
