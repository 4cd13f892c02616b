// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.model.ModelVersion;
import io.edgewright.api.update.Update;
import io.edgewright.api.update.UpdateAgent;
import io.edgewright.api.update.UpdateProgress;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Updates in the management API: models that the gateway fetches itself. Thread-safe. */
final class UpdateRoutes {

    /** Members that are handed to the agent as they are. */
    private static final List<String> FACTS = List.of("file", "name", "version");

    private final Backend backend;

    UpdateRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        String one = "/api/v1/updates/{id}";
        router.add("GET", "/api/v1/updates", Role.VIEWER, this::list)
                .add("GET", one, Role.VIEWER, this::get)
                .add("PUT", one, Role.OPERATOR, this::put)
                .add("POST", one + "/cancel", Role.OPERATOR, this::cancel);
    }

    private void list(Call call) throws IOException, HttpProblem {
        var updates = new TreeMap<>(backend.updateAgent().updates());
        call.reply(
                200,
                Json.object(
                        "updates", Json.array(updates.entrySet(), u -> UpdateRoutes.json(u.getKey(), u.getValue()))));
    }

    private void get(Call call) throws IOException, HttpProblem {
        String id = call.parameter("id");
        call.reply(200, json(id, progress(id)));
    }

    private void put(Call call) throws IOException, HttpProblem {
        String id = call.parameter("id");
        if (!id.matches("[A-Za-z0-9._-]{1,100}")) {
            throw HttpProblem.bad("id '" + id + "' is malformed, expected 1 to 100 of letters, digits, '.', '_', '-'");
        }
        Update update = update(id, call.json());
        UpdateAgent agent = backend.updateAgent();
        try {
            checkFloors(update);
            agent.submit(update);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw new HttpProblem(409, "WRONG_STATE", String.valueOf(e.getMessage()));
        }
        call.reply(202, json(id, progress(id)));
    }

    /** Refuses a version that a deployment of this model must not serve, before anything is fetched. */
    private void checkFloors(Update update) throws IOException, HttpProblem {
        String model = update.properties().get("name");
        String version = update.properties().get("version");
        if (model == null || version == null || backend.findSettings().isEmpty()) {
            return;
        }
        for (Settings.Entry entry : backend.settings().list(Deployments.FACTORY_PID)) {
            Optional<ModelVersion> floor = DeploymentSettings.floorOf(entry.values());
            if (model.equals(entry.values().get("model"))
                    && floor.isPresent()
                    && ModelVersion.parse(version).compareTo(floor.get()) < 0) {
                throw new HttpProblem(
                        409,
                        "BELOW_FLOOR",
                        "%s:%s is below version.floor of deployment '%s', which is %s: nothing was fetched"
                                .formatted(model, version, entry.name(), floor.get()));
            }
        }
    }

    private void cancel(Call call) throws IOException, HttpProblem {
        String id = call.parameter("id");
        UpdateProgress before = progress(id);
        if (!backend.updateAgent().cancel(id)) {
            throw new HttpProblem(
                    409, "WRONG_STATE", "update '" + id + "' is " + before.state() + " and cannot be ended any more");
        }
        call.reply(200, json(id, progress(id)));
    }

    private UpdateProgress progress(String id) throws HttpProblem {
        UpdateProgress progress = backend.updateAgent().updates().get(id);
        if (progress == null) {
            throw HttpProblem.notFound("there is no update '" + id + "'");
        }
        return progress;
    }

    private static Update update(String id, JsonObject body) throws HttpProblem {
        Json.checkMembers(body, List.of("url", "sha256", "sizeBytes", "file", "name", "version"));
        Map<String, String> facts = new HashMap<>();
        for (String fact : FACTS) {
            Optional<String> value = Json.string(body, fact).filter(v -> !v.isBlank());
            value.ifPresent(v -> facts.put(fact, v));
        }
        ModelRoutes.checkNames(
                Optional.ofNullable(facts.get("name")),
                Optional.ofNullable(facts.get("version")),
                Optional.of(Json.required(body, "sha256")));
        return new Update(
                id, "model", uri(Json.required(body, "url")), Json.required(body, "sha256"), size(body), facts);
    }

    private static URI uri(String text) throws HttpProblem {
        try {
            return new URI(text);
        } catch (URISyntaxException e) {
            throw HttpProblem.bad("'url' is no address: " + e.getMessage());
        }
    }

    private static long size(JsonObject body) throws HttpProblem {
        JsonElement size = body.get("sizeBytes");
        if (size == null || size.isJsonNull()) {
            return Update.UNKNOWN_SIZE;
        }
        if (size instanceof JsonPrimitive primitive && primitive.getAsString().matches("[0-9]{1,15}")) {
            return primitive.getAsLong();
        }
        throw HttpProblem.bad("'sizeBytes' is " + size + ", expected a whole number of bytes");
    }

    private static JsonElement json(String id, UpdateProgress progress) {
        var json = new JsonObject();
        json.addProperty("id", id);
        json.addProperty("state", progress.state().name());
        json.addProperty("percent", progress.percent());
        json.addProperty("message", progress.message());
        json.addProperty("ended", progress.ended());
        return json;
    }
}
