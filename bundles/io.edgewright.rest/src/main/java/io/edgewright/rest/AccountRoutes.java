// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/** Signing in and out, users and machine tokens in the management API. Thread-safe. */
final class AccountRoutes {

    private final Accounts accounts;
    private final Sessions sessions;
    private final Authenticator authenticator;
    private final Supplier<Options> options;

    AccountRoutes(Accounts accounts, Sessions sessions, Authenticator authenticator, Supplier<Options> options) {
        this.accounts = accounts;
        this.sessions = sessions;
        this.authenticator = authenticator;
        this.options = options;
    }

    void addTo(Router router) {
        router.add("POST", "/api/v1/session", Role.NONE, this::signIn)
                .add("GET", "/api/v1/session", Role.NONE, this::session)
                .add("DELETE", "/api/v1/session", Role.NONE, this::signOut)
                .add("GET", "/api/v1/users", Role.ADMIN, this::users)
                .add("POST", "/api/v1/users", Role.ADMIN, this::addUser)
                .add("PUT", "/api/v1/users/{name}", Role.VIEWER, this::changeUser)
                .add("DELETE", "/api/v1/users/{name}", Role.ADMIN, this::removeUser)
                .add("GET", "/api/v1/tokens", Role.ADMIN, this::tokens)
                .add("POST", "/api/v1/tokens", Role.ADMIN, this::addToken)
                .add("DELETE", "/api/v1/tokens/{id}", Role.ADMIN, this::removeToken);
    }

    private void signIn(Call call) throws IOException, HttpProblem {
        JsonObject body = call.json();
        Json.checkMembers(body, List.of("user", "password"));
        Accounts.User user = authenticator.verify(
                Json.required(body, "user"), Json.required(body, "password"), call.remoteAddress());
        Sessions.Session session = sessions.open(user.name());
        call.setHeader("Set-Cookie", cookie(session.id(), call.secure()));
        call.reply(200, session(user.name(), user.role(), "session", session.csrf()));
    }

    private void session(Call call) throws IOException, HttpProblem {
        Identity identity = call.identity();
        if (identity.user().isEmpty() && identity.role() == Role.NONE) {
            throw new HttpProblem(401, "UNAUTHORIZED", "nobody is signed in");
        }
        String csrf = authenticator
                .session(call, options.get().sessionIdle())
                .map(Sessions.Session::csrf)
                .orElse("");
        String kind = identity.kind().name().toLowerCase(java.util.Locale.ROOT);
        call.reply(200, session(identity.user(), identity.role(), kind, csrf));
    }

    private void signOut(Call call) throws IOException {
        sessions.close(call.identity().session());
        call.setHeader("Set-Cookie", cookie("", call.secure()) + "; Max-Age=0");
        call.replyNothing(204);
    }

    private void users(Call call) throws IOException {
        call.reply(200, Json.object("users", Json.array(accounts.users(), AccountRoutes::json)));
    }

    private void addUser(Call call) throws IOException, HttpProblem {
        JsonObject body = call.json();
        Json.checkMembers(body, List.of("name", "password", "role"));
        Accounts.User user = accounts.addUser(
                Json.required(body, "name"), Json.required(body, "password"), role(Json.required(body, "role")));
        call.reply(201, json(user));
    }

    /** An admin changes anyone; others change their own password, and say the old one. */
    private void changeUser(Call call) throws IOException, HttpProblem {
        String name = call.parameter("name");
        JsonObject body = call.json();
        Json.checkMembers(body, List.of("password", "role", "currentPassword"));
        Optional<String> password = Json.string(body, "password");
        Optional<String> word = Json.string(body, "role");
        Optional<Role> role = word.isPresent() ? Optional.of(role(word.get())) : Optional.empty();
        Identity identity = call.identity();
        boolean admin = identity.role() == Role.ADMIN;
        boolean person = identity.kind() == Identity.Kind.SESSION || identity.kind() == Identity.Kind.BASIC;
        boolean self = person && identity.user().equals(name);
        if (!admin && (!self || role.isPresent())) {
            throw new HttpProblem(403, "FORBIDDEN", "you may change your own password; the rest takes an admin");
        }
        if (self && password.isPresent()) {
            authenticator.verify(name, Json.required(body, "currentPassword"), call.remoteAddress());
        }
        if (password.isEmpty() && role.isEmpty()) {
            throw HttpProblem.bad("nothing is to be changed, expected password or role");
        }
        accounts.change(name, password, role);
        if (password.isPresent()) {
            sessions.closeAll(name, self ? identity.session() : "");
        }
        call.reply(200, json(accounts.findUser(name).orElseThrow()));
    }

    private void removeUser(Call call) throws IOException, HttpProblem {
        String name = call.parameter("name");
        accounts.removeUser(name);
        sessions.closeAll(name, "");
        call.replyNothing(204);
    }

    private void tokens(Call call) throws IOException {
        call.reply(200, Json.object("tokens", Json.array(accounts.tokens(), AccountRoutes::json)));
    }

    private void addToken(Call call) throws IOException, HttpProblem {
        JsonObject body = call.json();
        Json.checkMembers(body, List.of("name", "role", "expiresDays"));
        Accounts.NewToken made = accounts.addToken(
                Json.required(body, "name"), role(Json.required(body, "role")), days(body.get("expiresDays")));
        JsonObject json = json(made.token());
        json.addProperty("token", made.secret());
        call.reply(201, json);
    }

    private void removeToken(Call call) throws IOException, HttpProblem {
        accounts.removeToken(call.parameter("id"));
        call.replyNothing(204);
    }

    private static Optional<Duration> days(@org.jspecify.annotations.Nullable JsonElement value) throws HttpProblem {
        if (value == null || value.isJsonNull()) {
            return Optional.empty();
        }
        if (value instanceof JsonPrimitive primitive && primitive.getAsString().matches("[1-9][0-9]{0,3}")) {
            return Optional.of(Duration.ofDays(primitive.getAsInt()));
        }
        throw HttpProblem.bad("'expiresDays' is " + value + ", expected 1 to 9999");
    }

    private static Role role(String word) throws HttpProblem {
        try {
            return Role.ofUser(word);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
    }

    private static String cookie(String value, boolean secure) {
        return Authenticator.COOKIE + "=" + value + "; Path=/; HttpOnly; SameSite=Strict" + (secure ? "; Secure" : "");
    }

    private static JsonObject session(String user, Role role, String kind, String csrf) {
        var json = new JsonObject();
        json.addProperty("user", user);
        json.addProperty("role", role.word());
        json.addProperty("kind", kind);
        json.addProperty("csrf", csrf);
        return json;
    }

    private static JsonObject json(Accounts.User user) {
        var json = new JsonObject();
        json.addProperty("name", user.name());
        json.addProperty("role", user.role().word());
        json.addProperty("created", user.created().toString());
        return json;
    }

    private static JsonObject json(Accounts.Token token) {
        var json = new JsonObject();
        json.addProperty("id", token.id());
        json.addProperty("name", token.name());
        json.addProperty("role", token.role().word());
        json.addProperty("created", token.created().toString());
        token.expires().ifPresent(time -> json.addProperty("expires", time.toString()));
        return json;
    }
}
