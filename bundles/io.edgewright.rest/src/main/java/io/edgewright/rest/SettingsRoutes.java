// SPDX-License-Identifier: Apache-2.0
package io.edgewright.rest;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import io.edgewright.api.config.Settings;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Everything that can be configured: cameras, applications, folders of models, limits. For administrators, as some
 * settings decide what others may do. Thread-safe.
 */
final class SettingsRoutes {

    private static final String HIDDEN = "********";

    private final Backend backend;

    SettingsRoutes(Backend backend) {
        this.backend = backend;
    }

    void addTo(Router router) {
        String pid = "/api/v1/settings/{pid}";
        String instance = pid + "/{name}";
        router.add("GET", "/api/v1/settings", Role.ADMIN, this::list)
                .add("GET", pid, Role.ADMIN, call -> call.reply(200, json(type(call), true)))
                .add("PUT", pid, Role.ADMIN, call -> put(call, singleton(call), ""))
                .add("DELETE", pid, Role.ADMIN, call -> delete(call, singleton(call), ""))
                .add("PUT", instance, Role.ADMIN, call -> put(call, factory(call), call.parameter("name")))
                .add("DELETE", instance, Role.ADMIN, call -> delete(call, factory(call), call.parameter("name")));
    }

    private void list(Call call) throws IOException, HttpProblem {
        var list = new JsonArray();
        for (SettingTypes.Type type : backend.settingTypes()) {
            list.add(json(type, false));
        }
        call.reply(200, Json.object("settings", list));
    }

    private void put(Call call, SettingTypes.Type type, String name) throws IOException, HttpProblem {
        Map<String, Object> values = parse(type, call.json());
        if (!name.isEmpty() && !values.getOrDefault("name", name).equals(name)) {
            throw HttpProblem.bad("'name' is '" + values.get("name") + "', but the path says '" + name + "'");
        }
        Settings settings = backend.settings();
        Optional<Settings.Entry> existing = settings.find(type.pid(), name);
        try {
            if (existing.isPresent()) {
                settings.update(existing.get().pid(), values);
            } else {
                if (!name.isEmpty() && type.find("name").isPresent()) {
                    values.put("name", name);
                }
                settings.create(type.pid(), name, values);
            }
        } catch (IllegalArgumentException e) {
            throw HttpProblem.bad(String.valueOf(e.getMessage()));
        }
        Settings.Entry stored = settings.find(type.pid(), name)
                .orElseThrow(() -> new HttpProblem(409, "CHANGED", "'" + type.pid() + "' was deleted meanwhile"));
        call.reply(existing.isPresent() ? 200 : 201, instance(type, stored));
    }

    private void delete(Call call, SettingTypes.Type type, String name) throws IOException, HttpProblem {
        Settings settings = backend.settings();
        Settings.Entry entry = settings.find(type.pid(), name)
                .orElseThrow(() -> HttpProblem.notFound(
                        name.isEmpty()
                                ? type.pid() + " has its defaults, there is nothing to delete"
                                : type.pid() + " has no instance '" + name + "'"));
        settings.delete(entry.pid());
        call.replyNothing(204);
    }

    private SettingTypes.Type type(Call call) throws IOException, HttpProblem {
        String pid = call.parameter("pid");
        return backend.settingTypes().stream()
                .filter(t -> t.pid().equals(pid))
                .findFirst()
                .orElseThrow(() -> HttpProblem.notFound(
                        "nothing installed takes settings as '" + pid + "'; /api/v1/settings lists what does"));
    }

    private SettingTypes.Type singleton(Call call) throws IOException, HttpProblem {
        SettingTypes.Type type = type(call);
        if (type.factory()) {
            throw HttpProblem.bad(type.pid() + " has instances, expected /api/v1/settings/" + type.pid() + "/NAME");
        }
        return type;
    }

    private SettingTypes.Type factory(Call call) throws IOException, HttpProblem {
        SettingTypes.Type type = type(call);
        if (!type.factory()) {
            throw HttpProblem.bad(type.pid() + " has no instances, expected /api/v1/settings/" + type.pid());
        }
        return type;
    }

    private static Map<String, Object> parse(SettingTypes.Type type, JsonObject json) throws HttpProblem {
        Json.checkMembers(
                json, type.settings().stream().map(SettingTypes.Setting::key).toList());
        Map<String, Object> values = new HashMap<>();
        for (String key : json.keySet()) {
            values.put(key, SettingValue.parse(type.find(key).orElseThrow(), json.get(key)));
        }
        return values;
    }

    private JsonObject json(SettingTypes.Type type, boolean described) throws IOException, HttpProblem {
        var json = new JsonObject();
        json.addProperty("pid", type.pid());
        json.addProperty("factory", type.factory());
        json.addProperty("title", type.title());
        json.addProperty("description", type.description());
        if (described) {
            json.add("settings", Json.array(type.settings(), SettingsRoutes::setting));
        }
        List<Settings.Entry> entries = backend.settings().list(type.pid());
        json.add("instances", Json.array(entries, entry -> instance(type, entry)));
        return json;
    }

    private static JsonElement setting(SettingTypes.Setting setting) {
        var json = new JsonObject();
        json.addProperty("key", setting.key());
        json.addProperty("title", setting.title());
        json.addProperty("description", setting.description());
        json.addProperty("type", setting.kind().getSimpleName());
        json.addProperty("list", setting.list());
        json.add("default", Json.strings(setting.secret() ? List.of() : setting.defaults()));
        json.add("options", Json.strings(setting.options()));
        return json;
    }

    private static JsonElement instance(SettingTypes.Type type, Settings.Entry entry) {
        var values = new JsonObject();
        new TreeMap<>(entry.values()).forEach((key, value) -> values.add(key, shown(type, key, value)));
        var json = new JsonObject();
        json.addProperty("name", entry.name());
        json.add("values", values);
        return json;
    }

    private static JsonElement shown(SettingTypes.Type type, String key, Object value) {
        boolean secret = type.find(key).map(SettingTypes.Setting::secret).orElse(false);
        return secret ? new JsonPrimitive(HIDDEN) : Json.of(value);
    }
}
