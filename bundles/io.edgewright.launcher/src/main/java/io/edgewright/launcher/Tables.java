// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import static io.edgewright.launcher.GatewayCommands.text;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Makes tables of what the management API answers. */
final class Tables {

    private Tables() {}

    static Table deployments(JsonArray deployments) {
        var table = new Table(
                "DEPLOYMENT",
                "STATE",
                "MODEL",
                "VERSION",
                "DEVICE",
                "ROLE",
                "REQUESTS",
                "FAILED",
                "P50 MS",
                "P99 MS",
                "MESSAGE");
        for (JsonElement element : deployments) {
            JsonObject deployment = element.getAsJsonObject();
            JsonArray served = deployment.getAsJsonArray("served");
            String name = text(deployment, "name");
            String message = text(deployment, "message");
            if (served == null || served.isEmpty()) {
                table.row(
                        name,
                        text(deployment, "state"),
                        text(deployment, "model"),
                        text(deployment, "versionRule"),
                        "",
                        "",
                        "",
                        "",
                        "",
                        "",
                        message);
                continue;
            }
            boolean first = true;
            for (JsonElement version : served) {
                JsonObject one = version.getAsJsonObject();
                JsonObject statistics = one.has("statistics") ? one.getAsJsonObject("statistics") : new JsonObject();
                table.row(
                        first ? name : "",
                        first ? text(deployment, "state") : "",
                        first ? text(deployment, "model") : "",
                        text(one, "version"),
                        text(one, "accelerator"),
                        text(one, "role").toLowerCase(Locale.ROOT),
                        text(statistics, "successes"),
                        text(statistics, "failed"),
                        millis(statistics, "p50Millis"),
                        millis(statistics, "p99Millis"),
                        about(first ? message : "", one));
                first = false;
            }
        }
        return table;
    }

    /** A line for each tensor, the one that moved most first. */
    static Table drift(JsonArray deployments) {
        var table = new Table("DEPLOYMENT", "MODEL", "STATE", "SAMPLES", "CAPTURED", "TENSOR", "PSI");
        for (JsonElement element : deployments) {
            JsonObject one = element.getAsJsonObject();
            String compared = one.get("compared").getAsBoolean() ? "as before" : "learning";
            String state = one.get("alarm").getAsBoolean() ? "alarm" : compared;
            List<Map.Entry<String, JsonElement>> tensors =
                    new ArrayList<>(one.getAsJsonObject("psi").entrySet());
            tensors.sort(Comparator.comparing(t -> -t.getValue().getAsDouble()));
            table.row(
                    text(one, "deployment"),
                    text(one, "model"),
                    state,
                    text(one, "samples"),
                    text(one, "captured"),
                    tensors.isEmpty() ? "" : tensors.get(0).getKey(),
                    tensors.isEmpty() ? "" : psi(tensors.get(0)));
            tensors.stream().skip(1).forEach(t -> table.row("", "", "", "", "", t.getKey(), psi(t)));
        }
        return table;
    }

    private static String psi(Map.Entry<String, JsonElement> tensor) {
        return String.format(Locale.ROOT, "%.3f", tensor.getValue().getAsDouble());
    }

    /** Which nodes the device took belongs to what is said: the rest is slower than it may look. */
    private static String about(String message, JsonObject served) {
        JsonObject facts = served.has("facts") ? served.getAsJsonObject("facts") : new JsonObject();
        String partition = text(facts, "partition");
        return message.isEmpty() || partition.isEmpty() ? message + partition : message + "; " + partition;
    }

