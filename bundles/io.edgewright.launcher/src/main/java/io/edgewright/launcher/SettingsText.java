// SPDX-License-Identifier: Apache-2.0
package io.edgewright.launcher;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.math.BigDecimal;
import java.util.List;
import java.util.Map;

/** Turns {@code key=value} words into settings. */
final class SettingsText {

    private enum Type {
        TEXT,
        NUMBER,
        FLAG,
        TEXTS
    }

    /** The settings of {@code io.edgewright.deployment}. */
    private static final Map<String, Type> TYPES = Map.ofEntries(
            Map.entry("model", Type.TEXT),
            Map.entry("version", Type.TEXT),
            Map.entry("version.floor", Type.TEXT),
            Map.entry("accelerators", Type.TEXTS),
            Map.entry("placement", Type.TEXT),
            Map.entry("goal", Type.TEXT),
            Map.entry("instances", Type.NUMBER),
            Map.entry("queue.length", Type.NUMBER),
            Map.entry("batch.max", Type.NUMBER),
            Map.entry("timeout.millis", Type.NUMBER),
            Map.entry("rollout", Type.TEXT),
            Map.entry("canary.percent", Type.NUMBER),
            Map.entry("observe.seconds", Type.NUMBER),
            Map.entry("observe.requests", Type.NUMBER),
            Map.entry("max.error.percent", Type.NUMBER),
            Map.entry("max.latency.ratio", Type.NUMBER),
            Map.entry("max.disagreement.percent", Type.NUMBER),
            Map.entry("agreement.tolerance", Type.NUMBER),
            Map.entry("trusted", Type.FLAG),
            Map.entry("driver.options", Type.TEXTS),
            Map.entry("passes", Type.TEXT),
            Map.entry("calibration", Type.TEXT),
            Map.entry("budget", Type.TEXT),
            Map.entry("gate.agreement.percent", Type.NUMBER),
            Map.entry("gate.loss.points", Type.NUMBER),
            Map.entry("capture.per.second", Type.NUMBER),
            Map.entry("capture.keep", Type.TEXT),
            Map.entry("capture.mib", Type.NUMBER));

    private SettingsText() {}

    /** {@return texts by their keys; a key that is there again makes a list} */
    static JsonObject texts(List<String> words) throws UsageException {
        var settings = new JsonObject();
        for (String word : words) {
            int equals = equals(word);
            String key = word.substring(0, equals);
            var value = new JsonPrimitive(word.substring(equals + 1));
            JsonElement before = settings.get(key);
            if (before == null) {
                settings.add(key, value);
            } else if (before instanceof JsonArray list) {
                list.add(value);
            } else {
                var list = new JsonArray();
                list.add(before);
                list.add(value);
                settings.add(key, list);
            }
        }
        return settings;
    }

    private static int equals(String word) throws UsageException {
        int equals = word.indexOf('=');
        if (equals < 1) {
            throw new UsageException("'" + word + "' is not like key=value");
        }
        return equals;
    }

    /** {@return the settings of a deployment, each of its type} */
    static JsonObject parse(List<String> words) throws UsageException {
        var settings = new JsonObject();
        for (String word : words) {
            int equals = equals(word);
            String key = word.substring(0, equals);
            Type type = TYPES.get(key);
            if (type == null) {
                throw new UsageException(
                        "unknown setting '" + key + "'" + Suggestion.text(key, TYPES.keySet()) + "; expected one of "
                                + TYPES.keySet().stream().sorted().toList());
            }
            settings.add(key, value(key, type, word.substring(equals + 1)));
        }
        return settings;
    }

    private static JsonElement value(String key, Type type, String text) throws UsageException {
        switch (type) {
            case TEXTS -> {
                var array = new JsonArray();
                for (String part : text.split(",")) {
                    if (!part.isBlank()) {
                        array.add(part.strip());
                    }
                }
                return array;
            }
            case FLAG -> {
                if (!text.equals("true") && !text.equals("false")) {
                    throw new UsageException(key + " is '" + text + "', expected true or false");
                }
                return new JsonPrimitive(Boolean.valueOf(text));
            }
            case NUMBER -> {
                try {
                    return new JsonPrimitive(new BigDecimal(text));
                } catch (NumberFormatException e) {
                    throw new UsageException(key + " is '" + text + "', expected a number");
                }
            }
            default -> {
                return new JsonPrimitive(text);
            }
        }
    }
}
