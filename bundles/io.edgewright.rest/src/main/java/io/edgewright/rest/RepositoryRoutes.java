// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.model.ModelManifest;
import io.edgewright.api.model.ModelStore;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;

/** The model repository extension: loading a model creates a deployment of its name. Thread-safe. */
final class RepositoryRoutes {

    private static final Duration LOAD_TIME = Duration.ofSeconds(60);
    private static final Duration UNLOAD_TIME = Duration.ofSeconds(10);
    private static final List<String> LOAD_PARAMETERS =
            List.of("model", "version", "accelerators", "goal", "instances", "unload_dependents");

    private final Backend backend;

    RepositoryRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        router.add("POST", "/v2/repository/index", Role.VIEWER, this::index)
                .add("POST", "/v2/repository/models/{model}/load", Role.OPERATOR, this::load)
                .add("POST", "/v2/repository/models/{model}/unload", Role.OPERATOR, this::unload);
    }

    private void index(Call call) throws IOException, HttpProblem {
        JsonElement ready = call.json().get("ready");
        boolean readyOnly = ready != null && ready.isJsonPrimitive() && ready.getAsBoolean();
        var index = new JsonArray();
        Set<String> deployed = new LinkedHashSet<>();
        if (backend.findDeployments().isPresent()) {
            for (DeploymentStatus status : backend.deployments().list()) {
                deployed.add(status.name());
                if (!readyOnly || InferenceRoutes.ready(status)) {
                    deployed(status, index);
                }
            }
        }
        if (!readyOnly) {
            for (ModelStore store : backend.stores()) {
                for (ModelManifest manifest : store.models()) {
                    String name = manifest.id().name();
                    if (!deployed.contains(name)) {
                        index.add(entry(name, manifest.id().version().toString(), "UNAVAILABLE", "not loaded"));
                    }
                }
            }
        }
        call.reply(200, index);
    }

    private static void deployed(DeploymentStatus status, JsonArray index) {
        String state = InferenceRoutes.ready(status)
                ? "READY"
                : status.state() == DeploymentStatus.State.STARTING ? "LOADING" : "UNAVAILABLE";
        String reason = status.state() == DeploymentStatus.State.SERVING ? "" : status.message();
        if (status.served().isEmpty()) {
            index.add(entry(status.name(), "", state, reason));
        }
        status.served().stream()
                .map(served -> served.manifest().id().version().toString())
                .distinct() // spread over several devices it is one version still
                .forEach(version -> index.add(entry(status.name(), version, state, reason)));
    }

    private static JsonObject entry(String name, String version, String state, String reason) {
        var json = new JsonObject();
        json.addProperty("name", name);
        json.addProperty("version", version);
        json.addProperty("state", state);
        json.addProperty("reason", reason);
        return json;
    }

    private void load(Call call) throws IOException, HttpProblem {
        String name = call.parameter("model");
        Map<String, Object> values = new HashMap<>(parameters(call.json()));
        Settings settings = backend.settings();
        Optional<Settings.Entry> existing = settings.find(Deployments.FACTORY_PID, name);
        if (existing.isEmpty()) {
            DeploymentSettings.checkName(name);
            String model = String.valueOf(values.getOrDefault("model", name));
            values.put("model", model);
            values.put("name", name);
            boolean stored = backend.stores().stream()
                    .flatMap(s -> s.models().stream())
                    .anyMatch(m -> m.id().name().equals(model));
            if (!stored) {
                throw HttpProblem.notFound("no store has a model '" + model + "'");
            }
        }
        try {
            if (existing.isPresent()) {
                settings.update(existing.get().pid(), values);
            } else {
                settings.create(Deployments.FACTORY_PID, name, values);
            }
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
        Deployments deployments = backend.deployments();
        boolean over = await(
                LOAD_TIME, deployments, name, s -> s.isPresent() && s.get().state() != DeploymentStatus.State.STARTING);
        Optional<DeploymentStatus> status = deployments.find(name);
        if (!over || status.isEmpty() || !InferenceRoutes.ready(status.get())) {
            String why = status.map(DeploymentStatus::message).orElse("the runtime did not take it; see the log");
            throw new HttpProblem(400, "LOAD_FAILED", "model '" + name + "' was not loaded: " + why);
        }
        call.reply(200, new JsonObject());
    }

    private void unload(Call call) throws IOException, HttpProblem {
        String name = call.parameter("model");
        call.json();
        Settings settings = backend.settings();
        Settings.Entry entry = settings.find(Deployments.FACTORY_PID, name)
                .orElseThrow(() -> HttpProblem.notFound("there is no deployment '" + name + "'"));
        settings.delete(entry.pid());
        if (backend.findDeployments().isPresent()) {
            await(UNLOAD_TIME, backend.deployments(), name, Optional::isEmpty);
        }
        call.reply(200, new JsonObject());
    }

    private static Map<String, Object> parameters(JsonObject body) throws HttpProblem {
        Json.checkMembers(body, List.of("parameters"));
        JsonElement parameters = body.get("parameters");
        if (parameters == null) {
            return Map.of();
        }
        if (!parameters.isJsonObject()) {
            throw HttpProblem.bad("'parameters' is " + parameters + ", expected an object");
        }
        var given = parameters.getAsJsonObject();
        Json.checkMembers(given, LOAD_PARAMETERS);
        var settings = new JsonObject();
        for (String name : given.keySet()) {
            JsonElement value = given.get(name);
            boolean list = name.equals("accelerators") && value.isJsonPrimitive();
            if (!name.equals("unload_dependents")) {
                settings.add(
                        name, list ? Json.strings(List.of(value.getAsString().split("\\s*,\\s*"))) : value);
            }
        }
        return DeploymentSettings.parse(settings);
    }

    /** {@return true if the condition came to hold in time} */
    private static boolean await(
            Duration time, Deployments deployments, String name, Predicate<Optional<DeploymentStatus>> condition) {
        long end = System.nanoTime() + time.toNanos();
        while (!condition.test(deployments.find(name))) {
            if (System.nanoTime() - end > 0) {
                return false;
            }
            try {
                TimeUnit.MILLISECONDS.sleep(20);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return false;
            }
        }
        return true;
    }
}
