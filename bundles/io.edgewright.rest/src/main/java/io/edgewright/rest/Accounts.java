// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.health.HealthCheck;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Users and machine tokens, kept in {@code users.json}. Passwords are stored hashed, tokens by their digest. Thread-safe. */
final class Accounts implements HealthCheck {

    /** Of PBKDF2-HMAC-SHA256 for new passwords; OWASP's advice of 2023 is 600,000, of 2021 310,000. */
    static final int ITERATIONS = 310_000;

    private static final Logger LOG = LoggerFactory.getLogger(Accounts.class);
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_-][A-Za-z0-9._@-]{0,63}");
    private static final int MOST = 1000;

    /** A person. */
    record User(String name, Role role, int iterations, String salt, String hash, Instant created) {

        boolean accepts(String password) {
            byte[] found = Secrets.pbkdf2(password, Base64.getDecoder().decode(salt), iterations);
            return Secrets.same(hash, Base64.getEncoder().encodeToString(found));
        }
    }

    /** A machine. */
    record Token(String id, String name, Role role, String sha256, Instant created, Optional<Instant> expires) {

        boolean expired(Instant now) {
            return expires.isPresent() && !now.isBefore(expires.get());
        }
    }

    /** What the file holds. */
    record Content(List<User> users, List<Token> tokens) {
        Content {
            users = List.copyOf(users);
            tokens = List.copyOf(tokens);
        }
    }

    /** A token just made: the secret is shown this once. */
    record NewToken(Token token, String secret) {}

    private final Path file;
    private final Path firstPassword;
    private final Secrets secrets;
    private final CompletableFuture<Void> first;
    private final String damage; // why the file is left alone; empty if it is whole
    private volatile Content content = new Content(List.of(), List.of());

    /**
     * Reads the accounts, or makes the first one: on a thread of its own, as hashing its password takes a while. What is about
     * users waits for it; the first password can be read when this returns. No account is ever made in place of a file that
     * cannot be read: then nobody is known but who uses the gateway's own token.
     *
     * @throws IOException if the first password cannot be written
     */
    Accounts(Path home, Secrets secrets) throws IOException {
        this.file = home.resolve("users.json");
        this.firstPassword = home.resolve("run").resolve("first-password");
        this.secrets = secrets;
        if (Files.exists(file)) {
            this.damage = read();
            this.first = CompletableFuture.completedFuture(null);
        } else {
            this.damage = "";
            String password = secrets.password();
            PrivateFiles.write(firstPassword, (password + "\n").getBytes(StandardCharsets.UTF_8));
            this.first = CompletableFuture.runAsync(
                    () -> createFirst(password), task -> new Thread(task, "edgewright-first-user").start());
        }
    }

    /** {@return what is wrong with the file; empty if nothing is} */
    private String read() {
        try {
            content = AccountsJson.read(Files.readString(file), file);
            return "";
        } catch (IOException e) {
            LOG.error("Nobody can sign in, as {} is left as it is: {}", file, e.toString());
            return "%s is left as it is: %s".formatted(file, e);
        }
    }

    /** @throws HttpProblem 503 if the file could not be read */
    void checkUsable() throws HttpProblem {
        if (!damage.isEmpty()) {
            throw new HttpProblem(
                    503,
                    "ACCOUNTS_DAMAGED",
                    "the accounts cannot be read; 'edgewright status' on the gateway says more");
        }
    }

    @Override
    public String name() {
        return "accounts";
    }

    @Override
    public List<Finding> check() {
        return damage.isEmpty()
                ? List.of()
                : List.of(new Finding(
                        Severity.CRITICAL,
                        "accounts",
                        damage + "; nobody can sign in",
                        "restore the file, or delete it to begin again with a new admin password, and restart"));
    }

    /** Returns when no thread of this writes any more. */
    void awaitFirst() {
        first.join();
    }

    List<User> users() {
        return content().users();
    }

    List<Token> tokens() {
        return content().tokens();
    }

    Optional<User> findUser(String name) {
        return content().users().stream().filter(u -> u.name().equals(name)).findFirst();
    }

    /** {@return the valid token with that secret}, found by its digest: its comparison tells nothing of the secret */
    Optional<Token> findToken(String secret) {
        String sha256 = Secrets.sha256(secret);
        Instant now = Instant.now();
        return content.tokens().stream() // not for the first user: before it there are none
                .filter(t -> t.sha256().equals(sha256) && !t.expired(now))
                .findFirst();
    }

    synchronized User addUser(String name, String password, Role role) throws IOException, HttpProblem {
        if (!NAME.matcher(name).matches()) {
            throw HttpProblem.bad(
                    "user name '" + name + "' is malformed, expected 1 to 64 of letters, digits, '.', '_', '@', '-'");
        }
        if (findUser(name).isPresent()) {
            throw new HttpProblem(409, "ALREADY_EXISTS", "there is a user '" + name + "' already");
        }
        if (content().users().size() >= MOST) {
            throw new HttpProblem(409, "TOO_MANY", "there are " + MOST + " users already");
        }
        User user = withPassword(name, role, password, Instant.now());
        List<User> users = new ArrayList<>(content().users());
        users.add(user);
        save(new Content(users, content().tokens()));
        LOG.info("user '{}' was added with role {}", name, role.word());
        return user;
    }

    /** Sets a new password, a new role, or both. */
    synchronized void change(String name, Optional<String> password, Optional<Role> role)
            throws IOException, HttpProblem {
        User old = existing(name);
        if (role.isPresent() && role.get() != Role.ADMIN) {
            checkNotLastAdmin(old);
        }
        User changed = new User(name, role.orElse(old.role()), old.iterations(), old.salt(), old.hash(), old.created());
        if (password.isPresent()) {
            changed = withPassword(name, changed.role(), password.get(), old.created());
        }
        User user = changed;
        replaceUsers(u -> u.name().equals(name) ? user : u);
        if (password.isPresent() && name.equals("admin")) {
            DurableFiles.delete(firstPassword);
        }
        LOG.info(
                "user '{}' was changed: role {}{}", name, user.role().word(), password.isPresent() ? ", password" : "");
    }

    synchronized void removeUser(String name) throws IOException, HttpProblem {
        checkNotLastAdmin(existing(name));
        List<User> users =
                content().users().stream().filter(u -> !u.name().equals(name)).toList();
        save(new Content(users, content().tokens()));
        LOG.info("user '{}' was removed", name);
    }

    synchronized NewToken addToken(String name, Role role, Optional<Duration> life) throws IOException, HttpProblem {
        if (!NAME.matcher(name).matches()) {
            throw HttpProblem.bad(
                    "token name '" + name + "' is malformed, expected 1 to 64 of letters, digits, '.', '_', '@', '-'");
        }
        Instant now = Instant.now();
        List<Token> tokens = new ArrayList<>(content().tokens());
        tokens.removeIf(t -> t.expired(now)); // else those of machines that renew theirs would fill the file
        if (tokens.size() >= MOST) {
            throw new HttpProblem(409, "TOO_MANY", "there are " + MOST + " tokens already");
        }
        String secret = "ew_" + secrets.token();
        var token =
                new Token(UUID.randomUUID().toString(), name, role, Secrets.sha256(secret), now, life.map(now::plus));
        tokens.add(token);
        save(new Content(content().users(), tokens));
        LOG.info("token '{}' was made with role {}", name, role.word());
        return new NewToken(token, secret);
    }

    synchronized void removeToken(String id) throws IOException, HttpProblem {
        List<Token> tokens =
                content().tokens().stream().filter(t -> !t.id().equals(id)).toList();
        if (tokens.size() == content().tokens().size()) {
            throw HttpProblem.notFound("there is no token with the id '" + id + "'");
        }
        save(new Content(content().users(), tokens));
        LOG.info("token {} was removed", id);
    }

    private void createFirst(String password) {
        Content made;
        try {
            made = new Content(List.of(withPassword("admin", Role.ADMIN, password, Instant.now())), List.of());
        } catch (HttpProblem e) {
            throw new IllegalStateException("a generated password was refused: " + e.getMessage(), e);
        }
        try {
            write(made);
        } catch (IOException e) {
            LOG.error("{} could not be written: the first user is known until the next start only", file, e);
            content = made;
        }
        LOG.info(
                "first start: sign in as 'admin' with the password {} and change it (also in {})",
                password,
                firstPassword);
    }

    private Content content() {
        first.join();
        return content;
    }

    private User withPassword(String name, Role role, String password, Instant created) throws HttpProblem {
        if (password.length() < 10 || password.length() > 200) {
            throw HttpProblem.bad("the password has " + password.length() + " characters, expected 10 to 200");
        }
        byte[] salt = secrets.bytes(16);
        byte[] hash = Secrets.pbkdf2(password, salt, ITERATIONS);
        Base64.Encoder base64 = Base64.getEncoder();
        return new User(name, role, ITERATIONS, base64.encodeToString(salt), base64.encodeToString(hash), created);
    }

    private User existing(String name) throws HttpProblem {
        checkUsable();
        return findUser(name).orElseThrow(() -> HttpProblem.notFound("there is no user '" + name + "'"));
    }

    private void checkNotLastAdmin(User user) throws HttpProblem {
        long admins =
                content().users().stream().filter(u -> u.role() == Role.ADMIN).count();
        if (user.role() == Role.ADMIN && admins == 1) {
            throw new HttpProblem(409, "LAST_ADMIN", "'" + user.name() + "' is the last admin; make another one first");
        }
    }

    private void replaceUsers(UnaryOperator<User> change) throws IOException, HttpProblem {
        save(new Content(
                content().users().stream().map(change).toList(), content().tokens()));
    }

    private void save(Content changed) throws IOException, HttpProblem {
        checkUsable();
        write(changed);
    }

    private void write(Content changed) throws IOException {
        PrivateFiles.write(file, AccountsJson.write(changed).getBytes(StandardCharsets.UTF_8));
        content = changed;
    }
}
