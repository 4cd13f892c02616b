// SPDX-License-Identifier: Apache-2.0
package io.edgewright.api.http;

import java.io.IOException;
import org.osgi.annotation.versioning.ProviderType;

/**
 * The one entrance for HTTP: finds who is calling, checks rights and limits, and hands the request to the right
 * {@link HttpHandler}. A servlet adapter translates and calls it; nothing else is in an adapter. Thread-safe.
 */
@ProviderType
public interface HttpDispatcher {

    /**
     * Answers one request, whatever it is.
     *
     * @param exchange request and response; its {@code user} and {@code hasRole} are not asked
     * @throws IOException if the connection broke
     */
    void dispatch(HttpExchange exchange) throws IOException;

    /**
     * Answers one request of a caller whom a trusted adapter has authenticated in its own way: a console with a login of its
     * own, a cloud connection. The adapter has made sure that no page of another site sent it.
     *
     * @param exchange request and response; its {@code user} and {@code hasRole} are not asked
     * @param user who calls, not blank, such as {@code admin}
     * @param role what the caller may do: {@code viewer}, {@code operator} or {@code admin}
     * @throws IOException if the connection broke
     * @throws IllegalArgumentException if the user is blank or there is no such role
     */
    void dispatch(HttpExchange exchange, String user, String role) throws IOException;
}
