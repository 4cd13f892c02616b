// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import org.osgi.annotation.versioning.ConsumerType;

/** One HTTP request and its response. One thread. Implemented by servlet adapters. */
@ConsumerType
public interface HttpExchange {

    /** {@return the method, such as {@code GET}} */
    String method();

    /** {@return the path as sent but percent-decoded, without query, such as {@code /v2/models/shelf/infer}} */
    String path();

    /**
     * {@return the first value of a query parameter, decoded}
     *
     * @param name its name
     */
    Optional<String> query(String name);

    /**
     * {@return the first value of a request header}
     *
     * @param name its name, in any case
     */
    Optional<String> header(String name);

    /** {@return the peer's address, such as {@code 127.0.0.1}} */
    String remoteAddress();

    /** {@return true if the connection is encrypted} */
    boolean secure();

    /** {@return the declared length of the body in bytes; -1 if it was not declared} */
    long contentLength();

    /**
     * {@return the request body; read it at most once, in pieces}
     *
     * @throws IOException if the connection broke
     */
    InputStream body() throws IOException;

    /** {@return the name of the user, or empty if there is none (the path is open to anyone)} */
    Optional<String> user();

    /**
     * {@return true if the user has this role or a higher one}
     *
     * @param role {@code viewer}, {@code operator} or {@code admin}
     */
    boolean hasRole(String role);

    /**
     * Sets a response header, before {@link #respond}.
     *
     * @param name its name
     * @param value its value
     */
    void setHeader(String name, String value);

    /**
     * Begins the response.
     *
     * @param status such as 200
     * @param contentType such as {@code application/json}; empty for a response without a body
     * @param length of the body in bytes; -1 if unknown (it is then sent in chunks)
     * @return where to write the body; flushing sends what was written so far; closing it is left to the server
     * @throws IOException if the connection broke
     */
    OutputStream respond(int status, String contentType, long length) throws IOException;

    /**
     * Sends a whole response.
     *
     * @param status such as 200
     * @param contentType such as {@code application/json}
     * @param body all its bytes
     * @throws IOException if the connection broke
     */
    default void respond(int status, String contentType, byte[] body) throws IOException {
        respond(status, contentType, body.length).write(body);
    }
}
