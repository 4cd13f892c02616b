// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/**
 * The checked settings of one server.
 *
 * @param name of the server on this gateway
 * @param endpoint where it is
 * @param headers sent with every request, in this order
 * @param http which HTTP is spoken
 * @param form how tensors are sent
 * @param path of a model below {@code v2/models/}, with placeholders
 * @param load whether the server is asked to load a model first
 * @param repeats whether a request is sent again that the server may have begun
 * @param connections most of them at once
 * @param connectMillis longest time to connect, with TLS
 * @param run longest time of one run, whatever its deadline
 * @param idleNanos a connection not used for so long is not used again
 * @param maxBytes longest request, and longest answer
 * @param check how the server is watched
 */
record RemoteSettings(
        String name,
        Endpoint endpoint,
        Map<String, String> headers,
        Http http,
        Form form,
        String path,
        boolean load,
        boolean repeats,
        int connections,
        int connectMillis,
        Duration run,
        long idleNanos,
        int maxBytes,
        Check check) {

    /** Which HTTP is spoken. */
    enum Http {
        /** HTTP/2 where a server with TLS offers it, or HTTP/1.1. */
        AUTO,
        /** HTTP/1.1 only. */
        ONE,
        /** HTTP/2 only. */
        TWO
    }

    /** How tensors are sent. */
    enum Form {
        /** As the server says it can. */
        AUTO,
        /** By the binary extension. */
        BINARY,
        /** As JSON. */
        JSON
    }

    /**
     * How the server is watched.
     *
     * @param path what is asked for, such as {@code /v2/health/ready}
     * @param every how often while the server is well
     * @param failures in a row until the device is gone
     * @param longest pause while it is gone
     */
    record Check(String path, Duration every, int failures, Duration longest) {}

    private static final Pattern NAME = Pattern.compile("[a-z0-9][a-z0-9._-]{0,60}");
    private static final Pattern PATH = Pattern.compile("(?:[A-Za-z0-9._~-]|\\{(?:name|version|major)})+"
            + "(?:/versions/(?:[A-Za-z0-9._~-]|\\{(?:name|version|major)})+)?");
    private static final Pattern TOKEN = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}");
    private static final List<String> OURS = List.of(
            "host",
            "connection",
            "content-length",
            "content-type",
            "transfer-encoding",
            "accept-encoding",
            "expect",
            "upgrade",
            "inference-header-content-length");

    static RemoteSettings of(RemoteDriver.Config config, String token) {
        String name = config.name().strip();
        if (!NAME.matcher(name).matches()) {
            throw new IllegalArgumentException(
                    "name is '" + name + "', expected 1 to 61 of a-z, 0-9, '.', '_', '-', such as cluster");
        }
        String path = config.model_path().strip();
        checkPath(path);
        return new RemoteSettings(
                name,
                Endpoint.parse(config.url()),
                headers(config.headers(), token),
                choice("http", config.http(), Map.of("auto", Http.AUTO, "1.1", Http.ONE, "2", Http.TWO)),
                choice("form", config.form(), Map.of("auto", Form.AUTO, "binary", Form.BINARY, "json", Form.JSON)),
                path,
                config.load(),
                choice("repeat", config.repeat(), Map.of("unsent", false, "always", true)),
                within("connections", config.connections(), 1, 1000),
                within("connect.millis", config.connect_millis(), 10, 60_000),
                Duration.ofMillis(within("run.millis", config.run_millis(), 10, 3_600_000)),
                TimeUnit.MILLISECONDS.toNanos(within("idle.millis", config.idle_millis(), 0, 600_000)),
                within("max.mib", config.max_mib(), 1, 1024) << 20,
                check(config));
    }

    /** {@return the driver's name} */
    String driver() {
        return "remote." + name;
    }

    /** {@return the device's id} */
    String device() {
        return "remote:" + name;
    }

    /** {@return when a run must be over} */
    long dueNanos(long remainingNanos) {
        return System.nanoTime() + Math.min(run.toNanos(), remainingNanos);
    }

    /** Checks the place of a model on a server, as in {@link #path}. */
    static void checkPath(String path) {
        if (!PATH.matcher(path).matches()) {
            throw new IllegalArgumentException("model.path is '" + path
                    + "', expected NAME or NAME/versions/VERSION, such as {name}/versions/{version}; in it {name},"
                    + " {version} and {major} stand for what the model has here");
        }
    }

    private static Check check(RemoteDriver.Config config) {
        String path = choice("check", config.check(), Map.of("ready", "/v2/health/ready", "live", "/v2/health/live"));
        return new Check(
                path,
                Duration.ofMillis(within("check.millis", config.check_millis(), 100, 3_600_000)),
                within("check.failures", config.check_failures(), 1, 100),
                Duration.ofMillis(within("check.max.millis", config.check_max_millis(), 100, 3_600_000)));
    }

    private static Map<String, String> headers(String[] extra, String token) {
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("User-Agent", "edgewright");
        headers.put("Accept", "application/json, application/octet-stream");
        headers.put("Accept-Encoding", "identity");
        for (String line : extra) {
            if (!line.isBlank()) {
                addHeader(headers, line);
            }
        }
        if (!token.isBlank()) {
            if (token.chars().anyMatch(c -> c < '!' || c > '~')) {
                throw new IllegalArgumentException("token holds a blank or a character that is not ASCII");
            }
            headers.put("Authorization", "Bearer " + token);
        }
        return java.util.Collections.unmodifiableMap(headers);
    }

    private static void addHeader(Map<String, String> headers, String line) {
        int colon = line.indexOf(':');
        String name = colon < 0 ? "" : line.substring(0, colon).strip();
        String value = line.substring(colon + 1).strip();
        boolean printable = value.chars().allMatch(c -> c >= ' ' && c <= '~');
        if (!TOKEN.matcher(name).matches() || !printable) {
            // the value may be a secret: it is not shown
            throw new IllegalArgumentException("a header named '" + name.replaceAll("[^ -~]", "?")
                    + "' is malformed, expected 'Name: value' in ASCII");
        }
        if (OURS.contains(name.toLowerCase(Locale.ROOT))) {
            throw new IllegalArgumentException("the header " + name + " is set by the driver itself; leave it out");
        }
        headers.put(name, value);
    }

    private static int within(String setting, int value, int least, int most) {
        if (value < least || value > most) {
            throw new IllegalArgumentException(setting + " is " + value + ", expected " + least + " to " + most);
        }
        return value;
    }

    private static <T> T choice(String setting, String value, Map<String, T> choices) {
        T chosen = choices.get(value.strip().toLowerCase(Locale.ROOT));
        if (chosen == null) {
            throw new IllegalArgumentException(setting + " is '" + value + "', expected one of "
                    + choices.keySet().stream().sorted().toList());
        }
        return chosen;
    }
}
