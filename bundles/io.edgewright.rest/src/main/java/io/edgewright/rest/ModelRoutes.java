// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.model.ModelException;
import io.edgewright.api.model.ModelForm;
import io.edgewright.api.model.ModelId;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import io.edgewright.api.model.WritableModelStore;
import io.edgewright.rest.Router.Body;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Models in the management API. Thread-safe. */
final class ModelRoutes {

    private record Stored(ModelStore store, ModelManifest manifest) {}

    private final Backend backend;

    ModelRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        String one = "/api/v1/models/{name}/{version}";
        router.add("GET", "/api/v1/models", Role.VIEWER, this::list)
                .add("POST", "/api/v1/models", Role.OPERATOR, Body.UPLOAD, this::upload)
                .add("GET", one, Role.VIEWER, this::get)
                .add("DELETE", one, Role.OPERATOR, this::delete);
    }

    private void list(Call call) throws IOException {
        call.reply(200, Json.object("models", Json.array(stored(), ModelRoutes::json)));
    }

    private void get(Call call) throws IOException, HttpProblem {
        ModelId id = id(call);
        call.reply(200, json(find(id).orElseThrow(() -> unknown(id))));
    }

    private void upload(Call call) throws IOException, HttpProblem {
        WritableModelStore store = backend.writableStore();
        String file = call.query("file").orElse("");
        if (file.isBlank()) {
            throw HttpProblem.bad("the parameter file is missing, expected the file's name such as ?file=shelf.onnx");
        }
        Optional<String> name = call.query("name").filter(n -> !n.isBlank());
        Optional<String> version = call.query("version").filter(v -> !v.isBlank());
        Optional<String> sha256 = call.query("sha256").filter(d -> !d.isBlank());
        checkNames(name, version, sha256);
        var options = new WritableModelStore.AddOptions(name, version, properties(call), sha256);
        try {
            ModelManifest manifest = store.add(call.body(), file, options);
            call.reply(201, json(new Stored(store, manifest)));
        } catch (ModelException e) {
            throw refused(e).orElseGet(() -> InferenceProblems.of(e));
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
    }

    private void delete(Call call) throws IOException, HttpProblem {
        ModelId id = id(call);
        Stored stored = find(id).orElseThrow(() -> unknown(id));
        if (!(stored.store() instanceof WritableModelStore store)) {
            throw new HttpProblem(
                    409,
                    "READ_ONLY",
                    "model " + id + " is in the store " + stored.store().name() + ", which is read-only");
        }
        List<String> users = servedBy(id);
        if (!users.isEmpty()) {
            throw new HttpProblem(
                    409,
                    "IN_USE",
                    "model " + id + " serves " + String.join(", ", users)
                            + "; deploy another version or delete the deployment first");
        }
        try {
            store.remove(id);
        } catch (ModelException e) {
            throw InferenceProblems.of(e);
        }
        call.replyNothing(204);
    }

    private List<String> servedBy(ModelId id) {
        return backend.findDeployments().stream()
                .flatMap(d -> d.list().stream())
                .filter(d -> d.served().stream().anyMatch(v -> v.manifest().id().equals(id)))
                .map(DeploymentStatus::name)
                .toList();
    }

    private List<Stored> stored() {
        List<Stored> stored = new ArrayList<>();
        for (ModelStore store : backend.stores()) {
            store.models().forEach(manifest -> stored.add(new Stored(store, manifest)));
        }
        return stored;
    }

    private Optional<Stored> find(ModelId id) {
        return stored().stream().filter(s -> s.manifest().id().equals(id)).findFirst();
    }

    private static ModelId id(Call call) throws HttpProblem {
        try {
            return ModelId.of(call.parameter("name"), call.parameter("version"));
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
    }

    /** Refuses what cannot be a model's name, version or digest. */
    static void checkNames(Optional<String> name, Optional<String> version, Optional<String> sha256)
            throws HttpProblem {
        try {
            ModelId.of(name.orElse("unnamed"), version.orElse("1"));
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
        if (sha256.isPresent() && !sha256.get().matches("[0-9a-f]{64}")) {
            throw HttpProblem.bad("sha256 is '" + sha256.get() + "', expected 64 lower-case hexadecimal digits");
        }
    }

    private static Map<String, String> properties(Call call) throws HttpProblem {
        Optional<String> text = call.query("properties").filter(p -> !p.isBlank());
        if (text.isEmpty()) {
            return Map.of();
        }
        String expected =
                "properties is '" + text.get() + "', expected a JSON object such as {\"image.color\":\"BGR\"}";
        Map<String, String> properties = new TreeMap<>();
        try {
            JsonObject json = JsonParser.parseString(text.get()).getAsJsonObject();
            for (String key : json.keySet()) {
                properties.put(key, json.get(key).getAsJsonPrimitive().getAsString());
            }
        } catch (JsonParseException | IllegalStateException | ClassCastException e) {
            throw HttpProblem.bad(expected);
        }
        return properties;
    }

    /** {@return why the rest of the body was not read, if that is why the store failed} */
    private static Optional<HttpProblem> refused(Throwable e) {
        Throwable cause = e;
        for (int depth = 0; cause != null && depth < 10; depth++) {
            if (cause instanceof LimitedInput.Refused refused) {
                return Optional.of(refused.problem());
            }
            cause = cause.getCause();
        }
        return Optional.empty();
    }

    private static JsonElement json(Stored stored) {
        ModelManifest manifest = stored.manifest();
        var json = new JsonObject();
        json.addProperty("store", stored.store().name());
        json.addProperty("name", manifest.id().name());
        json.addProperty("version", manifest.id().version().toString());
        json.add("formats", Json.strings(manifest.formats()));
        addForm(
                json,
                new ModelForm(
                        manifest.format(),
                        manifest.file(),
                        manifest.digest(),
                        manifest.sizeBytes(),
                        manifest.inputs(),
                        manifest.outputs()));
        json.add("forms", Json.array(manifest.alternatives(), form -> {
            var one = new JsonObject();
            addForm(one, form);
            return one;
        }));
        json.add("properties", Json.of(manifest.properties()));
        return json;
    }

    private static void addForm(JsonObject json, ModelForm form) {
        json.addProperty("format", form.format());
        json.addProperty("file", form.file());
        json.addProperty("digest", form.digest());
        json.addProperty("sizeBytes", form.sizeBytes());
        json.add("inputs", Json.specs(form.inputs()));
        json.add("outputs", Json.specs(form.outputs()));
    }

    private static HttpProblem unknown(ModelId id) {
        return HttpProblem.notFound("no store has the model " + id);
    }
}
