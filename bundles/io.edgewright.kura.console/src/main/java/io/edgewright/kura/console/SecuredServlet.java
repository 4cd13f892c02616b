// SPDX-License-Identifier: Apache-2.0
package io.edgewright.kura.console;

import io.edgewright.api.http.HttpDispatcher;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import javax.servlet.http.HttpServlet;
import javax.servlet.http.HttpServletRequest;
import javax.servlet.http.HttpServletResponse;
import javax.servlet.http.HttpSession;
import org.eclipse.kura.KuraException;
import org.eclipse.kura.web.api.Console;

/** The status page and the management API for users of Kura's console: Kura says who it is, we what he may do. */
final class SecuredServlet extends HttpServlet {

    private static final long serialVersionUID = 1L;

    private static final Set<String> READING = Set.of("GET", "HEAD");

    private final transient Console console;
    private final transient HttpDispatcher dispatcher;
    private final transient Function<String, Optional<String>> roles;

    /** @param roles what a user may do; empty for nothing */
    SecuredServlet(Console console, HttpDispatcher dispatcher, Function<String, Optional<String>> roles) {
        this.console = console;
        this.dispatcher = dispatcher;
        this.roles = roles;
    }

    @Override
    protected void service(HttpServletRequest request, HttpServletResponse response) throws IOException {
        HttpSession session = request.getSession(false);
        Optional<String> user = session == null ? Optional.empty() : console.getUsername(session);
        if (user.isEmpty()) {
            refuse(response, 401, "UNAUTHORIZED", "sign in to the console first");
            return;
        }
        Optional<String> role = roles.apply(user.get());
        var exchange = new FramedExchange(request, response);
        String path = exchange.path();
        if (role.isEmpty()) {
            refuse(response, 403, "FORBIDDEN", "your user has no permission in Kura that is one for Edgewright");
        } else if (!READING.contains(request.getMethod()) && !hasToken(request)) {
            refuse(response, 403, "CSRF", "the header X-CSRF-Token is missing or wrong; load the page again");
        } else if (!path.startsWith("/console/") && !path.startsWith("/api/v1/")) {
            refuse(response, 404, "NOT_FOUND", "there is nothing at " + path + " for the console");
        } else {
            dispatcher.dispatch(exchange, user.get(), role.get());
        }
    }

    /** A missing token is not shown to Kura: it would end the session of whoever was made to send the request. */
    private boolean hasToken(HttpServletRequest request) {
        String token = request.getHeader("X-CSRF-Token");
        if (token == null || token.isBlank()) {
            return false;
        }
        try {
            console.checkXSRFToken(request, token);
            return true;
        } catch (KuraException e) {
            return false;
        }
    }

    private static void refuse(HttpServletResponse response, int status, String reason, String message)
            throws IOException {
        String json =
                "{\"error\":\"" + message.replaceAll("[\\p{Cntrl}\"\\\\]", "?") + "\",\"reason\":\"" + reason + "\"}";
        response.setStatus(status);
        response.setContentType("application/json");
        response.getOutputStream().write(json.getBytes(StandardCharsets.UTF_8));
    }
}