    /** Drivers without a device are told of too: what is missing is what an operator looks for. */
    static Table accelerators(JsonArray accelerators, JsonArray idleDrivers) {
        var table = new Table("ACCELERATOR", "DRIVER", "KIND", "STATE", "FORMATS", "DEPLOYMENTS", "ABOUT");
        for (JsonElement element : accelerators) {
            JsonObject device = element.getAsJsonObject();
            String message = text(device, "message");
            table.row(
                    text(device, "id"),
                    text(device, "driver"),
                    text(device, "kind"),
                    text(device, "state").toLowerCase(Locale.ROOT),
                    words(device.getAsJsonArray("formats")),
                    words(device.getAsJsonArray("deployments")),
                    message.isEmpty() ? text(device, "description") : message);
        }
        for (JsonElement element : idleDrivers) {
            JsonObject idle = element.getAsJsonObject();
            table.row("-", text(idle, "driver"), "-", "no device", "-", "", text(idle, "message"));
        }
        return table;
    }

    static Table models(JsonArray models) {
        var table = new Table("MODEL", "VERSION", "FORMATS", "SIZE", "STORE", "DIGEST");
        for (JsonElement element : models) {
            JsonObject model = element.getAsJsonObject();
            String digest = text(model, "digest");
            long bytes = model.has("sizeBytes") ? model.get("sizeBytes").getAsLong() : 0;
            table.row(
                    text(model, "name"),
                    text(model, "version"),
                    model.has("formats") ? words(model.getAsJsonArray("formats")) : text(model, "format"),
                    size(bytes),
                    text(model, "store"),
                    digest.substring(0, Math.min(12, digest.length())));
        }
        return table;
    }

    static Table configurations(JsonArray types) {
        var table = new Table("PID", "NAME", "SET");
        for (JsonElement element : types) {
            JsonObject type = element.getAsJsonObject();
            JsonArray instances = type.getAsJsonArray("instances");
            if (instances.isEmpty()) {
                table.row(text(type, "pid"), "", type.get("factory").getAsBoolean() ? "(none)" : "(defaults)");
            }
            for (JsonElement instance : instances) {
                JsonObject one = instance.getAsJsonObject();
                List<String> set = new ArrayList<>();
                one.getAsJsonObject("values").asMap().forEach((key, value) -> set.add(key + "=" + plain(value)));
                table.row(text(type, "pid"), text(one, "name"), String.join("  ", set));
            }
        }
        return table;
    }

    static Table settings(JsonObject type) {
        var table = new Table("SETTING", "TYPE", "DEFAULT", "MEANING");
        for (JsonElement element : type.getAsJsonArray("settings")) {
            JsonObject setting = element.getAsJsonObject();
            JsonArray options = setting.getAsJsonArray("options");
            String kind = text(setting, "type") + (setting.get("list").getAsBoolean() ? "..." : "");
            table.row(
                    text(setting, "key"),
                    options.isEmpty() ? kind : words(options).replace(',', '|'),
                    words(setting.getAsJsonArray("default")),
                    text(setting, "description"));
        }
        return table;
    }

    private static String plain(JsonElement value) {
        return value.isJsonPrimitive() ? value.getAsString() : value.toString();
    }

    static Table history(JsonObject json) {
        var table = new Table("TIME", "KIND", "MESSAGE");
        for (JsonElement list : json.asMap().values()) {
            if (list.isJsonArray()) {
                for (JsonElement element : list.getAsJsonArray()) {
                    JsonObject event = element.getAsJsonObject();
                    table.row(text(event, "time"), text(event, "kind"), text(event, "message"));
                }
            }
        }
        return table;
    }

    static String size(long bytes) {
        return bytes < 1024
                ? bytes + " B"
                : bytes < 1 << 20
                        ? "%.1f KiB".formatted(bytes / 1024.0)
                        : "%.1f MiB".formatted(bytes / (double) (1 << 20));
    }

    private static String millis(JsonObject statistics, String key) {
        return statistics.has(key) && !statistics.get(key).isJsonNull()
                ? String.format(Locale.ROOT, "%.2f", statistics.get(key).getAsDouble())
                : "";
    }

    private static String words(JsonArray array) {
        List<String> words = new ArrayList<>();
        if (array != null) {
            array.forEach(e -> words.add(e.getAsString()));
        }
        return String.join(",", words);
    }
}
