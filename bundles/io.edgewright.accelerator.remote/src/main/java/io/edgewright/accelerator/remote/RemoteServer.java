// SPDX-License-Identifier: Apache-2.0
package io.edgewright.accelerator.remote;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.accelerator.remote.RemoteSettings.Http;
import io.edgewright.accelerator.remote.Trouble.Kind;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The questions that are asked of a server beside inference: is it ready, what is it, what does a model look like
 * (Open Inference Protocol, version 2, and its extension model_repository). Thread-safe.
 */
final class RemoteServer implements AutoCloseable {

    /**
     * What a server says about itself.
     *
     * @param name such as {@code triton}
     * @param version such as {@code 2.55.0}
     * @param extensions such as {@code binary_tensor_data}
     * @param protocol such as {@code HTTP/1.1}
     */
    record Facts(String name, String version, Set<String> extensions, String protocol) {}

    private static final int MAX_DESCRIPTION_BYTES = 1 << 20;
    private static final int MAX_WORD = 100;

    private final RemoteSettings settings;
    private final Transport control;
    private final Transport one;
    private final @Nullable Transport two;
    private volatile boolean speaksTwo;

    RemoteServer(RemoteSettings settings, @Nullable Tls tls) {
        this.settings = settings;
        this.one = new Http1(settings, tls);
        boolean offered = settings.http() == Http.AUTO && settings.endpoint().secure();
        this.speaksTwo = settings.http() == Http.TWO;
        this.two = speaksTwo || offered ? new Http2(settings, tls) : null;
        // of its own: a check must not wait until a run is done
        this.control = speaksTwo || offered ? new Http2(settings, tls) : new Http1(settings, tls);
    }

    /** {@return what carries inferences} */
    Transport data() {
        Transport second = two;
        return speaksTwo && second != null ? second : one;
    }

    /** {@return the path of something below the server's address} */
    String path(String below) {
        return settings.endpoint().basePath() + below;
    }

    /** {@return true if binary tensors are sent to this server} */
    boolean takesBinary(Facts facts) {
        boolean can = ByteOrder.nativeOrder() == ByteOrder.LITTLE_ENDIAN;
        return switch (settings.form()) {
            case AUTO -> can && facts.extensions().contains("binary_tensor_data");
            case BINARY -> can;
            case JSON -> false;
        };
    }

    /** Asks whether the server is well. */
    void check() throws Trouble {
        Answer answer = ask("GET", settings.check().path(), "");
        if (answer.status() != 200) {
            throw new Trouble(Kind.PROTOCOL, settings.check().path() + " says " + StatusText.of(answer));
        }
    }

    /** {@return what the server says about itself} */
    Facts facts() throws Trouble {
        JsonObject json = json(expect200("/v2", ask("GET", "/v2", "")), "/v2");
        Set<String> extensions = new TreeSet<>();
        if (json.get("extensions") instanceof JsonArray list) {
            for (JsonElement extension : list) {
                if (extension.isJsonPrimitive() && extensions.size() < MAX_WORD) {
                    extensions.add(word(extension));
                }
            }
        }
        speaksTwo = settings.http() == Http.TWO || (control instanceof Http2 asked && asked.isSpoken());
        return new Facts(word(json.get("name")), word(json.get("version")), extensions, data().protocol());
    }

    /** {@return the answer to a question about a model; of whatever status} */
    Answer ask(String method, String below, String body) throws Trouble {
        var request = new Request(method, path(below));
        if (method.equals("POST")) {
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            request.body("application/json", Request.NO_JSON_PART, List.of(ByteBuffer.wrap(bytes)));
        }
        var answer = new Answer(MAX_DESCRIPTION_BYTES);
        var cut = new Cut();
        cut.begin();
        control.exchange(request, answer, System.nanoTime() + limitNanos(method), cut);
        return answer;
    }

    /** Reads a description. */
    static JsonObject json(Answer answer, String path) throws Trouble {
        String text = new String(answer.body(), 0, answer.size(), StandardCharsets.UTF_8);
        try {
            if (answer.encoding().isEmpty() || answer.encoding().equals("identity")) {
                JsonElement element = JsonParser.parseString(text);
                if (element.isJsonObject()) {
                    return element.getAsJsonObject();
                }
            }
        } catch (JsonParseException e) {
            throw new Trouble(Kind.PROTOCOL, path + " answers no JSON: " + answer.excerpt(), e);
        }
        throw new Trouble(
                Kind.PROTOCOL,
                path + " answers " + (answer.encoding().isEmpty() ? "no JSON object: " : answer.encoding() + ": ")
                        + answer.excerpt());
    }

    @Override
    public void close() {
        control.close();
        one.close();
        if (two != null) {
            two.close();
        }
    }

    private long limitNanos(String method) {
        // to load a model takes longer than to describe it
        long most = method.equals("POST") ? settings.run().toNanos() : TimeUnit.SECONDS.toNanos(5);
        return Math.min(settings.run().toNanos(), most) + TimeUnit.MILLISECONDS.toNanos(settings.connectMillis());
    }

    private static Answer expect200(String path, Answer answer) throws Trouble {
        if (answer.status() != 200) {
            throw new Trouble(Kind.PROTOCOL, path + " says " + StatusText.of(answer));
        }
        return answer;
    }

    private static String word(@Nullable JsonElement element) {
        if (element == null || !element.isJsonPrimitive()) {
            return "";
        }
        String text = element.getAsString().replaceAll("[^ -~]", "?");
        return text.length() > MAX_WORD ? text.substring(0, MAX_WORD) : text;
    }
}
