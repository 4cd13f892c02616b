// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.http.HttpExchange;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;

/** Finds out who calls: session cookie, machine token, user and password, or the local command line. Thread-safe. */
final class Authenticator {

    static final String COOKIE = "edgewright_session";

    private static final long CACHE_NANOS = Duration.ofMinutes(5).toNanos();
    private static final int CACHED = 256;

    private record Verified(String hash, long nanos) {}

    private final Accounts accounts;
    private final Sessions sessions;
    private final String localToken;
    private final String pepper;
    private final Lockout perUser = new Lockout(5);
    private final Lockout perAddress = new Lockout(20);
    private final Semaphore hashing = new Semaphore(2); // a flood of logins must not take every core
    private final Accounts.User nobody;

    // a verified password costs 0.1 s; its digest is remembered for a while, with the hash it was verified against
    private final Map<String, Verified> verified = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, Verified> eldest) {
            return size() > CACHED;
        }
    };

    Authenticator(Accounts accounts, Sessions sessions, Secrets secrets, Path home) throws IOException {
        this.accounts = accounts;
        this.sessions = sessions;
        this.localToken = "local_" + secrets.token();
        this.pepper = secrets.token();
        String unused = Base64.getEncoder().encodeToString(secrets.bytes(32));
        this.nobody = new Accounts.User("", Role.NONE, Accounts.ITERATIONS, unused, unused, java.time.Instant.EPOCH);
        PrivateFiles.write(
                home.resolve("run").resolve("local.token"), (localToken + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /**
     * {@return who calls}
     *
     * @throws HttpProblem 401 if a credential is wrong, 429 if too many were
     */
    Identity identify(HttpExchange exchange, Options options) throws HttpProblem {
        Optional<String> authorization = exchange.header("Authorization");
        if (authorization.isPresent()) {
            return fromHeader(authorization.get().strip(), exchange.remoteAddress());
        }
        Optional<Sessions.Session> session = session(exchange, options.sessionIdle());
        if (session.isPresent()) {
            Optional<Accounts.User> user = accounts.findUser(session.get().user());
            if (user.isPresent()) {
                return new Identity(
                        user.get().name(),
                        user.get().role(),
                        Identity.Kind.SESSION,
                        session.get().id());
            }
        }
        boolean trusted = options.anonymousRole() != Role.NONE && !mayBeRebound(exchange, options);
        return Identity.anonymous(trusted ? options.anonymousRole() : Role.NONE);
    }

    /**
     * {@return true if a browser of this machine may think that it is asking another site} A site whose name is made to point
     * to this machine (DNS rebinding) reads the answers as its own, and writes with an Origin that fits: only the name tells.
     */
    private static boolean mayBeRebound(HttpExchange exchange, Options options) {
        String host = exchange.header("Host").orElse("").toLowerCase(Locale.ROOT);
        String name = host.replaceFirst(":[0-9]*$", "");
        boolean address = name.isEmpty() || name.startsWith("[") || name.matches("[0-9.]+");
        boolean ours = address || name.equals("localhost") || name.endsWith(".localhost");
        ours |= options.allowedOrigins().stream().anyMatch(origin -> origin.endsWith("://" + host));
        return isLoopback(exchange.remoteAddress()) && !ours;
    }

    /** {@return the session that the request's cookie names} */
    Optional<Sessions.Session> session(HttpExchange exchange, Duration idle) {
        String cookies = exchange.header("Cookie").orElse("");
        for (String cookie : cookies.split(";")) {
            String[] parts = cookie.strip().split("=", 2);
            if (parts.length == 2 && parts[0].equals(COOKIE)) {
                return sessions.find(parts[1], idle);
            }
        }
        return Optional.empty();
    }

    /**
     * {@return the user with that password}
     *
     * @throws HttpProblem 401 if there is none; 429 if it was tried too often; 503 if the accounts cannot be read
     */
    Accounts.User verify(String name, String password, String address) throws HttpProblem {
        String caller = address + '|' + name;
        long now = System.nanoTime();
        checkMayTry(caller, address, now);
        accounts.checkUsable();
        Accounts.User user = accounts.findUser(name).orElse(nobody);
        String key = Secrets.sha256(pepper + '|' + name + '|' + password);
        if (remembered(key, user.hash(), now)) {
            return user;
        }
        hashing.acquireUninterruptibly();
        try {
            checkMayTry(caller, address, System.nanoTime()); // those who tried beside him may have failed meanwhile
            if (!user.accepts(password) || user == nobody) {
                perUser.failed(caller, System.nanoTime());
                perAddress.failed(address, System.nanoTime());
                throw unauthorized("user or password is wrong");
            }
        } finally {
            hashing.release();
        }
        perUser.succeeded(caller);
        synchronized (verified) {
            verified.put(key, new Verified(user.hash(), now));
        }
        return user;
    }

    private Identity fromHeader(String authorization, String address) throws HttpProblem {
        if (authorization.regionMatches(true, 0, "Bearer ", 0, 7)) {
            return fromToken(authorization.substring(7).strip(), address);
        }
        if (authorization.regionMatches(true, 0, "Basic ", 0, 6)) {
            String[] parts = basic(authorization.substring(6).strip());
            Accounts.User user = verify(parts[0], parts[1], address);
            return new Identity(user.name(), user.role(), Identity.Kind.BASIC, "");
        }
        throw unauthorized("the Authorization header is neither Bearer nor Basic");
    }

    private Identity fromToken(String secret, String address) throws HttpProblem {
        if (secret.startsWith("local_") && Secrets.same(localToken, secret) && isLoopback(address)) {
            return new Identity("local", Role.ADMIN, Identity.Kind.LOCAL, "");
        }
        Optional<Accounts.Token> token = accounts.findToken(secret);
        if (token.isPresent()) {
            return new Identity(token.get().name(), token.get().role(), Identity.Kind.TOKEN, "");
        }
        throw unauthorized("the token is unknown or has expired"); // 256 random bits need no lock-out
    }

    private boolean remembered(String key, String hash, long now) {
        synchronized (verified) {
            Verified entry = verified.get(key);
            return entry != null && entry.hash().equals(hash) && now - entry.nanos() < CACHE_NANOS;
        }
    }

    private void checkMayTry(String caller, String address, long now) throws HttpProblem {
        long wait = Math.max(perUser.waitSeconds(caller, now), perAddress.waitSeconds(address, now));
        if (wait > 0) {
            throw new HttpProblem(429, "LOCKED_OUT", "too many wrong passwords; wait " + wait + " seconds", (int) wait);
        }
    }

    private static String[] basic(String encoded) throws HttpProblem {
        try {
            String decoded = new String(Base64.getDecoder().decode(encoded), StandardCharsets.UTF_8);
            String[] parts = decoded.split(":", 2);
            if (parts.length == 2 && parts[0].length() <= 200 && parts[1].length() <= 200) {
                return parts;
            }
        } catch (IllegalArgumentException e) {
            throw unauthorized("the Basic credential is not base64: " + e.getMessage());
        }
        throw unauthorized("the Basic credential is not user:password");
    }

    private static HttpProblem unauthorized(String message) {
        return new HttpProblem(401, "UNAUTHORIZED", message);
    }

    private static boolean isLoopback(String address) {
        if (address.equals("127.0.0.1") || address.equals("::1")) {
            return true; // as nearly every local caller comes; parsing would be paid for each request
        }
        boolean literal = address.indexOf(':') >= 0 || address.matches("[0-9.]+");
        try {
            return literal && InetAddress.getByName(address).isLoopbackAddress(); // a literal is never looked up
        } catch (java.net.UnknownHostException e) {
            return false;
        }
    }
}
