// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.http.HttpExchange;
import io.edgewright.api.http.HttpHandler;
import java.io.IOException;
import java.net.URI;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What happens to every request between the adapter and the handler. Thread-safe. */
final class Dispatch {

    private static final Logger LOG = LoggerFactory.getLogger(Dispatch.class);

    private static final String POLICY =
            "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline';"
                    + " object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

    /** How many without a user may send something at once: each holds a thread, and those who have a user need some, too. */
    private static final int STRANGERS = 64;

    /** Where a request goes, and what it takes to go there. */
    private record Target(Role role, long limitBytes, Map<String, String> parameters, Router.Action action) {}

    private final Router router;
    private final Supplier<Whiteboard> whiteboard;
    private final Authenticator authenticator;
    private final Supplier<Options> options;
    private final RateLimiter rates = new RateLimiter();
    private final Semaphore strangers = new Semaphore(STRANGERS);

    Dispatch(Router router, Supplier<Whiteboard> whiteboard, Authenticator authenticator, Supplier<Options> options) {
        this.router = router;
        this.whiteboard = whiteboard;
        this.authenticator = authenticator;
        this.options = options;
    }

    /**
     * Answers a request.
     *
     * @param known who calls, if an adapter has found out already
     */
    void dispatch(HttpExchange exchange, Optional<Identity> known) throws IOException {
        try {
            secure(exchange);
            enter(exchange, known);
        } catch (HttpProblem e) {
            refuse(new Call(exchange, Identity.anonymous(Role.NONE), Map.of(), 0), e);
        }
    }

    private void enter(HttpExchange exchange, Optional<Identity> known) throws IOException, HttpProblem {
        Options now = options.get();
        String path = exchange.path();
        checkPath(path);
        if (path.equals("/") && exchange.method().equals("GET")) {
            home(exchange);
            return;
        }
        Identity identity = identify(exchange, known, now);
        Target target = target(exchange, now);
        checkRole(identity, target.role());
        if (!reads(exchange.method())) {
            checkOrigin(exchange, identity, now);
        }
        long declared = exchange.contentLength();
        if (declared > target.limitBytes()) {
            throw HttpProblem.tooLarge(target.limitBytes());
        }
        var call = new Call(exchange, identity, target.parameters(), target.limitBytes());
        if (!identity.user().isEmpty() || reads(exchange.method())) {
            run(target, call);
            return;
        }
        if (!strangers.tryAcquire()) {
            throw new HttpProblem(503, "TOO_MANY", "too many requests of callers without a user are running", 1);
        }
        try {
            run(target, call);
        } finally {
            strangers.release();
        }
    }

    private Identity identify(HttpExchange exchange, Optional<Identity> known, Options now) throws HttpProblem {
        Identity identity;
        try {
            identity = known.isPresent() ? known.get() : authenticator.identify(exchange, now);
        } catch (HttpProblem e) {
            rates.take("address", exchange.remoteAddress(), now.anonymousRequestsPerSecond());
            throw e;
        }
        if (identity.user().isEmpty()) {
            rates.take("address", exchange.remoteAddress(), now.anonymousRequestsPerSecond());
        } else {
            rates.take(identity.kind().name(), identity.user(), now.requestsPerSecond());
        }
        return identity;
    }

    private Target target(HttpExchange exchange, Options now) throws HttpProblem {
        String path = exchange.path();
        Whiteboard.Entry entry = whiteboard.get().find(path).orElse(null);
        boolean ours = path.startsWith("/v2/") || path.equals("/v2") || path.startsWith("/api/v1/");
        int prefix = path.startsWith("/api/") ? "/api/v1".length() : "/v2".length();
        if (entry != null && (!ours || entry.prefix().length() > prefix)) {
            HttpHandler handler = entry.handler();
            Role role = reads(exchange.method()) ? entry.read() : entry.write();
            return new Target(role, now.maxInferenceBytes(), Map.of(), handler::handle);
        }
        Router.Match match = router.find(exchange.method(), path);
        long limit =
                switch (match.route().body()) {
                    case JSON -> now.maxJsonBytes();
                    case INFERENCE -> now.maxInferenceBytes();
                    case UPLOAD -> now.maxUploadBytes();
                };
        return new Target(
                match.route().role(), limit, match.parameters(), match.route().action());
    }

    private static void run(Target target, Call call) throws IOException {
        try {
            target.action().run(call);
        } catch (HttpProblem e) {
            refuse(call, e);
        } catch (LimitedInput.Refused e) {
            refuse(call, e.problem());
        } catch (IOException e) {
            if (call.begun()) {
                throw e;
            }
            // a full disk, as a rule; a caller who is gone does not mind, and answering him throws again
            LOG.debug("{} {} failed", call.method(), call.path(), e);
            refuse(call, new HttpProblem(507, "STORAGE", "it could not be read or stored: " + e.getMessage()));
        } catch (RuntimeException e) {
            // the one place where a handler's fault ends: the caller gets an answer, the operator the stack trace
            LOG.error("{} {} failed", call.method(), call.path(), e);
            refuse(call, new HttpProblem(500, "INTERNAL_ERROR", "the gateway failed; its log says more"));
        }
    }

