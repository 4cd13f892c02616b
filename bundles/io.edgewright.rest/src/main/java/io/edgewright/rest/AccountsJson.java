// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.rest.Accounts.Content;
import io.edgewright.rest.Accounts.Token;
import io.edgewright.rest.Accounts.User;
import java.io.IOException;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** The form of {@code users.json}. */
final class AccountsJson {

    private static final String ALGORITHM = "PBKDF2WithHmacSHA256";

    private AccountsJson() {}

    static String write(Content content) {
        var root = new JsonObject();
        root.add("users", Json.array(content.users(), AccountsJson::user));
        root.add("tokens", Json.array(content.tokens(), AccountsJson::token));
        return Json.text(root) + "\n";
    }

    /** @throws IOException if the text is not what {@link #write} made: an operator must look at the file */
    static Content read(String text, Path file) throws IOException {
        try {
            JsonObject root = JsonParser.parseString(text).getAsJsonObject();
            List<User> users = new ArrayList<>();
            for (JsonElement element : root.getAsJsonArray("users")) {
                users.add(user(element.getAsJsonObject()));
            }
            List<Token> tokens = new ArrayList<>();
            for (JsonElement element : root.getAsJsonArray("tokens")) {
                tokens.add(token(element.getAsJsonObject()));
            }
            if (users.stream().noneMatch(u -> u.role() == Role.ADMIN)) {
                throw new IllegalArgumentException("no user is an admin");
            }
            return new Content(users, tokens);
        } catch (JsonParseException
                | IllegalStateException
                | IllegalArgumentException
                | ClassCastException
                | NullPointerException
                | DateTimeException e) {
            throw new IOException("the accounts in " + file + " are broken: " + e.getMessage(), e);
        }
    }

    private static JsonElement user(User user) {
        var json = new JsonObject();
        json.addProperty("name", user.name());
        json.addProperty("role", user.role().word());
        json.addProperty("algorithm", ALGORITHM);
        json.addProperty("iterations", user.iterations());
        json.addProperty("salt", user.salt());
        json.addProperty("hash", user.hash());
        json.addProperty("created", user.created().toString());
        return json;
    }

    private static User user(JsonObject json) {
        String algorithm = text(json, "algorithm");
        if (!algorithm.equals(ALGORITHM)) {
            throw new IllegalArgumentException("algorithm is " + algorithm + ", expected " + ALGORITHM);
        }
        int iterations = json.get("iterations").getAsInt();
        if (iterations < 210_000 || iterations > 10_000_000) {
            throw new IllegalArgumentException("iterations is " + iterations + ", expected 210000 to 10000000");
        }
        String salt = text(json, "salt");
        String hash = text(json, "hash");
        if (Base64.getDecoder().decode(salt).length < 16 || Base64.getDecoder().decode(hash).length != 32) {
            throw new IllegalArgumentException("salt or hash is too short");
        }
        return new User(
                text(json, "name"),
                Role.parse(text(json, "role")),
                iterations,
                salt,
                hash,
                Instant.parse(text(json, "created")));
    }

    private static JsonElement token(Token token) {
        var json = new JsonObject();
        json.addProperty("id", token.id());
        json.addProperty("name", token.name());
        json.addProperty("role", token.role().word());
        json.addProperty("sha256", token.sha256());
        json.addProperty("created", token.created().toString());
        token.expires().ifPresent(time -> json.addProperty("expires", time.toString()));
        return json;
    }

    private static Token token(JsonObject json) {
        Optional<Instant> expires =
                json.has("expires") ? Optional.of(Instant.parse(text(json, "expires"))) : Optional.empty();
        return new Token(
                text(json, "id"),
                text(json, "name"),
                Role.parse(text(json, "role")),
                text(json, "sha256"),
                Instant.parse(text(json, "created")),
                expires);
    }

    private static String text(JsonObject json, String member) {
        JsonElement value = json.get(member);
        if (value == null) {
            throw new IllegalArgumentException("'" + member + "' is missing in " + json.keySet());
        }
        return value.getAsString();
    }
}
