// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.config.Settings;
import io.edgewright.api.inference.DeploymentEvent;
import io.edgewright.api.inference.DeploymentStatus;
import io.edgewright.api.inference.Deployments;
import io.edgewright.api.inference.InferenceStatistics;
import io.edgewright.api.inference.ServedVersion;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;

/** Deployments in the management API. Thread-safe. */
final class DeploymentRoutes {

    private final Backend backend;

    DeploymentRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        String one = "/api/v1/deployments/{name}";
        router.add("GET", "/api/v1/deployments", Role.VIEWER, this::list)
                .add("GET", one, Role.VIEWER, this::get)
                .add("PUT", one, Role.OPERATOR, this::put)
                .add("DELETE", one, Role.OPERATOR, this::delete)
                .add("POST", one + "/promote", Role.OPERATOR, call -> act(call, Deployments::promote))
                .add("POST", one + "/rollback", Role.OPERATOR, call -> act(call, Deployments::rollback))
                .add("GET", one + "/history", Role.VIEWER, this::history);
    }

    private void list(Call call) throws IOException, HttpProblem {
        JsonArray list = Json.array(backend.deployments().list(), DeploymentRoutes::status);
        if (backend.findSettings().isPresent()) {
            for (Settings.Entry entry : backend.settings().list(Deployments.FACTORY_PID)) {
                if (backend.deployments().find(entry.name()).isEmpty()) {
                    list.add(unknownToRuntime(entry));
                }
            }
        }
        call.reply(200, Json.object("deployments", list));
    }

    private void get(Call call) throws IOException, HttpProblem {
        String name = call.parameter("name");
        Optional<DeploymentStatus> status = backend.deployments().find(name);
        Optional<Settings.Entry> entry = entry(name);
        if (status.isEmpty() && entry.isEmpty()) {
            throw unknown(name);
        }
        JsonObject json = status.isPresent() ? status(status.get()) : unknownToRuntime(entry.orElseThrow());
        entry.ifPresent(e -> json.add("settings", Json.of(e.values())));
        call.reply(200, json);
    }

    private void put(Call call) throws IOException, HttpProblem {
        String name = call.parameter("name");
        JsonObject body = call.json();
        Map<String, Object> values = DeploymentSettings.parse(body);
        if (!values.getOrDefault("name", name).equals(name)) {
            throw HttpProblem.bad("'name' is '" + values.get("name") + "', but the path says '" + name + "'");
        }
        Settings settings = backend.settings();
        Optional<Settings.Entry> existing = settings.find(Deployments.FACTORY_PID, name);
        Map<String, Object> all =
                new HashMap<>(existing.map(Settings.Entry::values).orElse(Map.of()));
        all.putAll(values);
        try {
            DeploymentSettings.checkFloor(all);
            if (existing.isPresent()) {
                settings.update(existing.get().pid(), values);
            } else {
                DeploymentSettings.checkName(name);
                if (!values.containsKey("model")) {
                    throw HttpProblem.bad(
                            "'model' is missing: deployment '" + name + "' is new, say which model it serves");
                }
                values.put("name", name);
                settings.create(Deployments.FACTORY_PID, name, values);
            }
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
        Settings.Entry stored = settings.find(Deployments.FACTORY_PID, name)
                .orElseThrow(() -> new HttpProblem(409, "CHANGED", "'" + name + "' was deleted meanwhile"));
        var json = new JsonObject();
        json.addProperty("name", name);
        json.add("settings", Json.of(stored.values()));
        call.reply(existing.isPresent() ? 200 : 201, json);
    }

    private void delete(Call call) throws IOException, HttpProblem {
        String name = call.parameter("name");
        Settings.Entry entry = entry(name).orElseThrow(() -> unknown(name));
        backend.settings().delete(entry.pid());
        call.replyNothing(204);
    }

    private void act(Call call, BiConsumer<Deployments, String> action) throws IOException, HttpProblem {
        String name = call.parameter("name");
        try {
            action.accept(backend.deployments(), name);
        } catch (IllegalArgumentException e) {
            throw HttpProblem.notFound(String.valueOf(e.getMessage()));
        } catch (IllegalStateException e) {
            throw new HttpProblem(409, "WRONG_STATE", String.valueOf(e.getMessage()));
        }
        JsonElement status = backend.deployments()
                .find(name)
                .<JsonElement>map(DeploymentRoutes::status)
                .orElseGet(JsonObject::new);
        call.reply(200, status);
    }

    private void history(Call call) throws IOException, HttpProblem {
        String limit = call.query("limit").orElse("100");
        if (!limit.matches("[1-9][0-9]{0,4}")) {
            throw HttpProblem.bad("limit is '" + limit + "', expected 1 to 99999");
        }
        List<DeploymentEvent> events = backend.deployments().history(call.parameter("name"), Integer.parseInt(limit));
        call.reply(200, Json.object("events", Json.array(events, DeploymentRoutes::event)));
    }

    private Optional<Settings.Entry> entry(String name) throws IOException, HttpProblem {
        return backend.findSettings().isPresent()
                ? backend.settings().find(Deployments.FACTORY_PID, name)
                : Optional.empty();
    }

    private static JsonElement event(DeploymentEvent event) {
        var json = new JsonObject();
        json.addProperty("time", event.time().toString());
        json.addProperty("deployment", event.deployment());
        json.addProperty("kind", event.kind().name());
        json.addProperty("message", event.message());
        json.add("details", Json.of(event.details()));
        return json;
    }

    private static JsonObject unknownToRuntime(Settings.Entry entry) {
        var json = new JsonObject();
        json.addProperty("name", entry.name());
        json.addProperty("model", String.valueOf(entry.values().getOrDefault("model", "")));
        json.addProperty("versionRule", String.valueOf(entry.values().getOrDefault("version", "latest")));
        json.addProperty("state", DeploymentStatus.State.STARTING.name());
        json.addProperty("message", "it is configured and about to start; if it stays so, the log says why");
        json.add("served", new JsonArray());
        return json;
    }

    private static JsonObject status(DeploymentStatus status) {
        var json = new JsonObject();
        json.addProperty("name", status.name());
        json.addProperty("model", status.model());
        json.addProperty("versionRule", status.versionRule());
        json.addProperty("state", status.state().name());
        json.addProperty("message", status.message());
        json.addProperty("since", status.since().toString());
        json.add(
                "previousVersion",
                status.previousVersion()
                        .<JsonElement>map(JsonPrimitive::new)
                        .orElse(com.google.gson.JsonNull.INSTANCE));
        json.addProperty("swaps", status.swaps());
        json.add("served", Json.array(status.served(), DeploymentRoutes::served));
        return json;
    }

    private static JsonElement served(ServedVersion served) {
        var json = new JsonObject();
        json.addProperty("version", served.manifest().id().version().toString());
        json.addProperty("model", served.manifest().id().name());
        json.addProperty("format", served.manifest().format());
        json.addProperty("accelerator", served.accelerator());
        json.addProperty("variant", served.variant());
        json.addProperty("role", served.role().name());
        json.addProperty("percent", served.percent());
        json.addProperty("since", served.since().toString());
        json.addProperty("memoryBytes", served.memoryBytes());
        json.add("facts", Json.of(served.facts()));
        json.addProperty("comparisons", served.comparisons());
        json.addProperty("disagreements", served.disagreements());
        json.add("statistics", statistics(served.statistics()));
        return json;
    }

    private static JsonElement statistics(InferenceStatistics s) {
        var json = new JsonObject();
        json.addProperty("successes", s.successes());
        json.addProperty("failed", s.failed());
        json.add("failures", Json.of(s.failures()));
        json.addProperty("inferences", s.inferences());
        json.addProperty("executions", s.executions());
        json.addProperty("pending", s.pending());
        json.addProperty("p50Millis", s.latency().quantileMillis(0.5));
        json.addProperty("p99Millis", s.latency().quantileMillis(0.99));
        long counted = s.latency().count();
        json.addProperty("meanMillis", counted == 0 ? 0 : s.latency().sumMillis() / counted);
        return json;
    }

    private static HttpProblem unknown(String name) {
        return HttpProblem.notFound("there is no deployment '" + name + "'");
    }
}
