// SPDX-License-Identifier: Apache-2.0
package io.edgewright.runtime;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.config.DurableFiles;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelVersion;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a deployment must know after a restart.
 *
 * @param active what serves; null before the first
 * @param previous what served before it
 * @param factory what served first of all
 * @param rejected what was rolled back
 * @param fingerprint of the settings under which versions were rejected; empty if none was
 */
record DeploymentState(
        @Nullable Ref active,
        @Nullable Ref previous,
        @Nullable Ref factory,
        List<Ref> rejected,
        String fingerprint) {

    /** Before the first version. */
    static final DeploymentState NEW = new DeploymentState(null, null, null, List.of(), "");

    private static final Logger LOG = LoggerFactory.getLogger(DeploymentState.class);

    /** One version of a model, by content. */
    record Ref(String model, String version, String digest) {

        static Ref of(ModelManifest manifest) {
            return new Ref(manifest.id().name(), manifest.id().version().toString(), manifest.digest());
        }

        boolean is(ModelManifest manifest) {
            return model.equals(manifest.id().name())
                    && digest.equals(manifest.digest())
                    && version.equals(manifest.id().version().toString());
        }
    }

    DeploymentState {
        rejected = List.copyOf(rejected);
    }

    DeploymentState serving(ModelManifest manifest) {
        Ref now = Ref.of(manifest);
        Ref before = now.equals(active) ? previous : active;
        return new DeploymentState(now, before, factory == null ? now : factory, rejected, fingerprint);
    }

    DeploymentState rejecting(ModelManifest manifest, DeploymentSettings settings) {
        List<Ref> more = new ArrayList<>(rejected);
        Ref ref = Ref.of(manifest);
        if (!more.contains(ref)) {
            more.add(ref);
        }
        return new DeploymentState(active, previous, factory, more, settings.toString());
    }

    /** Settings that change give every version another chance. */
    DeploymentState underSettings(DeploymentSettings settings) {
        return rejected.isEmpty() || fingerprint.equals(settings.toString())
                ? this
                : new DeploymentState(active, previous, factory, List.of(), "");
    }

    DeploymentState withoutPrevious() {
        return new DeploymentState(active, null, factory, rejected, fingerprint);
    }

    boolean hasRejected(ModelManifest manifest) {
        return rejected.stream().anyMatch(ref -> ref.is(manifest));
    }

    /** {@return what to tell of the versions that were rejected} */
    String refusal() {
        return rejected.stream().map(Ref::version).toList()
                + " was rolled back and is not tried again until a newer version arrives or the settings change";
    }

    void write(Path file) throws IOException {
        var json = new JsonObject();
        put(json, "active", active);
        put(json, "previous", previous);
        put(json, "factory", factory);
        var list = new JsonArray();
        rejected.forEach(ref -> list.add(json(ref)));
        json.add("rejected", list);
        json.addProperty("settings", fingerprint);
        DurableFiles.write(file, (json + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** {@return what the file says; a new state if it is absent or broken, which costs a rollback but no service} */
    static DeploymentState read(Path file) throws IOException {
        if (!Files.exists(file)) {
            return NEW;
        }
        try {
            JsonObject json = JsonParser.parseString(Files.readString(file)).getAsJsonObject();
            List<Ref> rejected = new ArrayList<>();
            if (json.has("rejected")) {
                for (JsonElement element : json.getAsJsonArray("rejected")) {
                    rejected.add(ref(element.getAsJsonObject()));
                }
            }
            return new DeploymentState(
                    get(json, "active"),
                    get(json, "previous"),
                    get(json, "factory"),
                    rejected,
                    json.has("settings") ? json.get("settings").getAsString() : "");
        } catch (JsonParseException
                | IllegalArgumentException
                | IllegalStateException
                | ClassCastException
                | UnsupportedOperationException e) {
            LOG.warn(
                    "{} is no deployment state and is left out ({})",
                    file,
                    e.getClass().getSimpleName());
            LOG.debug("{}", file, e);
            return NEW;
        }
    }

    private static void put(JsonObject json, String key, @Nullable Ref ref) {
        if (ref != null) {
            json.add(key, json(ref));
        }
    }

    private static JsonObject json(Ref ref) {
        var json = new JsonObject();
        json.addProperty("model", ref.model());
        json.addProperty("version", ref.version());
        json.addProperty("digest", ref.digest());
        return json;
    }

    private static @Nullable Ref get(JsonObject json, String key) {
        return json.has(key) ? ref(json.getAsJsonObject(key)) : null;
    }

    private static Ref ref(JsonObject json) {
        String version = ModelVersion.parse(text(json, "version")).toString();
        return new Ref(text(json, "model"), version, text(json, "digest"));
    }

    private static String text(JsonObject json, String key) {
        JsonElement element = json.get(key);
        if (element == null) {
            throw new IllegalStateException("'" + key + "' is missing in " + json);
        }
        return element.getAsString();
    }
}
