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
}
