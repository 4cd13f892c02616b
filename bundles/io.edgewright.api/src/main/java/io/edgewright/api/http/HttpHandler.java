// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.http;

import java.io.IOException;
import org.osgi.annotation.versioning.ConsumerType;

/**
 * Answers HTTP requests below one path; a service with the property {@value #PATH}. The dispatcher has authenticated the
 * caller and checked the role, the CSRF token, the rate and the size before. Thread-safe.
 */
@ConsumerType
public interface HttpHandler {

    /** Service property, String or String[], required: path prefixes such as {@code /metrics}; the longest one wins. */
    String PATH = "edgewright.http.path";

    /**
     * Service property, String: who may read (GET, HEAD): {@code viewer} (the default), {@code operator}, {@code admin},
     * or {@code anyone}.
     */
    String READ_ROLE = "edgewright.http.role.read";

    /** Service property, String: who may send (all other methods): {@code operator} (the default), or another role. */
    String WRITE_ROLE = "edgewright.http.role.write";

    /**
     * Answers one request, on a thread of the server.
     *
     * @param exchange request and response
     * @throws IOException if the connection broke
     */
    void handle(HttpExchange exchange) throws IOException;
}