    private static void refuse(Call call, HttpProblem problem) throws IOException {
        if (call.begun()) {
            throw new IOException("the response had begun when it failed: " + problem.getMessage(), problem);
        }
        if (problem.retryAfterSeconds() > 0) {
            call.setHeader("Retry-After", Integer.toString(problem.retryAfterSeconds()));
        }
        if (problem.status() == 401) {
            call.setHeader("WWW-Authenticate", "Bearer realm=\"edgewright\"");
        }
        if (problem.status() == 413 || problem.status() == 408) {
            call.setHeader("Connection", "close"); // the rest of the body is not read
        }
        if (!problem.allowed().isEmpty()) {
            call.setHeader("Allow", problem.allowed());
        }
        call.reply(problem.status(), Json.error(String.valueOf(problem.getMessage()), problem.reason()));
    }

    private void home(HttpExchange exchange) throws IOException, HttpProblem {
        var call = new Call(exchange, Identity.anonymous(Role.NONE), Map.of(), 0);
        if (whiteboard.get().find("/console").isEmpty()) {
            throw HttpProblem.notFound("there is no console on this gateway; /api/v1/openapi.json lists what there is");
        }
        call.setHeader("Location", "/console/");
        call.replyNothing(302);
    }

    private static void checkPath(String path) throws HttpProblem {
        boolean odd = !path.startsWith("/") || path.contains("/../") || path.contains("/./");
        odd |= path.endsWith("/..") || path.endsWith("/.");
        for (int i = 0; i < path.length(); i++) {
            odd |= path.charAt(i) < ' ' || path.charAt(i) == '\\';
        }
        if (odd) {
            throw HttpProblem.bad("the path is malformed, expected parts separated by / without . and ..");
        }
    }

    private static void checkRole(Identity identity, Role needed) throws HttpProblem {
        if (identity.role().includes(needed)) {
            return;
        }
        if (identity.user().isEmpty()) {
            throw new HttpProblem(
                    401, "UNAUTHORIZED", "sign in: this takes the role " + needed.word() + " and nobody is known");
        }
        throw new HttpProblem(
                403,
                "FORBIDDEN",
                "'" + identity.user() + "' has the role " + identity.role().word() + ", this takes " + needed.word());
    }

    /** A page of another site must not make the visitor's browser write here. */
    private void checkOrigin(HttpExchange exchange, Identity identity, Options now) throws HttpProblem {
        if (!identity.ambient()) {
            return;
        }
        String origin = exchange.header("Origin").orElse("");
        if (!origin.isEmpty() && !now.allowedOrigins().contains(origin)) {
            String authority = origin.equals("null") ? "null" : authority(origin);
            if (!authority.equalsIgnoreCase(exchange.header("Host").orElse(""))) {
                throw new HttpProblem(
                        403, "CROSS_SITE", "the request comes from a page of " + origin + ", which may not write here");
            }
        }
        if (identity.kind() == Identity.Kind.SESSION) {
            String expected = authenticator
                    .session(exchange, now.sessionIdle())
                    .map(Sessions.Session::csrf)
                    .orElse("");
            String found = exchange.header("X-CSRF-Token").orElse("");
            if (expected.isEmpty() || !Secrets.same(expected, found)) {
                throw new HttpProblem(
                        403, "CSRF", "the header X-CSRF-Token is missing or wrong; GET /api/v1/session tells it");
            }
        }
    }

    private static String authority(String origin) throws HttpProblem {
        try {
            String authority = URI.create(origin).getAuthority();
            return authority == null ? "" : authority;
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad("the header Origin is no address: " + origin);
        }
    }

    private static void secure(HttpExchange exchange) {
        exchange.setHeader("X-Content-Type-Options", "nosniff");
        String path = exchange.path();
        boolean machines = path.equals("/v2") || path.startsWith("/v2/"); // nothing there is ever a page
        if (!machines) {
            exchange.setHeader("Content-Security-Policy", POLICY);
            exchange.setHeader("X-Frame-Options", "DENY");
            exchange.setHeader("Referrer-Policy", "no-referrer");
            exchange.setHeader("Cross-Origin-Resource-Policy", "same-origin");
        }
        if (machines || path.startsWith("/api/")) {
            exchange.setHeader("Cache-Control", "no-store");
        }
        if (exchange.secure()) {
            exchange.setHeader("Strict-Transport-Security", "max-age=31536000");
        }
    }

    private static boolean reads(String method) {
        return method.equals("GET") || method.equals("HEAD");
    }
}
